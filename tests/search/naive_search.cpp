#include "naive_search.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include "masala/model/cost.h"
#include "masala/model/latency_model.h"

namespace masala::search {
namespace {

using model::Dim;
using model::kAllDims;
using model::Mapping;

// Every temporal and spatial factor of every dimension, level by level.
class AllMappings {
 public:
  AllMappings(const model::Accelerator& accelerator, const model::Layer& layer)
      : accelerator_(accelerator),
        layer_(layer),
        machine_(model::resolve(accelerator, model::default_hardware(accelerator))) {
    mapping_.num_levels = accelerator.num_levels();
    place(0, 0, false, layer.bounds[kAllDims[0]]);
  }
  // Of orders with the same word counts the first only.
  std::vector<Mapping> take() { return std::move(all_); }

 private:
  bool has_spatial(int level, Dim dim) const {
    for (const model::SpatialDim& spatial : accelerator_.levels[level].spatial) {
      if (spatial.dim == dim) return true;
    }
    return false;
  }

  void place(int dim_number, int level, bool spatial, std::int64_t left) {
    if (dim_number == model::kNumDims) {
      seen_.clear();
      return order(0);
    }
    const Dim dim = kAllDims[dim_number];
    if (level == mapping_.num_levels) {
      if (left != 1) return;
      const int next = dim_number + 1;
      return place(next, 0, false, next < model::kNumDims ? layer_.bounds[kAllDims[next]] : 1);
    }
    const bool outermost = level + 1 == mapping_.num_levels;
    const bool allowed = spatial ? has_spatial(level, dim)
                                 : outermost || accelerator_.levels[level].rules.temporal[dim];
    std::int64_t& factor =
        spatial ? mapping_.levels[level].spatial[dim] : mapping_.levels[level].temporal[dim];
    for (std::int64_t f = 1; f <= left; ++f) {
      if (left % f != 0 || (f > 1 && !allowed)) continue;
      factor = f;
      place(dim_number, spatial ? level + 1 : level, !spatial, left / f);
    }
    factor = 1;
  }

  // Every sequence of the loops with a bound above 1.
  void order(int level) {
    if (level == mapping_.num_levels) {
      if (!model::rule_violations(mapping_, accelerator_).empty()) return;
      const model::Traffic traffic = model::count_traffic(mapping_, layer_, machine_);
      std::vector<std::int64_t> counts;
      for (const auto* actions : {&traffic.reads, &traffic.fills, &traffic.updates}) {
        for (const auto& words : *actions)
          counts.insert(counts.end(), words.values.begin(), words.values.end());
      }
      if (seen_.insert(counts).second) all_.push_back(mapping_);
      return;
    }
    std::vector<Dim> loops;
    std::vector<Dim> others;
    for (Dim dim : kAllDims)
      (mapping_.levels[level].temporal[dim] > 1 ? loops : others).push_back(dim);
    do {
      auto end = std::copy(others.begin(), others.end(), mapping_.levels[level].order.begin());
      std::copy(loops.begin(), loops.end(), end);
      order(level + 1);
    } while (std::next_permutation(loops.begin(), loops.end()));
  }

  const model::Accelerator& accelerator_;
  const model::Layer& layer_;
  model::Machine machine_;
  Mapping mapping_;
  std::set<std::vector<std::int64_t>> seen_;  // counts of the present factors
  std::vector<Mapping> all_;
};

void for_each_hardware(const Problem& problem,
                       const std::function<void(const model::Hardware&)>& visit) {
  const std::vector<std::string> keys = model::hardware_keys(problem.accelerator);
  model::Hardware hardware = model::default_hardware(problem.accelerator);
  const std::function<void(std::size_t)> choose = [&](std::size_t k) {
    if (k == keys.size()) return visit(hardware);
    const model::Range& range = *model::hardware_range(problem.accelerator, keys[k]);
    for (std::int64_t value = range.min; value <= range.max; ++value) {
      if (!range.contains(value)) continue;
      bool allowed = true;
      for (const model::FixedValue& fixed : problem.fixed) {
        if (fixed.key == keys[k]) allowed = fixed.value == static_cast<double>(value);
      }
      if (!allowed) continue;
      model::set_hardware_value(problem.accelerator, hardware, keys[k], static_cast<double>(value));
      choose(k + 1);
    }
  };
  choose(0);
}

// The distinct costs of a layer's mappings that fit.
std::set<std::pair<double, double>> costs_on(const model::Machine& machine,
                                             const Problem& problem,
                                             const model::Layer& layer,
                                             const std::vector<Mapping>& mappings) {
  std::set<std::pair<double, double>> costs;
  for (const Mapping& mapping : mappings) {
    const auto needed = problem.driver_words
                            ? problem.driver_words(mapping, layer, machine)
                            : model::words_needed(mapping, layer, problem.accelerator);
    bool fits = true;
    for (int l = 0; l + 1 < machine.num_levels; ++l) {
      fits = fits && needed[l] <= machine.capacity_words[l];
      for (Dim dim : kAllDims)
        fits = fits && mapping.levels[l].spatial[dim] <= machine.spatial_limit[l][dim];
    }
    const int outermost = machine.num_levels - 1;
    for (Dim dim : kAllDims) {
      fits =
          fits && mapping.levels[outermost].spatial[dim] <= machine.spatial_limit[outermost][dim];
    }
    if (!fits) continue;
    const model::LayerCost cost = model::cost_of(mapping, layer, machine);
    const auto estimate = problem.latency->estimate(mapping, layer, machine, cost);
    costs.insert({cost.energy_pj, estimate.cycles * std::exp(problem.caution * estimate.log_std)});
  }
  return costs;
}

}  // namespace

double naive_optimum(const Problem& problem) {
  std::vector<std::vector<Mapping>> mappings;
  for (const model::Layer& layer : problem.workload.layers)
    mappings.push_back(AllMappings(problem.accelerator, layer).take());
  double best = std::numeric_limits<double>::infinity();
  for_each_hardware(problem, [&](const model::Hardware& hardware) {
    const double area = model::area_mm2(problem.accelerator, hardware);
    if (problem.max_area_mm2 && area > *problem.max_area_mm2) return;
    const model::Machine machine = model::resolve(problem.accelerator, hardware);
    std::set<std::pair<double, double>> sums = {{0.0, 0.0}};
    for (std::size_t i = 0; i < mappings.size(); ++i) {
      const model::Layer& layer = problem.workload.layers[i];
      const auto executions = static_cast<double>(layer.executions());
      std::set<std::pair<double, double>> longer;
      const auto costs = costs_on(machine, problem, layer, mappings[i]);
      for (const auto& [energy, cycles] : sums) {
        for (const auto& [more_energy, more_cycles] : costs)
          longer.insert({energy + executions * more_energy, cycles + executions * more_cycles});
      }
      sums = std::move(longer);
    }
    for (const auto& [energy_pj, cycles] : sums)
      best = std::min(best, value(problem.objective, energy_pj / 1e6, cycles, area));
  });
  return best;
}

}  // namespace masala::search
