// Mappings as headers for the C programs that run on a chip.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "simulator/driver_program.h"

namespace masala::app {

struct NamedProgram {
  std::string layer;
  std::size_t row = 0;  // of the sample, from 1
  simulator::DriverProgram program;
};

// A C header with the tile sizes of the programs as arguments of Gemmini's tiled_conv (in elements)
// and tiled_matmul (in units of the array's width). `identifier` begins the names of its arrays.
std::string tile_header(const std::string& workload,
                        const std::string& identifier,
                        const std::vector<NamedProgram>& programs);

}  // namespace masala::app
