#include "model/batch.h"

#include <cmath>
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

}  // namespace

LayerBatch make_layer_batch(const std::vector<Layer>& layers,
                            const std::vector<std::int64_t>& indices) {
  const auto size = static_cast<std::int64_t>(indices.size());
  LayerBatch batch;
  batch.bounds = torch::empty({kNumDims, size}, real_options());
  Tensor strides = torch::empty({4, size}, real_options());
  auto bounds = batch.bounds.accessor<double, 2>();
  auto stride = strides.accessor<double, 2>();
  for (std::int64_t b = 0; b < size; ++b) {
    const Layer& layer = layers.at(static_cast<std::size_t>(indices[b]));
    for (int d = 0; d < kNumDims; ++d) bounds[d][b] = static_cast<double>(layer.bounds.values[d]);
    stride[0][b] = static_cast<double>(layer.stride_w);
    stride[1][b] = static_cast<double>(layer.stride_h);
    stride[2][b] = static_cast<double>(layer.dilation_w);
    stride[3][b] = static_cast<double>(layer.dilation_h);
  }
  batch.stride_w = strides[0];
  batch.stride_h = strides[1];
  batch.dilation_w = strides[2];
  batch.dilation_h = strides[3];
  batch.macs = batch.bounds.prod(0);
  return batch;
}

MappingBatch make_mapping_batch(const std::vector<Mapping>& mappings) {
  const auto size = static_cast<std::int64_t>(mappings.size());
  const int num_levels = mappings.empty() ? 0 : mappings.front().num_levels;
  MappingBatch batch;
  batch.temporal = torch::empty({num_levels, kNumDims, size}, real_options());
  batch.spatial = torch::empty({num_levels, kNumDims, size}, real_options());
  batch.order = torch::empty({num_levels, kNumDims, size}, torch::kInt64);
  auto temporal = batch.temporal.accessor<double, 3>();
  auto spatial = batch.spatial.accessor<double, 3>();
  auto order = batch.order.accessor<std::int64_t, 3>();
  for (int l = 0; l < num_levels; ++l) {
    batch.loop_levels.push_back(l);
    for (int d = 0; d < kNumDims; ++d) {
      for (std::int64_t b = 0; b < size; ++b) {
        const LevelMapping& level = mappings[static_cast<std::size_t>(b)].levels[l];
        temporal[l][d][b] = static_cast<double>(level.temporal.values[d]);
        spatial[l][d][b] = static_cast<double>(level.spatial.values[d]);
        order[l][d][b] = static_cast<std::int64_t>(level.order[d]);
      }
    }
  }
  return batch;
}

Mapping mapping_at(const MappingBatch& batch, std::int64_t b) {
  Mapping mapping;
  mapping.num_levels = static_cast<int>(batch.temporal.size(0));
  const auto temporal = batch.temporal.accessor<double, 3>();
  const auto spatial = batch.spatial.accessor<double, 3>();
  const auto order = batch.order.accessor<std::int64_t, 3>();
  for (int l = 0; l < mapping.num_levels; ++l) {
    LevelMapping& level = mapping.levels[l];
    for (int d = 0; d < kNumDims; ++d) {
      level.temporal.values[d] = std::llround(temporal[l][d][b]);
      level.spatial.values[d] = std::llround(spatial[l][d][b]);
      level.order[d] = static_cast<Dim>(order[l][d][b]);
    }
  }
  return mapping;
}

HardwareBatch make_hardware_batch(const Accelerator& accelerator,
                                  const std::vector<Hardware>& hardware) {
  const auto size = static_cast<std::int64_t>(hardware.size());
  const auto num_parameters = static_cast<std::int64_t>(accelerator.parameters.size());
  HardwareBatch batch;
  batch.parameters = torch::empty({num_parameters, size}, real_options());
  batch.kib = torch::empty({accelerator.num_levels(), size}, real_options());
  auto parameters = batch.parameters.accessor<double, 2>();
  auto kib = batch.kib.accessor<double, 2>();
  for (std::int64_t b = 0; b < size; ++b) {
    const Hardware& values = hardware[static_cast<std::size_t>(b)];
    for (std::int64_t p = 0; p < num_parameters; ++p) {
      parameters[p][b] = static_cast<double>(values.parameters[static_cast<std::size_t>(p)]);
    }
    for (int l = 0; l < accelerator.num_levels(); ++l) kib[l][b] = values.kib[l];
  }
  return batch;
}

void check_shape(const Tensor& tensor, std::vector<std::int64_t> expected, const char* what) {
  if (tensor.defined() && tensor.sizes().vec() == expected) return;
  const std::string got = tensor.defined() ? shape_text(tensor.sizes().vec()) : "nothing";
  throw std::invalid_argument(std::string(what) + ": expected " + shape_text(expected) + ", got " +
                              got);
}

}  // namespace masala::model
