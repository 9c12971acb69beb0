#include "search/methods/annealing_search.h"

#include <algorithm>

#include "search/methods/sequence_annealing.h"
#include "search/space/hardware_draw.h"
#include "search/tracking.h"

namespace masala::search {
namespace {

struct Plan {
  int chains = 1;
  ChainPlan chain;
};

Plan make_plan(const DiscreteSpace& space, const SearchOptions& options) {
  Plan plan;
  std::int64_t samples = plan.chain.samples;
  if (options.budget > 0) samples = options.budget / static_cast<std::int64_t>(space.num_layers());
  plan.chains = static_cast<int>(std::clamp<std::int64_t>(options.starts, 1, samples));
  plan.chain = chain_plan(options.budget > 0 ? samples / plan.chains : samples);
  return plan;
}

}  // namespace

SearchSummary annealing_search(const Problem& problem,
                               const SearchOptions& options,
                               const Monitor& outer) {
  const model::WatchedMonitor watched(outer);
  const Monitor& monitor = watched.monitor();
  const Clock::time_point began = Clock::now();
  const DiscreteSpace space(problem);
  const Plan plan = make_plan(space, options);
  ProgressTracker tracker(monitor,
                          static_cast<double>(plan.chains) *
                              static_cast<double>(plan.chain.samples) *
                              static_cast<double>(space.num_layers()));
  tracker.set_phase("annealing");
  History history;
  std::optional<DesignState> best;
  for (int chain = 0; chain < plan.chains && !monitor.stop_requested(); ++chain) {
    EvaluationMeter meter;
    Improvements improvements;
    const std::uint64_t seed = random_stream(options.seed, static_cast<std::uint64_t>(chain))();
    SequenceAnnealer annealer(space, seed, options.threads, meter, monitor);
    annealer.on_improvement([&](const DesignState& design) {
      improvements.emplace_back(meter.used, design.objective);
      tracker.found(design.objective);
    });
    annealer.on_progress([&](std::int64_t evaluations) {
      tracker.advance(static_cast<double>(evaluations), evaluations);
    });
    auto start = annealer.random_start();
    if (!start) break;
    DesignState design = annealer.run(std::move(*start), plan.chain);
    history.append(improvements, meter.used);
    if (!best || design.objective < best->objective) best = std::move(design);
  }
  return summarise(problem, best, history, plan.chains, watched, began);
}

}  // namespace masala::search
