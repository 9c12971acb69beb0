#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "simulator/driver_program.h"

namespace masala::cli {

struct NamedProgram {
  std::string layer;
  std::size_t row = 0;  // of the sample, from 1
  simulator::DriverProgram program;
};

// A C header with the tile sizes of the programs as arguments of Gemmini's tiled_conv (in elements)
// and tiled_matmul (in units of the array's width).
std::string tile_header(const std::string& workload, const std::vector<NamedProgram>& programs);

// A name as a C identifier: letters, digits and '_'.
std::string c_identifier(const std::string& name);

}  // namespace masala::cli
