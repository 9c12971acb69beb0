#pragma once

#include <cstdint>
#include <string>

#include "masala/model/monitor.h"

namespace masala::app {

using model::Interrupted;
using model::Monitor;
using model::Progress;

// What every use case is told besides its own request.
struct RunOptions {
  std::string command;     // how the caller would ask for the same again, for provenance
  std::uint64_t seed = 0;  // of everything random
  int threads = 1;         // results do not depend on it
};

}  // namespace masala::app
