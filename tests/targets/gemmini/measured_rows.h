// Rows of the measured traces as model types.
#pragma once

#include <string>

#include "masala/model/layer.h"
#include "masala/model/mapping.h"
#include "support/accelerators.h"
#include "support/builders.h"
#include "support/reference_data.h"
#include "targets/gemmini/program/driver_program.h"

namespace masala::testing {

inline model::Layer layer_of_row(const ReferenceRow& row) {
  model::Layer layer;
  for (model::Dim d : model::kAllDims) {
    layer.bounds[d] = std::stoll(row.at("prob." + std::string(model::name(d))));
  }
  layer.stride_w = std::stoll(row.at("prob.Wstride"));
  layer.stride_h = std::stoll(row.at("prob.Hstride"));
  return layer;
}

inline model::Mapping mapping_of_row(const ReferenceRow& row) {
  return mapping_of(row.at("mapping.mapping"), gemmini());
}

inline gemmini::DriverProgram measured_program_of_row(const ReferenceRow& row) {
  constexpr auto kMeasured = gemmini::ProgramKind::measured;
  const model::Layer layer = layer_of_row(row);
  const model::Mapping mapping = mapping_of_row(row);
  const std::int64_t dim = gemmini::measured_array_dim(mapping, std::stoll(row.at("arch.meshX")));
  return make_program(tiling_of(mapping, layer, kMeasured), layer, dim, kMeasured);
}

}  // namespace masala::testing
