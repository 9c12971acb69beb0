#pragma once

#include <string>

#include "cli/simulate_request.h"

namespace masala::cli {

// masala simulate --traces: every row with simulated cycles, in the order of the table.
int simulate_traces(const SimulateRequest& request, const std::string& path);

}  // namespace masala::cli
