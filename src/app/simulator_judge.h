// The built-in simulator as the judge of designs.
#pragma once

#include <optional>
#include <vector>

#include "masala/app/contender.h"
#include "masala/app/inputs.h"
#include "masala/model/monitor.h"
#include "masala/model/simulator.h"

namespace masala::app {

// Cycles of one execution of one group of every layer, whole ones, under the usual program and
// without the time that a tiler takes. The layers run one after the other, each once: with
// the caches "carry" a layer finds the caches as the layers before it left them, its inputs written
// last, and its further executions (count, groups) are taken to cost the same. nullopt when
// stopped.
// Throws std::invalid_argument, a line per layer, where the driver cannot run a tile. The
// accelerator must be without targets::program_problems().
std::optional<std::vector<double>> simulated_cycles(const Contender& contender,
                                                    const LoadedAccelerator& loaded,
                                                    const model::Workload& workload,
                                                    const model::Simulator& simulator,
                                                    const model::SimulateOptions& options,
                                                    const model::Monitor& monitor = {});

}  // namespace masala::app
