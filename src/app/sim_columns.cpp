#include "app/sim_columns.h"

#include <cmath>

namespace masala::app {
namespace {

std::string integer_cell(double value) {
  return std::to_string(std::llround(value));
}

}  // namespace

const std::vector<std::string>& sim_columns() {
  static const std::vector<std::string> kColumns = {"sim.program",
                                                    "sim.dim",
                                                    "sim.cache",
                                                    "sim.version",
                                                    "sim.busy_load",
                                                    "sim.busy_execute",
                                                    "sim.busy_store"};
  return kColumns;
}

std::vector<std::string> sim_cells(const simulator::DriverProgram& program,
                                   simulator::CacheState cache,
                                   const std::optional<simulator::SimulationResult>& result) {
  std::vector<std::string> cells = {std::string(simulator::name(program.kind)),
                                    std::to_string(program.dim),
                                    std::string(simulator::name(cache)),
                                    std::string(simulator::kSimulatorVersion)};
  cells.resize(sim_columns().size());
  if (!result) return cells;
  cells[4] = integer_cell(result->busy_load);
  cells[5] = integer_cell(result->busy_execute);
  cells[6] = integer_cell(result->busy_store);
  return cells;
}

std::string cycles_cell(const simulator::SimulationResult& result) {
  return integer_cell(result.cycles);
}

}  // namespace masala::app
