#include "search/methods/annealing_search.h"

#include <algorithm>

#include "search/methods/sequence_annealing.h"
#include "search/search_run.h"
#include "search/space/hardware_draw.h"

namespace masala::search {
namespace {

struct AnnealingPlan {
  int chains = 1;
  ChainPlan chain;
};

AnnealingPlan make_plan(const DiscreteSpace& space, const SearchOptions& options) {
  AnnealingPlan plan;
  std::int64_t samples = plan.chain.samples;
  if (options.budget > 0) samples = options.budget / static_cast<std::int64_t>(space.num_layers());
  plan.chains = static_cast<int>(std::clamp<std::int64_t>(options.starts, 1, samples));
  plan.chain = chain_plan(options.budget > 0 ? samples / plan.chains : samples);
  return plan;
}

}  // namespace

SearchSummary annealing_search(const Problem& problem,
                               const SearchOptions& options,
                               const Monitor& monitor) {
  SearchRun run(problem, monitor);
  const AnnealingPlan plan = make_plan(run.space(), options);
  const auto evaluations = static_cast<double>(plan.chains) *
                           static_cast<double>(plan.chain.samples) *
                           static_cast<double>(run.space().num_layers());
  ProgressTracker& tracker = run.track("annealing", evaluations);
  for (int chain = 0; chain < plan.chains && !run.monitor().stop_requested(); ++chain) {
    EvaluationMeter meter;
    Improvements improvements;
    const std::uint64_t seed = random_stream(options.seed, static_cast<std::uint64_t>(chain))();
    SequenceAnnealer annealer(run.space(), seed, options.threads, meter, run.monitor());
    annealer.on_improvement([&](const DesignState& design) {
      improvements.emplace_back(meter.used, design.objective);
      tracker.found(design.objective);
    });
    annealer.on_progress(
        [&](std::int64_t used) { tracker.advance(static_cast<double>(used), used); });
    auto start = annealer.random_start();
    if (!start) break;
    run.keep(annealer.run(std::move(*start), plan.chain));
    run.history().append(improvements, meter.used);
  }
  return run.summary(plan.chains);
}

}  // namespace masala::search
