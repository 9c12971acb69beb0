// The columns that simulate adds to a table besides target.gemmini_cycle, and their cells.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/driver_program.h"
#include "simulator/simulate.h"

namespace masala::app {

const std::vector<std::string>& sim_columns();
// Without a result, the cells that it decides are empty.
std::vector<std::string> sim_cells(const simulator::DriverProgram& program,
                                   simulator::CacheState cache,
                                   const std::optional<simulator::SimulationResult>& result);
std::string cycles_cell(const simulator::SimulationResult& result);

}  // namespace masala::app
