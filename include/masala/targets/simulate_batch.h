// Many simulations over threads, their results in order.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "masala/model/monitor.h"
#include "masala/model/simulator.h"

namespace masala::targets {

// Null where there is nothing to run.
using LayerRuns = std::vector<std::shared_ptr<const model::LayerRun>>;

struct BatchOptions {
  model::SimulateOptions simulate;
  int threads = 1;
  std::size_t first = 0;  // runs before it were done earlier
};

// Called for every run from `first` on, in order and by one thread at a time; without a result
// where there is no run.
using RunFinished = std::function<void(std::size_t, const std::optional<model::SimulationResult>&)>;

// The number of runs that are done, those before `first` included: all, unless the monitor's stop
// is set, which gives up the runs under way. What is done goes to `finished`, so that nothing is
// reported. Results do not depend on the threads. Where the caches carry over, every run takes over
// those of the run before it, so that they run one after the other, those before `first` once more.
std::size_t simulate_batch(const LayerRuns& runs,
                           const model::Simulator& simulator,
                           const BatchOptions& options,
                           const RunFinished& finished,
                           const model::Monitor& monitor = {});

}  // namespace masala::targets
