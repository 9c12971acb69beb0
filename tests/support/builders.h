// Layers, mappings and hardware from literals; they throw std::invalid_argument on a typing error.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::testing {

// "R3 S3 P8 C16": the bounds; dimensions left out are 1.
model::Layer layer_of(std::string_view bounds);

model::Mapping mapping_of(std::string_view text, const model::Accelerator& accelerator);

// Default hardware with some values replaced.
model::Hardware hardware_of(const model::Accelerator& accelerator,
                            std::initializer_list<std::pair<std::string_view, double>> values = {});

}  // namespace masala::testing
