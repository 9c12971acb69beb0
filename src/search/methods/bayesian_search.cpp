#include "search/methods/bayesian_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "masala/model/batch.h"
#include "search/methods/gaussian_process.h"
#include "search/methods/random_mapper.h"
#include "search/search_run.h"
#include "search/space/hardware_cube.h"
#include "search/space/hardware_draw.h"
#include "search/space/hardware_space.h"

namespace masala::search {

using torch::Tensor;

namespace {

constexpr int kDefaultPoints = 100;
constexpr std::int64_t kDefaultMappings = 100;

struct BayesianPlan {
  int points = kDefaultPoints;               // of hardware
  std::int64_t mappings = kDefaultMappings;  // per point and layer
  int random_points = 10;                    // before the first proposal
};

BayesianPlan make_plan(const DiscreteSpace& space, const SearchOptions& options) {
  const auto layers = static_cast<std::int64_t>(space.num_layers());
  constexpr std::int64_t kMostPoints = 300;  // the regression grows with their cube
  const bool is_mapper = free_keys(space.problem()).empty();
  std::int64_t samples = kDefaultPoints * kDefaultMappings;
  if (options.starts > 0) samples = options.starts * kDefaultMappings;
  if (options.budget > 0) samples = options.budget / layers;
  // As many points as mappings of each, like the default.
  std::int64_t points = std::lround(std::sqrt(static_cast<double>(samples)));
  points = options.starts > 0 ? options.starts : std::min(points, kMostPoints);
  BayesianPlan plan;
  plan.points = is_mapper ? 1 : static_cast<int>(std::clamp<std::int64_t>(points, 1, samples));
  plan.mappings = samples / plan.points;
  constexpr int kFewest = 4;
  plan.random_points = std::max(kFewest, plan.points / 10);
  return plan;
}

// The points tried so far, and the one to try next.
class Proposer {
 public:
  Proposer(const DiscreteSpace& space, const Monitor& monitor)
      : space_(space), monitor_(monitor), cube_(space) {}

  void observe(const model::Hardware& hardware, double objective) {
    tried_.push_back(hardware);
    places_.push_back(cube_.place(hardware));
    targets_.push_back(std::log(objective));
  }

  // The usable candidate of greatest expected improvement that was not tried, if there is any, and
  // unless stopped.
  std::optional<model::Hardware> propose(std::mt19937_64& rng) {
    learn();
    const std::vector<model::Hardware> candidates = draw_candidates(rng);
    if (monitor_.stop_requested()) return std::nullopt;
    std::vector<std::vector<double>> places;
    for (const model::Hardware& candidate : candidates) places.push_back(cube_.place(candidate));
    // The targets are noisy: compare with what the best point is believed to be.
    const double best = process_.predict(to_tensor(places_)).mean.min().item<double>();
    const Tensor gain = expected_improvement(process_.predict(to_tensor(places)), best);
    const double* gains = gain.data_ptr<double>();
    std::vector<std::size_t> ranks(candidates.size());
    std::iota(ranks.begin(), ranks.end(), std::size_t{0});
    std::stable_sort(ranks.begin(), ranks.end(), [&](std::size_t a, std::size_t b) {
      return gains[a] > gains[b];
    });
    for (std::size_t rank : ranks) {
      if (!is_tried(candidates[rank]) && is_usable(space_, candidates[rank])) {
        return candidates[rank];
      }
    }
    return std::nullopt;
  }

 private:
  // Lengths and noise change little from one observation to the next.
  void learn() {
    constexpr int kSteps = 40;
    constexpr double kGrowth = 1.1;
    const Tensor inputs = to_tensor(places_);
    const Tensor targets = torch::tensor(targets_, model::real_options());
    if (static_cast<double>(targets_.size()) < kGrowth * static_cast<double>(fitted_)) {
      process_.condition(inputs, targets);
      return;
    }
    process_.fit(inputs, targets, kSteps, monitor_);
    fitted_ = targets_.size();
  }

  // All over the cube, and around the best points at several distances.
  std::vector<model::Hardware> draw_candidates(std::mt19937_64& rng) const {
    constexpr int kGlobal = 1000;
    constexpr int kMostLowered = 100;  // draws whose area is too large
    constexpr int kLocal = 20;         // per point and distance
    constexpr std::size_t kBest = 5;
    constexpr double kDistances[] = {0.2, 0.05};
    const Problem& problem = space_.problem();
    std::vector<model::Hardware> candidates;
    int lowered = 0;
    for (int i = 0; i < kGlobal && !monitor_.stop_requested(); ++i) {
      const model::Hardware drawn = random_hardware(problem.accelerator, problem.fixed, rng);
      if (area_allowed(problem, drawn)) {
        candidates.push_back(drawn);
      } else if (lowered++ < kMostLowered) {
        const auto allowed = shrunk_to_area(problem, free_keys(problem), drawn);
        if (allowed) candidates.push_back(*allowed);
      }
    }
    std::vector<std::size_t> ranks(tried_.size());
    std::iota(ranks.begin(), ranks.end(), std::size_t{0});
    std::stable_sort(ranks.begin(), ranks.end(), [&](std::size_t a, std::size_t b) {
      return targets_[a] < targets_[b];
    });
    ranks.resize(std::min(ranks.size(), kBest));
    for (std::size_t rank : ranks) {
      for (double distance : kDistances) {
        for (int i = 0; i < kLocal && !monitor_.stop_requested(); ++i) {
          const auto near = cube_.neighbour(tried_[rank], distance, rng);
          if (near) candidates.push_back(*near);
        }
      }
    }
    return candidates;
  }

  bool is_tried(const model::Hardware& hardware) const {
    return std::any_of(tried_.begin(), tried_.end(), [&](const model::Hardware& other) {
      return same_hardware(other, hardware);
    });
  }

  Tensor to_tensor(const std::vector<std::vector<double>>& rows) const {
    std::vector<double> flat;
    for (const std::vector<double>& row : rows) flat.insert(flat.end(), row.begin(), row.end());
    return torch::tensor(flat, model::real_options())
        .view({static_cast<std::int64_t>(rows.size()),
               static_cast<std::int64_t>(cube_.num_dimensions())});
  }

  const DiscreteSpace& space_;
  const Monitor& monitor_;
  HardwareCube cube_;
  GaussianProcess process_;
  std::size_t fitted_ = 0;  // observations at the last fit
  std::vector<model::Hardware> tried_;
  std::vector<std::vector<double>> places_;
  std::vector<double> targets_;
};

}  // namespace

SearchSummary bayesian_search(const Problem& problem,
                              const SearchOptions& options,
                              const Monitor& outer) {
  SearchRun run(problem, outer);
  const DiscreteSpace& space = run.space();
  const Monitor& monitor = run.monitor();
  const BayesianPlan plan = make_plan(space, options);
  ProgressTracker& tracker = run.track("hardware points", plan.points);
  Proposer proposer(space, monitor);
  for (int point = 0; point < plan.points && !monitor.stop_requested(); ++point) {
    const auto stream = static_cast<std::uint64_t>(point);
    std::mt19937_64 rng = random_stream(options.seed, stream);
    std::optional<model::Hardware> hardware;
    if (point >= plan.random_points) hardware = proposer.propose(rng);
    if (!hardware && !monitor.stop_requested()) hardware = draw_hardware(space, rng);
    if (!hardware) break;
    EvaluationMeter meter;
    const RandomMapping mapping{plan.mappings, options.seed, stream, options.threads};
    const auto state = map_randomly(space, *hardware, mapping, monitor, meter);
    if (state) {
      proposer.observe(*hardware, state->objective);
      tracker.found(state->objective);
    }
    run.add_task(state, meter.used);
    tracker.advance(1.0, meter.used);
  }
  return run.summary(plan.points);
}

}  // namespace masala::search
