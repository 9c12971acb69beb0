// Many simulations over threads, their results in order.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "model/monitor.h"
#include "simulator/constants.h"
#include "simulator/layer_run.h"
#include "simulator/simulate.h"

namespace masala::simulator {

struct BatchOptions {
  int threads = 1;
  std::size_t first = 0;  // runs before it were done earlier
};

// Called for every run from `first` on, in order and by one thread at a time; without a result
// where there is no run.
using RunFinished = std::function<void(std::size_t, const std::optional<SimulationResult>&)>;

// The number of runs that are done, those before `first` included: all, unless the monitor's stop
// is set, which gives up the runs under way. What is done goes to `finished`, so that nothing is
// reported. Results do not depend on the threads. Runs with CacheState::carry take over the caches
// of the run before them, so that they run one after the other, those before `first` once more.
std::size_t simulate_batch(const std::vector<std::optional<LayerRun>>& runs,
                           const SimulatorConstants& constants,
                           const BatchOptions& options,
                           const RunFinished& finished,
                           const model::Monitor& monitor = {});

}  // namespace masala::simulator
