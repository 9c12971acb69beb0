// Mappings as headers for the C programs that run on a chip.
#pragma once

#include <string>
#include <vector>

#include "masala/model/target.h"

namespace masala::gemmini {

// A C header with the tile sizes of the runs as arguments of Gemmini's tiled_conv (in elements) and
// tiled_matmul (in units of the array's width). `identifier` begins the names of its arrays.
std::string tile_header(const std::string& workload,
                        const std::string& identifier,
                        const std::vector<model::ExportedRun>& runs);

}  // namespace masala::gemmini
