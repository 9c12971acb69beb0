// Cycles of given mappings on the built-in simulator: rows of a table, a design, or a workload as
// the machine's own tiler cuts it. Prepared first, so that everything that cannot run is said at
// once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "masala/app/inputs.h"
#include "masala/app/row_sink.h"
#include "masala/app/run_options.h"
#include "masala/io/csv.h"
#include "masala/io/design_json.h"
#include "masala/model/simulator.h"
#include "masala/targets/simulate_batch.h"

namespace masala::app {

struct SimulateSettings {
  // Of rows that do not state it, of a workload, and in place of a design's values.
  std::vector<model::FixedValue> fixed;
  std::optional<std::string> program;  // of a table: as it says; otherwise the driver's usual one
  std::optional<std::string> cache;    // empty: the usual state
  std::int64_t work_budget = model::SimulateOptions{}.work_budget;
  // Drivers clip the last tile of a loop, so that a mapping may be imperfect.
  model::Factors factors = model::Factors::imperfect;
};

model::SimulateOptions options_of(const SimulateSettings& settings,
                                  const model::RunConditions& conditions);

// ---- Rows ---------------------------------------------------------------------------------------

struct SimulateRowsRequest {
  RunOptions run;
  std::string accelerator;  // built-in name or path
  std::string traces;       // path
  SimulateSettings settings;
  bool skip_invalid = false;
};

struct PreparedRows {
  LoadedAccelerator loaded;
  std::shared_ptr<const model::Simulator> simulator;
  model::RunConditions conditions;
  std::string why;          // the program
  targets::LayerRuns runs;  // one per row; null where it cannot run
  std::size_t valid = 0;
  RowPlan plan;  // the rows of the result without what the simulation adds
  std::size_t cycles_at = 0;
  std::size_t sim_at = 0;  // of the columns that simulate adds
  io::Provenance provenance;
};
// Throws an InputError that lists the rows that cannot run, unless `skip_invalid`.
PreparedRows prepare_rows(const SimulateRowsRequest& request);

struct RowsDone {
  std::size_t rows = 0;     // all, unless stopped
  std::size_t resumed = 0;  // of these, from an earlier run
};
RowsDone simulate_rows(const SimulateRowsRequest& request,
                       const PreparedRows& prepared,
                       RowSink& sink,
                       const Monitor& monitor);

// ---- Networks -----------------------------------------------------------------------------------

struct SimulateNetworkRequest {
  RunOptions run;
  std::optional<std::string> accelerator;  // of a design: the one that it names
  std::string source;                      // a design file; a workload's name or path
  SimulateSettings settings;
};

// A network with one program per layer, and the cycles that a model gives each.
struct PreparedNetwork {
  LoadedAccelerator loaded;
  std::string source;  // path of the design or workload
  std::string title;
  model::Workload workload;
  model::Hardware hardware;
  std::shared_ptr<const model::Simulator> simulator;
  model::RunConditions conditions;
  std::string predicted_by;
  std::vector<model::Mapping> mappings;
  std::vector<double> predicted;
  targets::LayerRuns runs;
};
// Throw an InputError that lists all layers that cannot run.
PreparedNetwork prepare_design(const SimulateNetworkRequest& request);
PreparedNetwork prepare_workload(const SimulateNetworkRequest& request, const Monitor& monitor);

// One per layer, of one execution of one group.
using LayerResults = std::vector<model::SimulationResult>;
// Throws Interrupted when stopped.
LayerResults simulate_network(const SimulateNetworkRequest& request,
                              const PreparedNetwork& network,
                              const Monitor& monitor);

// Of all executions; cycles of a layer are whole.
struct NetworkTotals {
  double cycles = 0.0;
  double predicted = 0.0;
  std::vector<double> busy;  // per unit
};
NetworkTotals totals_of(const PreparedNetwork& network, const LayerResults& results);

// masala.simulate/1
nlohmann::ordered_json network_json(const SimulateNetworkRequest& request,
                                    const PreparedNetwork& network,
                                    const LayerResults& results);
// In the trace format, so that it can be read again.
io::CsvTable network_rows(const PreparedNetwork& network, const LayerResults& results);

// ---- Timeline -----------------------------------------------------------------------------------

struct Timeline {
  std::string chrome_trace;  // JSON: when each tile was loaded, executed and stored
  double cycles = 0.0;
  std::int64_t tiles = 0;
  std::int64_t tiles_shown = 0;
};
// Of one run, which must not be empty. With carried caches those before it are simulated too.
Timeline timeline_of(const targets::LayerRuns& runs,
                     std::size_t chosen,
                     const model::Simulator& simulator,
                     const model::SimulateOptions& options,
                     const Monitor& monitor);

}  // namespace masala::app
