#include "cli/simulate_request.h"

#include <cmath>

#include <fmt/format.h>

#include "io/document.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/text.h"
#include "simulator/layer_run.h"

namespace masala::cli {
namespace {

std::string integer_cell(double value) {
  return std::to_string(std::llround(value));
}

}  // namespace

std::optional<simulator::ProgramKind> program_flag(const Arguments& arguments,
                                                   const std::string& command) {
  const auto text = arguments.text("program");
  if (!text) return std::nullopt;
  if (const auto kind = simulator::program_from_name(*text)) return kind;
  throw UsageError(
      fmt::format("masala {0}: --program: got {1}; expected measured or clean{2}\n"
                  "See: masala {0} --help",
                  command,
                  io::shown(*text),
                  io::did_you_mean(*text, {"measured", "clean"})));
}

std::optional<simulator::CacheState> cache_flag(const Arguments& arguments) {
  const auto text = arguments.choice("cache", {"warm", "inputs", "llc", "cold", "carry"});
  if (!text) return std::nullopt;
  return simulator::cache_from_name(*text);
}

void check_driver(const LoadedAccelerator& loaded, simulator::ProgramKind kind) {
  const std::vector<std::string> wrong = simulator::driver_problems(loaded.accelerator, kind);
  if (wrong.empty()) return;
  const io::Document document = io::parse_yaml(io::read_file(loaded.path), loaded.path);
  io::Problems problems;
  for (const std::string& problem : wrong) {
    const std::size_t colon = problem.find(": ");
    const std::string key = problem.substr(0, colon);
    const io::Location at = io::locate(document, key);
    problems.add(loaded.path, at.line, at.column, key, problem.substr(colon + 2));
  }
  problems.throw_if_any();
}

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

}  // namespace masala::cli
