// The built-in simulator as the judge of designs.
#pragma once

#include <optional>
#include <vector>

#include "compare/contender.h"
#include "model/monitor.h"
#include "simulator/simulate.h"

namespace masala::compare {

// Cycles of one execution of one group of every layer, whole ones, under the clean program and
// without the time that a tiler takes. The layers run one after the other, each once: with
// CacheState::carry a layer finds the caches as the layers before it left them, its inputs written
// last, and its further executions (count, groups) are taken to cost the same. nullopt when
// stopped.
// Throws std::invalid_argument, a line per layer, where the driver cannot run a tile. The
// accelerator must be without simulator::driver_problems().
std::optional<std::vector<double>> simulated_cycles(const Contender& contender,
                                                    const model::Accelerator& accelerator,
                                                    const model::Workload& workload,
                                                    const simulator::SimulateOptions& options,
                                                    const model::Monitor& monitor = {});

}  // namespace masala::compare
