// The columns that simulate adds to a table besides target.gemmini_cycle, and their cells.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "masala/model/measured_row.h"
#include "masala/model/simulator.h"

namespace masala::app {

std::vector<std::string> sim_columns(const model::Simulator& simulator);
// Without a result, the cells that it decides are empty.
std::vector<std::string> sim_cells(const model::Simulator& simulator,
                                   const model::RunConditions& conditions,
                                   const model::LayerRun& run,
                                   const std::optional<model::SimulationResult>& result);
std::string cycles_cell(const model::SimulationResult& result);

}  // namespace masala::app
