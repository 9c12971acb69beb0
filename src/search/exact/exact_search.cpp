#include "search/exact/exact_search.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "model/parallel.h"
#include "search/exact/outlook.h"
#include "search/exact/size_search.h"
#include "search/space/hardware_space.h"
#include "search/tracking.h"

namespace masala::search {
namespace {

// A design and the objective that the search compares.
struct Known {
  Design design;
  double objective = 0.0;
};

class ExactSearch {
 public:
  // With a known design only better ones are looked for.
  ExactSearch(const Problem& problem,
              int threads,
              const Monitor& monitor,
              const std::optional<Known>& known)
      : problem_(problem),
        space_(problem),
        groups_(grouped(problem.workload)),
        threads_(threads),
        monitor_(monitor),
        cutoff_(known ? known->objective : std::numeric_limits<double>::infinity()) {
    if (known) best_ = known->design;
  }

  void run() {
    std::vector<Outlook> all = outlooks(space_, groups_, monitor_);
    if (all.empty() || monitor_.stop_requested()) return;
    ProgressTracker tracker(monitor_, static_cast<double>(all.size()));
    tracker.set_phase("enumeration");
    // The most promising one first: what it yields prunes the others.
    const auto first =
        std::min_element(all.begin(), all.end(), [](const Outlook& a, const Outlook& b) {
          return a.objective < b.objective;
        });
    if (first->objective >= cutoff_) return;
    search_point(*first, tracker);
    all.erase(first);
    search(std::move(all), tracker);
  }

  double least() const { return cutoff_; }
  std::int64_t evaluations() const { return evaluations_; }
  const Improvements& improvements() const { return improvements_; }
  const std::optional<Design>& best() const { return best_; }

 private:
  // Divides the choices of parameters until none of a set can hold a better design.
  void search(std::vector<Outlook> outlooks, ProgressTracker& tracker) {
    const auto is_hopeless = [&](const Outlook& outlook) { return outlook.objective >= cutoff_; };
    outlooks.erase(std::remove_if(outlooks.begin(), outlooks.end(), is_hopeless), outlooks.end());
    if (outlooks.empty() || monitor_.stop_requested()) return;
    if (outlooks.size() == 1) return search_point(outlooks.front(), tracker);
    if (space_.evaluator().is_analytical() &&
        !may_be_better(joined(outlooks, space_, groups_), tracker))
      return;
    const auto middle = outlooks.begin() + static_cast<std::ptrdiff_t>(outlooks.size() / 2);
    std::vector<Outlook> upper(std::make_move_iterator(middle),
                               std::make_move_iterator(outlooks.end()));
    outlooks.erase(middle, outlooks.end());
    search(std::move(upper), tracker);
    search(std::move(outlooks), tracker);
  }

  // Whether some design could beat the best one even at the least costs of all the choices.
  bool may_be_better(const Outlook& outlook, ProgressTracker& tracker) {
    const ParameterPoint point(space_, outlook.choices);
    const std::vector<LayerEnumerator> layers = enumerators(point);
    if (layers.size() < groups_.size()) return false;
    const std::vector<LayerFront> fronts = enumerate(layers, outlook, point, 0.0, tracker);
    return best_sizes(weighted(fronts), point, space_, cutoff_, monitor_).has_value();
  }

  void search_point(const Outlook& outlook, ProgressTracker& tracker) {
    const ParameterPoint point(space_, outlook.choices);
    const std::vector<LayerEnumerator> layers = enumerators(point);
    if (layers.size() < groups_.size()) return;
    const std::vector<LayerFront> fronts = enumerate(layers, outlook, point, 1.0, tracker);
    const auto found = best_sizes(weighted(fronts), point, space_, cutoff_, monitor_);
    if (!found) return;
    cutoff_ = found->objective;
    tracker.found(cutoff_);
    std::vector<model::Mapping> mappings(problem_.workload.layers.size());
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const model::Mapping mapping = layers[g].mapping(fronts[g].key(found->points[g]));
      for (std::size_t member : groups_[g].members) mappings[member] = mapping;
    }
    best_ = make_design(problem_, point.hardware(found->steps), std::move(mappings));
    improvements_.emplace_back(evaluations_, cutoff_);
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
                                    const Outlook& outlook,
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
      const CostFloor floor = outlook.floors[task.group];
      const double executions = groups_[task.group].executions;
      const CostFloor others = {outlook.total.energy_pj - executions * floor.energy_pj,
                                outlook.total.cycles - executions * floor.cycles};
      const Hopeless hopeless = [&](double energy_pj, double cycles) {
        return std::isfinite(cutoff_) && space_.objective(others.energy_pj + executions * energy_pj,
                                                          others.cycles + executions * cycles,
                                                          outlook.area_mm2) >= cutoff_;
      };
      LayerEnumerator::Result& result = results[static_cast<std::size_t>(i)];
      result = layer.run(task.number, floor.energy_pj, hopeless, monitor_);
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

  const Problem& problem_;
  DiscreteSpace space_;
  std::vector<LayerGroup> groups_;
  int threads_;
  const Monitor& monitor_;
  double cutoff_;
  std::optional<Design> best_;
  std::int64_t evaluations_ = 0;
  Improvements improvements_;
};

Known known_design(const Problem& problem, const Design& design) {
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
                           const Monitor& monitor) {
  const auto began = std::chrono::steady_clock::now();
  const model::WatchedMonitor watched(monitor);
  SearchSummary summary;
  History history;
  std::optional<Known> known;
  if (!model::is_roofline(*problem.latency) && !watched.monitor().stop_requested()) {
    // The optimum under the roofline is found at once and saves most estimates.
    Problem simpler = problem;
    simpler.latency = model::roofline();
    ExactSearch search(simpler, options.threads, watched.monitor(), std::nullopt);
    search.run();
    history.append({}, search.evaluations());
    if (search.best()) {
      known = known_design(problem, *search.best());
      history.append({{0, known->objective}}, 0);
    }
  }
  ExactSearch search(problem, options.threads, watched.monitor(), known);
  search.run();
  history.append(search.improvements(), search.evaluations());
  summary.best = search.best();
  summary.starts = 1;
  summary.evaluations = history.evaluations();
  summary.history = history.entries();
  summary.interrupted = watched.cut_short();
  if (summary.best && !summary.interrupted) summary.bound = search.least();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return summary;
}

std::optional<CertifiedGap> certified_gap(const Problem& problem,
                                          const Design& known,
                                          const SearchOptions& options,
                                          const Monitor& monitor) {
  const Known start = known_design(problem, known);
  const model::WatchedMonitor watched(monitor);
  ExactSearch search(problem, options.threads, watched.monitor(), start);
  search.run();
  if (watched.cut_short()) return std::nullopt;
  return CertifiedGap{search.least(), 100.0 * (start.objective / search.least() - 1.0)};
}

}  // namespace masala::search
