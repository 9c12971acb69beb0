#include "search/exact_search.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <sstream>

#include "search/cost_floor.h"
#include "search/hardware_space.h"
#include "search/parallel.h"
#include "search/size_search.h"
#include "search/tracking.h"

namespace masala::search {
namespace {

constexpr double kMostMappings = 4e9;  // over all values of the parameters
constexpr std::size_t kMostParameterPoints = 1 << 16;

// Layers of one shape share everything but how often they run.
struct Group {
  model::Layer layer;
  double executions = 0.0;
  std::vector<std::size_t> members;  // of the workload
};

std::vector<Group> grouped(const model::Workload& workload) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < workload.layers.size(); ++i) {
    const model::Layer& layer = workload.layers[i];
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& candidate) {
      return model::same_shape(candidate.layer, layer);
    });
    if (group == groups.end()) group = groups.insert(groups.end(), {layer, 0.0, {}});
    group->executions += static_cast<double>(layer.executions());
    group->members.push_back(i);
  }
  return groups;
}

model::Hardware smallest_sizes(const Problem& problem,
                               const std::vector<std::int64_t>& parameters) {
  model::Hardware hardware = largest_hardware(problem);
  hardware.parameters = parameters;
  for (const model::Level& level : problem.accelerator.levels) {
    if (!level.is_sized()) continue;
    const std::string key = level.name + "_kib";
    const double least = fixed_value(problem, key).value_or(static_cast<double>(level.kib->min));
    model::set_hardware_value(problem.accelerator, hardware, key, least);
  }
  return hardware;
}

// Bounds from below at one choice of the parameters, or at each of several.
struct Outlook {
  std::vector<ParameterPoint::Parameters> choices;
  std::vector<CostFloor> floors;  // per group, one execution
  double area_mm2 = 0.0;
  double bound = 0.0;  // objective
};

class ExactSearch {
 public:
  ExactSearch(const Problem& problem, int threads, const Monitor& monitor, double cutoff)
      : problem_(problem),
        space_(problem),
        groups_(grouped(problem.workload)),
        threads_(threads),
        monitor_(monitor),
        cutoff_(cutoff) {}

  void run() {
    std::vector<Outlook> outlooks = all_outlooks();
    ProgressTracker tracker(monitor_, static_cast<double>(outlooks.size()));
    tracker.set_phase("enumeration");
    // The most promising one first: what it yields prunes the others.
    const auto first =
        std::min_element(outlooks.begin(), outlooks.end(), [](const Outlook& a, const Outlook& b) {
          return a.bound < b.bound;
        });
    search_point(*first, tracker);
    outlooks.erase(first);
    search(std::move(outlooks), tracker);
  }

  double least() const { return cutoff_; }
  std::int64_t evaluations() const { return history_.evaluations(); }
  const History& history() const { return history_; }
  // Empty where no design is below the cutoff.
  const std::optional<Design>& best() const { return best_; }

 private:
  // One per choice of the parameters, in the order of their values.
  std::vector<Outlook> all_outlooks() const {
    std::vector<Outlook> outlooks;
    const auto grid = parameter_grid(problem_, kMostParameterPoints);
    for (const ParameterPoint::Parameters& parameters : *grid) {
      const model::Hardware hardware = smallest_sizes(problem_, parameters);
      const model::Machine machine = model::resolve(problem_.accelerator, hardware);
      Outlook outlook;
      outlook.choices = {parameters};
      outlook.area_mm2 = model::area_mm2(problem_.accelerator, hardware);
      for (const Group& group : groups_)
        outlook.floors.push_back(cost_floor(group.layer, space_.mapspace(), problem_, machine));
      outlook.bound = bound_of(outlook);
      outlooks.push_back(std::move(outlook));
    }
    return outlooks;
  }

  CostFloor total(const Outlook& outlook) const {
    CostFloor total;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      total.energy_pj += groups_[g].executions * outlook.floors[g].energy_pj;
      total.cycles += groups_[g].executions * outlook.floors[g].cycles;
    }
    return total;
  }

  double bound_of(const Outlook& outlook) const {
    const CostFloor sum = total(outlook);
    return space_.objective(sum.energy_pj, sum.cycles, outlook.area_mm2);
  }

  Outlook joined(const std::vector<Outlook>& outlooks) const {
    Outlook all = outlooks.front();
    for (std::size_t i = 1; i < outlooks.size(); ++i) {
      const Outlook& other = outlooks[i];
      all.choices.push_back(other.choices.front());
      all.area_mm2 = std::min(all.area_mm2, other.area_mm2);
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        all.floors[g].energy_pj = std::min(all.floors[g].energy_pj, other.floors[g].energy_pj);
        all.floors[g].cycles = std::min(all.floors[g].cycles, other.floors[g].cycles);
      }
    }
    all.bound = bound_of(all);
    return all;
  }

  // Divides the choices of parameters until none of a set can hold a better design.
  void search(std::vector<Outlook> outlooks, ProgressTracker& tracker) {
    const auto is_hopeless = [&](const Outlook& outlook) { return outlook.bound >= cutoff_; };
    outlooks.erase(std::remove_if(outlooks.begin(), outlooks.end(), is_hopeless), outlooks.end());
    if (outlooks.empty() || monitor_.stop_requested()) return;
    if (outlooks.size() == 1) return search_point(outlooks.front(), tracker);
    const bool can_bound = !problem_.latency && !problem_.driver_need;
    if (can_bound && !may_be_better(joined(outlooks), tracker)) return;
    const auto middle = outlooks.begin() + static_cast<std::ptrdiff_t>(outlooks.size() / 2);
    std::vector<Outlook> upper(std::make_move_iterator(middle),
                               std::make_move_iterator(outlooks.end()));
    outlooks.erase(middle, outlooks.end());
    search(std::move(upper), tracker);
    search(std::move(outlooks), tracker);
  }

  // Whether some design could beat the best one even at the least costs of all the choices.
  bool may_be_better(const Outlook& outlook, ProgressTracker& tracker) {
    const ParameterPoint point(problem_, outlook.choices);
    const std::vector<LayerEnumerator> layers = enumerators(point);
    const std::vector<LayerFront> fronts = enumerate(layers, outlook, point, 0.0, tracker);
    return best_sizes(weighted(fronts), point, space_, cutoff_, monitor_).has_value();
  }

  void search_point(const Outlook& outlook, ProgressTracker& tracker) {
    const ParameterPoint point(problem_, outlook.choices);
    const std::vector<LayerEnumerator> layers = enumerators(point);
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
    history_.append({{0, cutoff_}}, 0);
  }

  std::vector<LayerEnumerator> enumerators(const ParameterPoint& point) const {
    std::vector<LayerEnumerator> layers;
    layers.reserve(groups_.size());
    for (const Group& group : groups_)
      layers.emplace_back(problem_, space_.mapspace(), point, group.layer);
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
        tasks.size(), {LayerFront(front_width(point.sizes().size())), 0, false});
    const CostFloor all = total(outlook);
    run_parallel(static_cast<int>(tasks.size()), threads_, [&](int i) {
      const Task task = tasks[static_cast<std::size_t>(i)];
      const LayerEnumerator& layer = layers[task.group];
      const CostFloor floor = outlook.floors[task.group];
      const double executions = groups_[task.group].executions;
      const CostFloor others = {all.energy_pj - executions * floor.energy_pj,
                                all.cycles - executions * floor.cycles};
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
    std::int64_t evaluations = 0;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      fronts[tasks[i].group].insert(results[i].front);
      evaluations += results[i].evaluations;
    }
    history_.append({}, evaluations);
    return fronts;
  }

  const Problem& problem_;
  DiscreteSpace space_;
  std::vector<Group> groups_;
  int threads_;
  const Monitor& monitor_;
  double cutoff_;
  std::optional<Design> best_;
  History history_;
};

// Names of sizes with which energy or area falls.
std::vector<std::string> falling_costs(const Problem& problem) {
  std::vector<std::string> out;
  for (const model::Level& level : problem.accelerator.levels) {
    if (!level.is_sized()) continue;
    const std::string key = level.name + "_kib";
    bool falls = level.energy.linear_sram && level.energy.slope_per_kib < 0.0;
    for (const model::AreaTerm& term : problem.accelerator.area) {
      for (const auto& [name, exponent] : term.exponents) {
        falls = falls || (name == key && exponent * term.coefficient_mm2 < 0.0);
      }
    }
    if (falls) out.push_back(key);
  }
  return out;
}

}  // namespace

SearchSummary exact_search(const Problem& problem,
                           const SearchOptions& options,
                           const Monitor& monitor) {
  const auto began = std::chrono::steady_clock::now();
  ExactSearch search(problem, options.threads, monitor, std::numeric_limits<double>::infinity());
  search.run();
  SearchSummary summary;
  summary.best = search.best();
  summary.starts = 1;
  summary.evaluations = search.evaluations();
  summary.history = search.history().entries();
  summary.interrupted = monitor.stop_requested();
  if (summary.best && !summary.interrupted) summary.bound = search.least();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return summary;
}

std::vector<std::string> exact_problems(const Problem& problem, const SearchOptions& options) {
  std::vector<std::string> out;
  if (options.budget != 0) out.emplace_back("--budget: method exact has none; expected no limit");
  for (const std::string& key : falling_costs(problem)) {
    out.push_back("--method exact: energy or area falls as " + key +
                  " grows; expected costs that grow with every size");
  }
  const auto parameters = parameter_grid(problem, kMostParameterPoints);
  double mappings = 0.0;
  if (parameters) {
    const Mapspace mapspace = make_mapspace(problem.accelerator);
    const model::Machine machine = model::resolve(problem.accelerator, largest_hardware(problem));
    for (const Group& group : grouped(problem.workload))
      mappings += FactorSpace(mapspace, group.layer, machine).size();
    mappings *= static_cast<double>(parameters->size());
  }
  if (!parameters || mappings > kMostMappings) {
    std::ostringstream text;
    text.precision(3);
    text << "--method exact: too large: ";
    if (parameters) {
      text << mappings << " mappings over " << parameters->size()
           << " values of the parameters; expected at most " << kMostMappings;
    } else {
      text << "expected at most " << kMostParameterPoints << " values of the parameters";
    }
    text << " (--fix them, or another method)";
    out.push_back(text.str());
  }
  return out;
}

std::optional<double> certified_bound(const Problem& problem,
                                      double known,
                                      const SearchOptions& options,
                                      const Monitor& monitor) {
  ExactSearch search(problem, options.threads, monitor, known);
  search.run();
  if (monitor.stop_requested()) return std::nullopt;
  return search.least();
}

}  // namespace masala::search
