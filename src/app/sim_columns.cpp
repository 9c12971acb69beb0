#include "app/sim_columns.h"

#include <cmath>

namespace masala::app {
namespace {

std::string integer_cell(double value) {
  return std::to_string(std::llround(value));
}

}  // namespace

std::vector<std::string> sim_columns(const model::Simulator& simulator) {
  std::vector<std::string> columns = {"sim.program", "sim.dim", "sim.cache", "sim.version"};
  for (const std::string& unit : simulator.units()) columns.push_back("sim.busy_" + unit);
  return columns;
}

std::vector<std::string> sim_cells(const model::Simulator& simulator,
                                   const model::RunConditions& conditions,
                                   const model::LayerRun& run,
                                   const std::optional<model::SimulationResult>& result) {
  std::vector<std::string> cells = {conditions.program,
                                    std::to_string(run.array_dim()),
                                    conditions.cache,
                                    std::string(simulator.version())};
  for (std::size_t unit = 0; unit < simulator.units().size(); ++unit)
    cells.push_back(result ? integer_cell(result->busy[unit]) : "");
  return cells;
}

std::string cycles_cell(const model::SimulationResult& result) {
  return integer_cell(result.cycles);
}

}  // namespace masala::app
