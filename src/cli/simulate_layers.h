#pragma once

#include <string>

#include "cli/simulate_request.h"

namespace masala::cli {

// masala simulate --design: the design's layers, next to the cycles that its file predicts.
int simulate_design(const SimulateRequest& request, const std::string& path);

// masala simulate --workload: Gemmini's own tiler on the accelerator's default hardware.
int simulate_workload(const SimulateRequest& request, const std::string& name_or_path);

}  // namespace masala::cli
