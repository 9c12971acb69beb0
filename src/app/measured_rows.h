// Tables of measured cycles, read for training or comparison.
#pragma once

#include <optional>
#include <string>

#include "masala/app/inputs.h"
#include "masala/io/trace_csv.h"
#include "masala/learned/training_set.h"

namespace masala::app {

struct MeasuredTable {
  std::string path;
  model::RunConditions conditions;
  std::string why;  // the program
  std::vector<model::MeasuredRow> rows;
  std::vector<learned::DroppedRow> skipped;  // with skip_invalid: bad rows and what is wrong
};

// Every row is checked against the machine that ran it; without `program`, the table says which one
// that was, and without `cache`, what the caches held: warm where it says nothing. Throws an
// InputError that lists bad rows, unless `skip_invalid`.
struct MeasuredTableRequest {
  std::string path;
  std::string target_column;
  std::optional<std::string> program;
  std::optional<std::string> cache;
  std::vector<model::FixedValue> fixed;
  bool skip_invalid = false;
};
MeasuredTable read_measured(const MeasuredTableRequest& request, const LoadedAccelerator& loaded);

// Takes out rows that cannot have run with the driver program, and notes why. Throws an InputError
// that lists them, unless `skip_invalid`.
void check_program(const LoadedAccelerator& loaded,
                   const std::string& program,
                   bool skip_invalid,
                   io::TraceTable& traces);

}  // namespace masala::app
