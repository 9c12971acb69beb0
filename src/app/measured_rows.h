// Tables of measured cycles, read for training or comparison.
#pragma once

#include <optional>
#include <string>

#include "app/inputs.h"
#include "io/trace_csv.h"
#include "learned/training_set.h"
#include "simulator/driver_program.h"

namespace masala::app {

struct MeasuredTable {
  std::string path;
  simulator::ProgramKind program = simulator::ProgramKind::clean;
  std::string why;  // the program
  simulator::CacheState cache = simulator::CacheState::warm;
  std::vector<learned::MeasuredRow> rows;
  std::vector<learned::DroppedRow> skipped;  // with skip_invalid: bad rows and what is wrong
};

// Every row is checked against the machine that ran it; without `program`, the table says which one
// that was, and without `cache`, what the caches held: warm where it says nothing. Throws an
// InputError that lists bad rows, unless `skip_invalid`.
struct MeasuredTableRequest {
  std::string path;
  std::string target_column;
  std::optional<simulator::ProgramKind> program;
  std::optional<simulator::CacheState> cache;
  std::vector<model::FixedValue> fixed;
  bool skip_invalid = false;
};
MeasuredTable read_measured(const MeasuredTableRequest& request, const LoadedAccelerator& loaded);

// Takes out rows that cannot have run with the driver program, and notes why. Throws an InputError
// that lists them, unless `skip_invalid`.
void check_program(const model::Accelerator& accelerator,
                   simulator::ProgramKind program,
                   bool skip_invalid,
                   io::TraceTable& traces);

// Sizes in place of a table's own, in checks of its mappings: those of the machine that was
// measured.
std::vector<model::FixedValue> measured_sizes(const model::Accelerator& accelerator,
                                              simulator::ProgramKind program);

}  // namespace masala::app
