// Simulated layers of a network as a table for people, as JSON and as a trace table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/provenance.h"
#include "cli/simulate_request.h"
#include "io/csv.h"
#include "model/layer.h"
#include "model/mapping.h"
#include "simulator/layer_run.h"

namespace masala::cli {

// A network with one program per layer, and the cycles that a model gives each.
struct Network {
  LoadedAccelerator loaded;
  std::string source;  // the design or workload file
  std::string title;   // of the table
  model::Workload workload;
  model::Hardware hardware;
  simulator::ProgramKind kind = simulator::ProgramKind::clean;
  std::string predicted_by;
  std::vector<model::Mapping> mappings;
  std::vector<double> predicted;
  std::vector<std::optional<simulator::LayerRun>> runs;
};

using LayerResults = std::vector<simulator::SimulationResult>;  // one per layer

std::string network_text(const SimulateRequest& request,
                         const Network& network,
                         const LayerResults& results);
// masala.simulate/1
nlohmann::ordered_json network_json(const SimulateRequest& request,
                                    const Network& network,
                                    const LayerResults& results);
// In the trace format, so that it can be read again.
io::CsvTable network_table(const SimulateRequest& request,
                           const Network& network,
                           const LayerResults& results);

}  // namespace masala::cli
