#include "search/methods/random_search.h"

#include <algorithm>

#include "masala/model/parallel.h"
#include "search/methods/random_mapper.h"
#include "search/search_run.h"
#include "search/space/hardware_draw.h"
#include "search/space/hardware_space.h"

namespace masala::search {
namespace {

constexpr int kDefaultPoints = 10;
constexpr std::int64_t kDefaultMappings = 1000;

struct RandomPlan {
  int points = kDefaultPoints;               // of hardware
  std::int64_t mappings = kDefaultMappings;  // per point and layer
};

RandomPlan make_plan(const DiscreteSpace& space, const SearchOptions& options) {
  const auto layers = static_cast<std::int64_t>(space.num_layers());
  // All values fixed: one point, so that each layer keeps the best of all its mappings.
  const bool is_mapper = free_keys(space.problem()).empty();
  RandomPlan plan;
  if (options.starts > 0) plan.points = options.starts;
  if (options.budget == 0) {
    if (!is_mapper) return plan;
    return {1, plan.points * plan.mappings};
  }
  constexpr std::int64_t kMostPoints = 1 << 16;  // beyond, more mappings per point
  const std::int64_t most = is_mapper ? 1 : std::min(kMostPoints, options.budget / layers);
  const std::int64_t samples = options.budget / layers;
  // Fewer mappings before fewer points.
  constexpr std::int64_t kFewestMappings = 100;
  const std::int64_t wanted =
      options.starts > 0
          ? options.starts
          : std::max(samples / kDefaultMappings,
                     std::min<std::int64_t>(kDefaultPoints, samples / kFewestMappings));
  plan.points = static_cast<int>(std::clamp<std::int64_t>(wanted, 1, most));
  plan.mappings = options.budget / plan.points / layers;
  return plan;
}

}  // namespace

SearchSummary random_search(const Problem& problem,
                            const SearchOptions& options,
                            const Monitor& monitor) {
  SearchRun run(problem, monitor);
  const DiscreteSpace& space = run.space();
  const RandomPlan plan = make_plan(space, options);
  ProgressTracker& tracker = run.track("random hardware", plan.points);

  struct Result {
    std::optional<DesignState> state;  // empty when stopped, or without hardware
    EvaluationMeter meter;
  };
  std::vector<Result> results(static_cast<std::size_t>(plan.points));
  model::run_parallel(plan.points, options.threads, [&](int point) {
    if (run.monitor().stop_requested()) return;
    Result& result = results[static_cast<std::size_t>(point)];
    const auto stream = static_cast<std::uint64_t>(point);
    std::mt19937_64 rng = random_stream(options.seed, stream);
    if (const auto hardware = draw_hardware(space, rng)) {
      const int threads = plan.points == 1 ? options.threads : 1;
      const RandomMapping mapping{plan.mappings, options.seed, stream, threads};
      result.state = map_randomly(space, *hardware, mapping, run.monitor(), result.meter);
    }
    if (result.state) tracker.found(result.state->objective);
    tracker.advance(1.0, result.meter.used);
  });
  for (const Result& result : results) run.add_task(result.state, result.meter.used);
  return run.summary(plan.points);
}

}  // namespace masala::search
