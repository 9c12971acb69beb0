#include "search/random_search.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "search/design_state.h"
#include "search/parallel.h"
#include "search/tracking.h"

namespace masala::search {
namespace {

constexpr int kDefaultHardwarePoints = 10;
constexpr int kMappingsPerLayer = 1000;
constexpr int kTriesPerMapping = 200;  // draws that do not fit are not costed

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
    const auto value = random_value(*model::hardware_range(accelerator, key), rng);
    model::set_hardware_value(accelerator, hardware, key, static_cast<double>(value));
  }
  for (const model::FixedValue& fixed : problem.fixed) {
    model::set_hardware_value(accelerator, hardware, fixed.key, fixed.value);
  }
  return hardware;
}

struct PointResult {
  std::optional<DesignState> state;
  EvaluationMeter meter;
};

// Keeps, per layer, the best of the drawn mappings by the product of its own energy and cycles (as
// the objective weighs them): layers are independent draws.
void search_point(const DiscreteSpace& space,
                  std::uint64_t seed,
                  int point,
                  const Monitor& monitor,
                  PointResult& result) {
  std::seed_seq sequence{seed, static_cast<std::uint64_t>(point)};
  std::mt19937_64 rng(sequence);
  const model::Hardware hardware = random_hardware(space.problem(), rng);
  const double area = model::area_mm2(space.problem().accelerator, hardware);
  if (!space.area_allowed(area)) return;
  const model::Machine machine = model::resolve(space.problem().accelerator, hardware);
  std::vector<LayerPoint> layers;
  for (std::size_t i = 0; i < space.num_layers(); ++i) {
    std::optional<LayerPoint> best;
    double best_value = 0.0;
    for (int n = 0, tries = 0;
         n < kMappingsPerLayer && tries < kMappingsPerLayer * kTriesPerMapping;
         ++tries) {
      if (result.meter.exhausted() || monitor.stop_requested()) return;
      const model::Mapping mapping = random_mapping(space.mapspace(), space.layer(i), machine, rng);
      if (!space.fits(mapping, i, machine)) continue;
      ++n;
      const LayerPoint candidate = space.cost(mapping, i, machine, result.meter);
      const double value = space.objective(candidate.energy_pj, candidate.cycles, area);
      if (!best || value < best_value) {
        best = candidate;
        best_value = value;
      }
    }
    if (!best) return;
    layers.push_back(*best);
  }
  // The totals follow from the mappings just costed: no further evaluation.
  EvaluationMeter uncounted;
  result.state = space.make_state(hardware, std::move(layers), uncounted);
}

}  // namespace

SearchSummary random_search(const Problem& problem,
                            const SearchOptions& options,
                            const Monitor& monitor) {
  const auto began = std::chrono::steady_clock::now();
  const DiscreteSpace space(problem);
  const std::int64_t per_point = kMappingsPerLayer * static_cast<std::int64_t>(space.num_layers());
  int points = options.starts > 0 ? options.starts : kDefaultHardwarePoints;
  if (options.budget > 0) points = static_cast<int>((options.budget + per_point - 1) / per_point);
  ProgressTracker tracker(monitor, points);
  tracker.set_phase("random hardware");

  std::vector<PointResult> results(static_cast<std::size_t>(points));
  run_parallel(points, options.threads, [&](int point) {
    PointResult& result = results[static_cast<std::size_t>(point)];
    if (options.budget > 0) {
      result.meter.limit = std::min(per_point, options.budget - point * per_point);
    }
    search_point(space, options.seed, point, monitor, result);
    if (result.state) tracker.found(result.state->objective);
    tracker.advance(1.0, result.meter.used);
  });

  SearchSummary summary;
  History history;
  const DesignState* best = nullptr;
  for (const PointResult& result : results) {
    Improvements improvements;
    if (result.state && std::isfinite(result.state->objective)) {
      improvements.emplace_back(result.meter.used, result.state->objective);
      if (best == nullptr || result.state->objective < best->objective) best = &*result.state;
    }
    history.append(improvements, result.meter.used);
  }
  if (best != nullptr) summary.best = make_design(problem, best->hardware, mappings_of(*best));
  summary.starts = points;
  summary.evaluations = history.evaluations();
  summary.history = history.entries();
  summary.interrupted = monitor.stop_requested();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return summary;
}

}  // namespace masala::search
