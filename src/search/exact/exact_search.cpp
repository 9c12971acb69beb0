#include "search/exact/exact_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "masala/model/parallel.h"
#include "search/exact/lower_bounds.h"
#include "search/exact/size_search.h"
#include "search/search_run.h"
#include "search/space/hardware_space.h"

namespace masala::search {
namespace {

// The best design known, and the objective that the search compares.
struct Incumbent {
  std::optional<Design> design;
  double objective = std::numeric_limits<double>::infinity();
};

class ExactSearch {
 public:
  // Only designs better than the incumbent are looked for.
  ExactSearch(const Problem& problem, int threads, const Monitor& monitor, Incumbent incumbent)
      : space_(problem),
        groups_(grouped(problem.workload)),
        threads_(threads),
        monitor_(monitor),
        incumbent_(std::move(incumbent)) {}

  void run() {
    std::vector<ParameterBound> all = parameter_bounds(space_, groups_, monitor_);
    if (all.empty() || monitor_.stop_requested()) return;
    ProgressTracker tracker(monitor_, static_cast<double>(all.size()));
    tracker.set_phase("enumeration");
    // The most promising one first: what it yields prunes the others.
    const auto first = std::min_element(
        all.begin(), all.end(), [](const ParameterBound& a, const ParameterBound& b) {
          return a.objective < b.objective;
        });
    if (first->objective >= incumbent_.objective) return;
    search_point(*first, tracker);
    all.erase(first);
    search(std::move(all), tracker);
  }

  std::int64_t evaluations() const { return evaluations_; }
  const Improvements& improvements() const { return improvements_; }
  const Incumbent& incumbent() const { return incumbent_; }

 private:
  // Divides the choices of parameters until none of a set can hold a better design.
  void search(std::vector<ParameterBound> bounds, ProgressTracker& tracker) {
    const auto is_pruned = [&](const ParameterBound& bound) {
      return bound.objective >= incumbent_.objective;
    };
    bounds.erase(std::remove_if(bounds.begin(), bounds.end(), is_pruned), bounds.end());
    if (bounds.empty() || monitor_.stop_requested()) return;
    if (bounds.size() == 1) return search_point(bounds.front(), tracker);
    if (space_.evaluator().is_analytical() &&
        !may_be_better(joint_bound(bounds, space_, groups_), tracker))
      return;
    const auto middle = bounds.begin() + static_cast<std::ptrdiff_t>(bounds.size() / 2);
    std::vector<ParameterBound> upper(std::make_move_iterator(middle),
                                      std::make_move_iterator(bounds.end()));
    bounds.erase(middle, bounds.end());
    search(std::move(upper), tracker);
    search(std::move(bounds), tracker);
  }

  // Whether some design could beat the best one even at the least costs of all the choices.
  bool may_be_better(const ParameterBound& bound, ProgressTracker& tracker) {
    const ParameterPoint point(space_, bound.choices);
    const std::vector<LayerEnumerator> layers = enumerators(point);
    if (layers.size() < groups_.size()) return false;
    const std::vector<LayerFront> fronts = enumerate(layers, bound, point, 0.0, tracker);
    return best_sizes(weighted(fronts), point, space_, incumbent_.objective, monitor_).has_value();
  }

  void search_point(const ParameterBound& bound, ProgressTracker& tracker) {
    const ParameterPoint point(space_, bound.choices);
    const std::vector<LayerEnumerator> layers = enumerators(point);
    if (layers.size() < groups_.size()) return;
    const std::vector<LayerFront> fronts = enumerate(layers, bound, point, 1.0, tracker);
    const auto found = best_sizes(weighted(fronts), point, space_, incumbent_.objective, monitor_);
    if (!found) return;
    incumbent_.objective = found->objective;
    tracker.found(incumbent_.objective);
    std::vector<model::Mapping> mappings(space_.num_layers());
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const model::Mapping mapping = layers[g].mapping(fronts[g].key(found->points[g]));
      for (std::size_t member : groups_[g].members) mappings[member] = mapping;
    }
    incumbent_.design =
        make_design(space_.problem(), point.hardware(found->steps), std::move(mappings));
    improvements_.emplace_back(evaluations_, incumbent_.objective);
  }

  // One per group; fewer once stopped.
  std::vector<LayerEnumerator> enumerators(const ParameterPoint& point) const {
    std::vector<LayerEnumerator> layers;
    layers.reserve(groups_.size());
    for (const LayerGroup& group : groups_) {
      if (monitor_.stop_requested()) break;
      layers.emplace_back(space_, point, group.layer);
    }
    return layers;
  }

  std::vector<WeightedFront> weighted(const std::vector<LayerFront>& fronts) const {
    std::vector<WeightedFront> weighted;
    for (std::size_t g = 0; g < groups_.size(); ++g)
      weighted.push_back({&fronts[g], groups_[g].executions});
    return weighted;
  }

  // One front per group; `work` of the search's progress.
  std::vector<LayerFront> enumerate(const std::vector<LayerEnumerator>& layers,
                                    const ParameterBound& bound,
                                    const ParameterPoint& point,
                                    double work,
                                    ProgressTracker& tracker) {
    struct Task {
      std::size_t group;
      int number;
    };
    std::vector<Task> tasks;
    double mappings = 0.0;
    for (std::size_t g = 0; g < layers.size(); ++g) {
      mappings += layers[g].factors().size();
      for (int t = 0; t < layers[g].factors().num_tasks(); ++t) tasks.push_back({g, t});
    }
    std::vector<LayerEnumerator::Result> results(
        tasks.size(), {LayerFront(front_width(point.sizes().size())), 0});
    model::run_parallel(static_cast<int>(tasks.size()), threads_, [&](int i) {
      const Task task = tasks[static_cast<std::size_t>(i)];
      const LayerEnumerator& layer = layers[task.group];
      const CostBound least = bound.layers[task.group];
      const double executions = groups_[task.group].executions;
      const CostBound others = {bound.total.energy_pj - executions * least.energy_pj,
                                bound.total.cycles - executions * least.cycles};
      const PruneTest prunes = [&](double energy_pj, double cycles) {
        return std::isfinite(incumbent_.objective) &&
               space_.objective(others.energy_pj + executions * energy_pj,
                                others.cycles + executions * cycles,
                                bound.area_mm2) >= incumbent_.objective;
      };
      LayerEnumerator::Result& result = results[static_cast<std::size_t>(i)];
      result = layer.run(task.number, least.energy_pj, prunes, monitor_);
      const double share = layer.factors().size() / layer.factors().num_tasks() / mappings;
      tracker.advance(work * share, result.evaluations);
    });
    std::vector<LayerFront> fronts(layers.size(), LayerFront(front_width(point.sizes().size())));
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      LayerFront& front = fronts[tasks[i].group];
      evaluations_ += results[i].evaluations;
      // Fronts of millions take long to join. Once stopped, some point of every layer is enough.
      if (front.size() == 0 || !monitor_.stop_requested()) front.insert(results[i].front);
    }
    return fronts;
  }

  DiscreteSpace space_;
  std::vector<LayerGroup> groups_;
  int threads_;
  const Monitor& monitor_;
  Incumbent incumbent_;
  std::int64_t evaluations_ = 0;
  Improvements improvements_;
};

Incumbent incumbent_of(const Problem& problem, const Design& design) {
  std::vector<CostedMapping> layers;
  for (const model::Mapping& mapping : design.mappings) layers.push_back({mapping, 0.0, 0.0});
  EvaluationMeter meter;
  const DesignState state =
      DiscreteSpace(problem).make_state(design.hardware, std::move(layers), meter);
  return {make_design(problem, design.hardware, design.mappings), state.objective};
}

}  // namespace

SearchSummary exact_search(const Problem& problem,
                           const SearchOptions& options,
                           const Monitor& outer) {
  SearchRun run(problem, outer);
  const Monitor& monitor = run.monitor();
  Incumbent incumbent;
  if (!model::is_roofline(*problem.latency) && !monitor.stop_requested()) {
    // The optimum under the roofline is found at once and saves most estimates.
    Problem simpler = problem;
    simpler.latency = model::roofline();
    ExactSearch search(simpler, options.threads, monitor, {});
    search.run();
    run.history().append({}, search.evaluations());
    if (search.incumbent().design) {
      incumbent = incumbent_of(problem, *search.incumbent().design);
      run.history().append({{0, incumbent.objective}}, 0);
    }
  }
  ExactSearch search(problem, options.threads, monitor, std::move(incumbent));
  search.run();
  run.history().append(search.improvements(), search.evaluations());
  SearchSummary summary = run.summary(1);
  summary.best = search.incumbent().design;
  if (summary.best && !summary.interrupted) summary.bound = search.incumbent().objective;
  return summary;
}

std::optional<CertifiedGap> certified_gap(const Problem& problem,
                                          const Design& known,
                                          const SearchOptions& options,
                                          const Monitor& monitor) {
  const Incumbent start = incumbent_of(problem, known);
  const model::WatchedMonitor watched(monitor);
  ExactSearch search(problem, options.threads, watched.monitor(), start);
  search.run();
  if (watched.cut_short()) return std::nullopt;
  const double bound = search.incumbent().objective;
  return CertifiedGap{bound, 100.0 * (start.objective / bound - 1.0)};
}

}  // namespace masala::search
