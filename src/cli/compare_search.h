// The designs that `masala compare` puts side by side.
#pragma once

#include <atomic>
#include <optional>

#include "cli/compare_request.h"
#include "compare/comparison.h"

namespace masala::cli {

// Gemmini's own tiler and a found design per latency model, for every workload, not judged yet.
// Every design is written to --output as soon as it is there; with --resume, those that the same
// search has written before are taken from there. nullopt when stopped.
std::optional<compare::Comparison> find_designs(const CompareRequest& request,
                                                const std::atomic<bool>& stop);

}  // namespace masala::cli
