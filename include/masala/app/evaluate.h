// Scoring given mappings: rows of a table, or a design.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "masala/app/inputs.h"
#include "masala/app/latency.h"
#include "masala/app/run_options.h"
#include "masala/io/csv.h"
#include "masala/io/design_json.h"
#include "masala/learned/metrics.h"

namespace masala::app {

// ---- Rows ---------------------------------------------------------------------------------------

struct EvaluateRowsRequest {
  RunOptions run;
  std::string accelerator;  // built-in name or path
  std::string traces;       // path
  LatencyChoice latency;
  std::optional<std::string> program;    // empty: as the table says
  std::optional<std::string> cache;      // empty: as the table says, or the model's own
  std::vector<model::FixedValue> fixed;  // of rows that do not state it
  model::Factors factors = model::Factors::perfect;
  bool skip_invalid = false;
  std::optional<std::string> against;  // a column of measured cycles
};

// How well the predictions agree with measured cycles. Repeats are scored by their geometric mean;
// artefacts of the measured program are left out.
struct Agreement {
  learned::Metrics metrics;
  std::size_t dropped = 0;   // artefacts
  std::size_t repeats = 0;   // rows merged into others
  std::size_t in_range = 0;  // rows where the model does not extrapolate
};

struct EvaluateRowsResult {
  io::CsvTable rows;  // the table with the columns masala.*
  std::size_t valid = 0;
  LoadedLatency latency;
  std::string program;
  std::string why;  // the program; empty where the accelerator has no driver
  std::optional<Agreement> agreement;
  io::Provenance provenance;
};

// Throws an InputError that lists bad rows, unless `skip_invalid`; Interrupted when stopped.
EvaluateRowsResult evaluate_rows(const EvaluateRowsRequest& request, const Monitor& monitor);

// masala.agreement/1
nlohmann::ordered_json agreement_json(const Agreement& agreement,
                                      const std::string& column,
                                      const std::string& tier);

// ---- Designs ------------------------------------------------------------------------------------

struct EvaluateDesignRequest {
  RunOptions run;
  std::string design;                      // path
  std::optional<std::string> accelerator;  // empty: the one that the design names
  std::optional<LatencyChoice> latency;    // empty: the design's own
  std::vector<model::FixedValue> fixed;    // in place of the design's values
  model::Factors factors = model::Factors::perfect;
};

struct EvaluateDesignResult {
  model::Accelerator accelerator;
  io::DesignFile design;  // scored anew; its search record is kept
};
// Warns of what is not as when the design was found.
EvaluateDesignResult evaluate_design(const EvaluateDesignRequest& request, const Monitor& monitor);

}  // namespace masala::app
