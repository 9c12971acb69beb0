// Mappings with measured cycles, and under which conditions they were measured.
#pragma once

#include <cstddef>
#include <string>

#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::model {

struct MeasuredRow {
  std::size_t line = 0;  // in its file
  Layer layer;
  Mapping mapping;
  Hardware hardware;
  double cycles = 0.0;
};

// How cycles came about: names that the accelerator's Target knows.
struct RunConditions {
  std::string program;  // that drove the machine
  std::string cache;    // what the caches held when the cycles began to count
};

}  // namespace masala::model
