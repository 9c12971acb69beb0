#include "masala/model/batch.h"

#include <iterator>
#include <sstream>
#include <stdexcept>

namespace masala::model {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::ostringstream out;
  out << '[';
  for (std::size_t i = 0; i < shape.size(); ++i) out << (i == 0 ? "" : ",") << shape[i];
  out << ']';
  return out.str();
}

// [rows,B] with value(row, b).
template <class Value>
Tensor tabulate(std::int64_t rows,
                std::size_t size,
                const torch::TensorOptions& options,
                const Value& value) {
  Tensor table = torch::empty({rows, static_cast<std::int64_t>(size)}, real_options());
  double* next = table.data_ptr<double>();
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::size_t b = 0; b < size; ++b) *next++ = static_cast<double>(value(row, b));
  }
  return table.to(options);
}

}  // namespace

LayerBatch make_layer_batch(const std::vector<Layer>& layers,
                            const std::vector<std::int64_t>& indices,
                            const torch::TensorOptions& options) {
  const auto layer = [&](std::size_t b) -> const Layer& {
    return layers.at(static_cast<std::size_t>(indices[b]));
  };
  LayerBatch batch;
  batch.bounds = tabulate(kNumDims, indices.size(), options, [&](auto dim, auto b) {
    return layer(b).bounds.values[dim];
  });
  constexpr std::int64_t Layer::*kStrides[] = {
      &Layer::stride_w, &Layer::stride_h, &Layer::dilation_w, &Layer::dilation_h};
  const Tensor strides =
      tabulate(std::size(kStrides), indices.size(), options, [&](auto i, auto b) {
        return layer(b).*kStrides[i];
      });
  batch.stride_w = strides[0];
  batch.stride_h = strides[1];
  batch.dilation_w = strides[2];
  batch.dilation_h = strides[3];
  batch.macs = batch.bounds.prod(0);
  return batch;
}

MappingBatch make_mapping_batch(const std::vector<Mapping>& mappings,
                                const torch::TensorOptions& options) {
  const int num_levels = mappings.empty() ? 0 : mappings.front().num_levels;
  // [L,D,B] with value(factors of the level, d).
  const auto per_level = [&](const torch::TensorOptions& as, const auto& value) {
    const auto at = [&](auto row, auto b) {
      return value(mappings[b].levels[row / kNumDims], row % kNumDims);
    };
    return tabulate(num_levels * kNumDims, mappings.size(), as, at)
        .view({num_levels, kNumDims, static_cast<std::int64_t>(mappings.size())});
  };
  MappingBatch batch;
  batch.temporal = per_level(options, [](auto& level, auto d) { return level.temporal.values[d]; });
  batch.spatial = per_level(options, [](auto& level, auto d) { return level.spatial.values[d]; });
  batch.order = per_level(options.dtype(torch::kInt64),
                          [](auto& level, auto d) { return static_cast<int>(level.order[d]); });
  for (int l = 0; l < num_levels; ++l) batch.loop_levels.push_back(l);
  return batch;
}

HardwareBatch make_hardware_batch(const Accelerator& accelerator,
                                  const std::vector<Hardware>& hardware,
                                  const torch::TensorOptions& options) {
  const auto num_parameters = static_cast<std::int64_t>(accelerator.parameters.size());
  return {tabulate(num_parameters,
                   hardware.size(),
                   options,
                   [&](auto p, auto b) { return hardware[b].parameters[p]; }),
          tabulate(accelerator.num_levels(), hardware.size(), options, [&](auto l, auto b) {
            return hardware[b].kib[l];
          })};
}

void check_shape(const Tensor& tensor, std::vector<std::int64_t> expected, const char* what) {
  if (tensor.defined() && tensor.sizes().vec() == expected) return;
  const std::string got = tensor.defined() ? shape_text(tensor.sizes().vec()) : "nothing";
  throw std::invalid_argument(std::string(what) + ": expected " + shape_text(expected) + ", got " +
                              got);
}

}  // namespace masala::model
