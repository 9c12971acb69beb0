#include "search/exact/layer_front.h"

#include <array>
#include <cmath>

namespace masala::search {

using model::Dim;
using model::kAllDims;

namespace {

double unrolled(const model::Mapping& mapping) {
  std::int64_t product = 1;
  for (int l = 0; l < mapping.num_levels; ++l) {
    for (std::int64_t factor : mapping.levels[l].spatial.values) product *= factor;
  }
  return static_cast<double>(product);
}

}  // namespace

struct LayerEnumerator::Run {
  const PruneTest& prunes;
  Result result;
  std::array<std::size_t, model::kMaxLevels> steps{};
};

CandidateOrders needed_orders(const model::Evaluator& evaluator) {
  return evaluator.is_analytical() ? CandidateOrders::undominated : CandidateOrders::all;
}

LayerEnumerator::LayerEnumerator(const DiscreteSpace& space,
                                 const ParameterPoint& point,
                                 const model::Layer& layer)
    : evaluator_(space.evaluator()),
      point_(point),
      layer_(layer),
      factors_(space.mapspace(), layer, point.largest()),
      orders_(
          space.problem().accelerator, space.mapspace(), layer, needed_orders(space.evaluator())) {}

model::Mapping LayerEnumerator::mapping(const MappingKey& key) const {
  model::Mapping mapping = factors_.mapping(key.splits);
  model::Mapping found;
  std::uint32_t order = 0;
  orders_.for_each(mapping, [&] {
    if (order++ == key.order) found = mapping;
  });
  return found;
}

// Adds the mapping to the front. An estimate of its cycles may be slow: it is asked for only where
// the lower bound neither prunes the mapping nor is dominated.
void LayerEnumerator::cost(const model::Mapping& mapping, const MappingKey& key, Run& run) const {
  const std::size_t num_sizes = point_.sizes().size();
  const model::LayerCost roofline = model::cost_of(mapping, layer_, point_.largest());
  ++run.result.evaluations;
  const SizedCost cost = point_.sized_cost(
      roofline, lower_bound_cycles(static_cast<double>(roofline.compute_cycles), roofline.cycles));
  std::array<double, 2 * model::kMaxLevels + 2> coordinates{};
  double least_energy_pj = cost.pj_at_zero_kib;
  for (std::size_t s = 0; s < num_sizes; ++s) {
    coordinates[s] = static_cast<double>(run.steps[s]);
    coordinates[num_sizes + 2 + s] = cost.pj_per_kib[s];
    least_energy_pj += cost.pj_per_kib[s] * point_.sizes()[s].kib[run.steps[s]];
  }
  coordinates[num_sizes] = cost.cycles;
  coordinates[num_sizes + 1] = cost.pj_at_zero_kib;
  if (run.prunes(least_energy_pj, cost.cycles)) return;
  if (run.result.front.covers(coordinates.data())) return;
  const double cycles = evaluator_.cycles(mapping, layer_, point_.largest(), roofline);
  if (cycles > cost.cycles) {
    coordinates[num_sizes] = cycles;
    if (run.prunes(least_energy_pj, cycles)) return;
    if (run.result.front.covers(coordinates.data())) return;
  }
  run.result.front.add(coordinates.data(), key);
}

double LayerEnumerator::lower_bound_cycles(double compute_cycles, double roofline_cycles) const {
  return evaluator_.lower_bound_cycles(layer_, point_.largest(), compute_cycles, roofline_cycles);
}

LayerEnumerator::Result LayerEnumerator::run(int task,
                                             double least_energy_pj,
                                             const PruneTest& prunes,
                                             const Monitor& monitor) const {
  Run run{prunes, {LayerFront(front_width(point_.sizes().size())), 0}, {}};
  const auto keep = [&](const model::Mapping& mapping, bool unrolled_finally) {
    monitor.throw_if_stopped();
    if (!point_.may_fit(mapping, layer_)) return false;
    if (!unrolled_finally) return true;
    const double cycles = std::floor(static_cast<double>(layer_.macs()) / unrolled(mapping));
    return !prunes(least_energy_pj, lower_bound_cycles(cycles, cycles));
  };
  const auto visit = [&](model::Mapping& mapping, const FactorSpace::Splits& splits) {
    if (!evaluator_.has_driver() && !point_.needed_steps(mapping, layer_, run.steps.data())) return;
    MappingKey key{splits, 0};
    orders_.for_each(mapping, [&] {
      monitor.throw_if_stopped();
      if (!evaluator_.has_driver() || point_.needed_steps(mapping, layer_, run.steps.data()))
        cost(mapping, key, run);
      ++key.order;
    });
  };
  try {
    factors_.for_each(task, keep, visit);
  } catch (const model::Interrupted&) {
    // What was found so far may still make a design.
  }
  return std::move(run.result);
}

}  // namespace masala::search
