#include "search/random_search.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "search/hardware_space.h"
#include "search/parallel.h"
#include "search/refinement.h"
#include "search/tracking.h"

namespace masala::search {
namespace {

constexpr int kDefaultPoints = 10;
constexpr std::int64_t kDefaultMappings = 1000;
constexpr int kTriesPerMapping = 200;  // draws that do not fit are not costed
constexpr int kTriesPerHardware = 1000;

struct Plan {
  int points = kDefaultPoints;               // of hardware
  std::int64_t mappings = kDefaultMappings;  // per point and layer
};

Plan make_plan(const SearchOptions& options, std::int64_t layers) {
  Plan plan;
  if (options.starts > 0) plan.points = options.starts;
  if (options.budget == 0) return plan;
  constexpr std::int64_t kMostPoints = 1 << 16;  // beyond, more mappings per point
  const std::int64_t most = std::min(kMostPoints, options.budget / layers);
  const std::int64_t wanted =
      options.starts > 0 ? options.starts : options.budget / (kDefaultMappings * layers);
  plan.points = static_cast<int>(std::clamp<std::int64_t>(wanted, 1, most));
  plan.mappings = options.budget / plan.points / layers;
  return plan;
}

// Uniform in the logarithm over the range, on its grid.
std::int64_t random_value(const model::Range& range, std::mt19937_64& rng) {
  const double low = std::log(static_cast<double>(range.min));
  const double high = std::log(static_cast<double>(range.max));
  const double draw = std::exp(low + random_unit(rng) * (high - low));
  return range.round_up(std::floor(draw)).value_or(range.max);
}

model::Hardware random_hardware(const Problem& problem, std::mt19937_64& rng) {
  const model::Accelerator& accelerator = problem.accelerator;
  model::Hardware hardware = model::default_hardware(accelerator);
  for (const std::string& key : model::hardware_keys(accelerator)) {
    const auto value =
        static_cast<double>(random_value(*model::hardware_range(accelerator, key), rng));
    model::set_hardware_value(
        accelerator, hardware, key, fixed_value(problem, key).value_or(value));
  }
  return hardware;
}

bool runs_every_layer(const DiscreteSpace& space, const model::Machine& machine) {
  const std::vector<LayerPoint> smallest = space.smallest_tiles();
  for (std::size_t i = 0; i < smallest.size(); ++i) {
    if (!space.fits(smallest[i].mapping, i, machine)) return false;
  }
  return true;
}

// Draws until the area is allowed and the smallest tiles fit. Where that is too rare, the smallest
// hardware that runs the workload; nullopt where not even that is allowed.
std::optional<model::Hardware> draw_hardware(const DiscreteSpace& space, std::mt19937_64& rng) {
  const Problem& problem = space.problem();
  for (int tries = 0; tries < kTriesPerHardware; ++tries) {
    const model::Hardware hardware = random_hardware(problem, rng);
    if (!area_allowed(problem, hardware)) continue;
    if (runs_every_layer(space, model::resolve(problem.accelerator, hardware))) return hardware;
  }
  const auto smallest = space.hardware_for(space.smallest_tiles());
  return smallest && area_allowed(problem, *smallest) ? smallest : std::nullopt;
}

// A drawn hardware point and the best of the mappings drawn for it.
class PointSearch {
 public:
  PointSearch(const DiscreteSpace& space, const Monitor& monitor)
      : space_(space), monitor_(monitor), refiner_(space, meter_, monitor) {}

  void run(std::uint64_t seed, int point, std::int64_t mappings) {
    std::seed_seq sequence{seed, static_cast<std::uint64_t>(point)};
    std::mt19937_64 rng(sequence);
    const auto hardware = draw_hardware(space_, rng);
    if (!hardware) return;
    machine_ = model::resolve(space_.problem().accelerator, *hardware);
    area_mm2_ = model::area_mm2(space_.problem().accelerator, *hardware);
    std::vector<LayerPoint> layers;
    for (std::size_t i = 0; i < space_.num_layers(); ++i) {
      const auto best = best_draw(i, mappings, rng);
      if (!best) return;
      layers.push_back(*best);
    }
    // The totals follow from the mappings just costed: no further evaluation.
    EvaluationMeter uncounted;
    state_ = space_.make_state(*hardware, std::move(layers), uncounted);
  }

  const std::optional<DesignState>& state() const { return state_; }  // see Result
  std::int64_t evaluations() const { return meter_.used; }

 private:
  // By the layer's own energy and cycles, as the objective weighs them: layers are independent
  // draws.
  std::optional<LayerPoint> best_draw(std::size_t layer,
                                      std::int64_t mappings,
                                      std::mt19937_64& rng) {
    std::optional<LayerPoint> best;
    double best_value = 0.0;
    for (std::int64_t n = 0; n < mappings; ++n) {
      if (monitor_.stop_requested()) return std::nullopt;
      const LayerPoint drawn = space_.cost(draw_mapping(layer, rng), layer, machine_, meter_);
      const double value = space_.objective(drawn.energy_pj, drawn.cycles, area_mm2_);
      if (best && value >= best_value) continue;
      best = drawn;
      best_value = value;
    }
    return best;
  }

  // Draws until one fits. Where that is too rare, factors of the last one move outwards.
  model::Mapping draw_mapping(std::size_t layer, std::mt19937_64& rng) const {
    model::Mapping mapping;
    for (int tries = 0; tries < kTriesPerMapping; ++tries) {
      mapping = random_mapping(space_.mapspace(), space_.layer(layer), machine_, rng);
      if (space_.fits(mapping, layer, machine_)) return mapping;
    }
    refiner_.fit_layer(mapping, layer, machine_);
    return mapping;
  }

  const DiscreteSpace& space_;
  const Monitor& monitor_;
  EvaluationMeter meter_;
  Refiner refiner_;
  model::Machine machine_;
  double area_mm2_ = 0.0;
  std::optional<DesignState> state_;
};

}  // namespace

SearchSummary random_search(const Problem& problem,
                            const SearchOptions& options,
                            const Monitor& monitor) {
  const auto began = std::chrono::steady_clock::now();
  const DiscreteSpace space(problem);
  const Plan plan = make_plan(options, static_cast<std::int64_t>(space.num_layers()));
  ProgressTracker tracker(monitor, plan.points);
  tracker.set_phase("random hardware");

  struct Result {
    std::optional<DesignState> state;  // empty when stopped, or without hardware
    std::int64_t evaluations = 0;
  };
  std::vector<Result> results(static_cast<std::size_t>(plan.points));
  run_parallel(plan.points, options.threads, [&](int point) {
    PointSearch search(space, monitor);
    search.run(options.seed, point, plan.mappings);
    results[static_cast<std::size_t>(point)] = {search.state(), search.evaluations()};
    if (search.state()) tracker.found(search.state()->objective);
    tracker.advance(1.0, search.evaluations());
  });

  SearchSummary summary;
  History history;
  const DesignState* best = nullptr;
  for (const Result& result : results) {
    Improvements improvements;
    if (result.state) {
      improvements.emplace_back(result.evaluations, result.state->objective);
      if (best == nullptr || result.state->objective < best->objective) best = &*result.state;
    }
    history.append(improvements, result.evaluations);
  }
  if (best != nullptr) summary.best = make_design(problem, best->hardware, mappings_of(*best));
  summary.starts = plan.points;
  summary.evaluations = history.evaluations();
  summary.history = history.entries();
  summary.interrupted = monitor.stop_requested();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return summary;
}

}  // namespace masala::search
