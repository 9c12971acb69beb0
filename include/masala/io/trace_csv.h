// Trace tables: one mapping of one layer per row, perhaps with measured cycles (docs/formats.md).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "masala/io/csv.h"
#include "masala/io/field_description.h"
#include "masala/model/accelerator.h"
#include "masala/model/cost.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::io {

struct TraceRow {
  std::size_t line = 0;
  model::Layer layer;  // without a name
  model::Hardware hardware;
  model::Mapping mapping;
  std::optional<double> measured_cycles;
};

struct TraceOptions {
  // Hardware values of rows that do not state them.
  std::vector<model::FixedValue> fixed;
  // Values that stand in for the row's in the check that its mapping fits, where a table was
  // measured on other sizes than its columns say. They do not change TraceRow::hardware.
  std::vector<model::FixedValue> checked_with;
  // Imperfect: also mappings whose factors multiply to more than a bound (docs/model.md).
  model::Factors factors = model::Factors::perfect;
  bool skip_invalid = false;
  // Column of measured cycles that every row must have.
  std::optional<std::string> target_column;
};

struct TraceTable {
  CsvTable csv;                               // everything as read
  std::vector<std::optional<TraceRow>> rows;  // nullopt: invalid, only with skip_invalid
  std::vector<std::string> notes;             // why a row is invalid; empty for valid ones

  std::size_t num_valid() const;
};

TraceTable read_traces(const std::string& path,
                       const model::Accelerator& accelerator,
                       const TraceOptions& options = {});
TraceTable parse_traces(CsvTable csv,
                        const model::Accelerator& accelerator,
                        const TraceOptions& options = {});

// The columns that say what a row is; <parameter>, <level> and <l> stand for those of an
// accelerator.
std::vector<FieldDescription> describe_traces();

}  // namespace masala::io
