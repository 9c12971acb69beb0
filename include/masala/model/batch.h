// The only place where value types become tensors.
//
// Axis letters of every tensor function of the model:
//   B  batch: mappings of any layers on any hardware, e.g. starts x layers x orders, flattened
//   L  memory levels, inner to outer       D  the seven dimensions, in the order of Dim
//   J  temporal loops, outer to inner      H  hardware parameters
// The batch axis is last, so that every operation runs over contiguous memory. Every tensor has the
// device and the type of the inputs it is computed from; in float64, the default, word and MAC
// counts up to 2^53 are exact.
#pragma once

#include <torch/types.h>

#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::model {

using torch::Tensor;

// What batches are made of unless asked otherwise: float64 on the CPU.
inline torch::TensorOptions real_options() {
  return torch::TensorOptions(torch::kFloat64);
}

// Constants of the layer of each batch element; no gradients.
struct LayerBatch {
  Tensor bounds;      // [D,B]
  Tensor stride_w;    // [B]
  Tensor stride_h;    // [B]
  Tensor dilation_w;  // [B]
  Tensor dilation_h;  // [B]
  Tensor macs;        // [B]

  std::int64_t size() const { return macs.size(0); }
};

// `indices` names the layer of each batch element.
LayerBatch make_layer_batch(const std::vector<Layer>& layers,
                            const std::vector<std::int64_t>& indices,
                            const torch::TensorOptions& options = real_options());

struct MappingBatch {
  Tensor temporal;  // [L,D,B] factors >= 1, differentiable
  Tensor spatial;   // [L,D,B] factors >= 1, differentiable; 1 for dimensions not declared spatial
  Tensor order;     // [L,D,B] int64: the dimensions of a level's loops, outer to inner
  // Levels that may have loops, inner to outer. The others must have temporal factors of 1; leaving
  // them out saves work.
  std::vector<int> loop_levels;
};

MappingBatch make_mapping_batch(const std::vector<Mapping>& mappings,
                                const torch::TensorOptions& options = real_options());

// Hardware values of each batch element, differentiable.
struct HardwareBatch {
  Tensor parameters;  // [H,B]
  Tensor kib;         // [L,B]; 0 where a level is not sized
};

HardwareBatch make_hardware_batch(const Accelerator& accelerator,
                                  const std::vector<Hardware>& hardware,
                                  const torch::TensorOptions& options = real_options());

// Throws std::invalid_argument, "temporal: expected [4,7,12], got [3,7,12]".
void check_shape(const Tensor& tensor, std::vector<std::int64_t> expected, const char* what);

}  // namespace masala::model
