#include "search/layer_front.h"

#include <array>

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
  const Hopeless& hopeless;
  Result result;
  std::array<std::size_t, model::kMaxLevels> steps{};
};

ExactOrders needed_orders(const Problem& problem) {
  return problem.latency || problem.driver_need ? ExactOrders::candidates
                                                : ExactOrders::undominated;
}

LayerEnumerator::LayerEnumerator(const Problem& problem,
                                 const Mapspace& mapspace,
                                 const ParameterPoint& point,
                                 const model::Layer& layer)
    : point_(point),
      layer_(layer),
      needs_depend_on_order_(static_cast<bool>(problem.driver_need)),
      cycles_are_estimates_(problem.latency != nullptr),
      factors_(mapspace, layer, point.largest()),
      orders_(problem.accelerator, mapspace, layer, needed_orders(problem)) {}

model::Mapping LayerEnumerator::mapping(const MappingKey& key) const {
  model::Mapping mapping = factors_.mapping(key.splits);
  model::Mapping found;
  std::uint32_t order = 0;
  orders_.for_each(mapping, [&] {
    if (order++ == key.order) found = mapping;
  });
  return found;
}

// Adds the mapping to the front. An estimate of its cycles may be slow: only where even the bound
// from below does not settle the matter.
void LayerEnumerator::cost(const model::Mapping& mapping, const MappingKey& key, Run& run) const {
  const std::size_t num_sizes = point_.sizes().size();
  const model::LayerCost roofline = point_.roofline(mapping, layer_);
  ++run.result.evaluations;
  SizedCost cost = point_.sized_cost(roofline, point_.least_cycles(layer_, roofline));
  std::array<double, 2 * model::kMaxLevels + 2> coordinates{};
  double least_energy_pj = cost.pj_at_zero_kib;
  for (std::size_t s = 0; s < num_sizes; ++s) {
    coordinates[s] = static_cast<double>(run.steps[s]);
    coordinates[num_sizes + 2 + s] = cost.pj_per_kib[s];
    least_energy_pj += cost.pj_per_kib[s] * point_.sizes()[s].kib[run.steps[s]];
  }
  coordinates[num_sizes] = cost.cycles;
  coordinates[num_sizes + 1] = cost.pj_at_zero_kib;
  if (run.hopeless(least_energy_pj, cost.cycles)) return;
  if (cycles_are_estimates_) {
    if (run.result.front.covers(coordinates.data())) return;
    coordinates[num_sizes] = point_.cycles(mapping, layer_, roofline);
    if (run.hopeless(least_energy_pj, coordinates[num_sizes])) return;
  }
  run.result.front.insert(coordinates.data(), key);
}

LayerEnumerator::Result LayerEnumerator::run(int task,
                                             double least_energy_pj,
                                             const Hopeless& hopeless,
                                             const Monitor& monitor) const {
  Run run{hopeless, {LayerFront(front_width(point_.sizes().size())), 0}, {}};
  const auto keep = [&](const model::Mapping& mapping, bool unrolled_finally) {
    monitor.throw_if_stopped();
    if (!point_.may_fit(mapping, layer_)) return false;
    if (!unrolled_finally) return true;
    model::LayerCost bound;
    bound.compute_cycles =
        static_cast<std::int64_t>(static_cast<double>(layer_.macs()) / unrolled(mapping));
    bound.cycles = static_cast<double>(bound.compute_cycles);
    return !hopeless(least_energy_pj, point_.least_cycles(layer_, bound));
  };
  const auto visit = [&](model::Mapping& mapping, const FactorSpace::Splits& splits) {
    if (!needs_depend_on_order_ && !point_.needed_steps(mapping, layer_, run.steps.data())) return;
    MappingKey key{splits, 0};
    orders_.for_each(mapping, [&] {
      monitor.throw_if_stopped();
      if (!needs_depend_on_order_ || point_.needed_steps(mapping, layer_, run.steps.data()))
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
