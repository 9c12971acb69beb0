// What `masala simulate` and `masala sample` were asked for, and the accelerator as a machine that
// can be simulated.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/provenance.h"
#include "model/cost.h"
#include "simulator/constants.h"
#include "simulator/driver_program.h"
#include "simulator/simulate.h"

namespace masala::cli {

struct SimulateRequest {
  Words command;  // for provenance
  CommonFlags flags;
  std::optional<std::string> accelerator;
  std::vector<model::FixedValue> fixed;
  std::optional<simulator::ProgramKind> program;
  simulator::SimulateOptions options;
  bool skip_invalid = false;
  bool resume = false;
  std::optional<std::string> timeline;
  std::optional<std::size_t> row;  // from 1: of the timeline
};

// "--program": nullopt where it is not given.
std::optional<simulator::ProgramKind> program_flag(const Arguments& arguments,
                                                   const std::string& command);

// "--cache": nullopt where it is not given.
std::optional<simulator::CacheState> cache_flag(const Arguments& arguments);

// Throws an InputError, with the places in the file, where the program cannot be simulated.
void check_driver(const LoadedAccelerator& loaded, simulator::ProgramKind kind);

// The columns that simulate adds besides target.gemmini_cycle, and their cells.
inline constexpr const char* kCyclesColumn = "target.gemmini_cycle";
const std::vector<std::string>& sim_columns();
// Without a result, the cells that it decides are empty.
std::vector<std::string> sim_cells(const simulator::DriverProgram& program,
                                   simulator::CacheState cache,
                                   const std::optional<simulator::SimulationResult>& result);
std::string cycles_cell(const simulator::SimulationResult& result);

}  // namespace masala::cli
