#pragma once

#include <optional>
#include <vector>

#include "cli/simulate_request.h"
#include "model/accelerator.h"
#include "simulator/layer_run.h"

namespace masala::cli {

// masala simulate --timeline: simulates the run of the request's row (the only one, where it names
// none) and writes when each tile was loaded, executed and stored, as a Chrome trace.
int write_timeline(const SimulateRequest& request,
                   const model::Accelerator& accelerator,
                   const std::vector<std::optional<simulator::LayerRun>>& runs);

}  // namespace masala::cli
