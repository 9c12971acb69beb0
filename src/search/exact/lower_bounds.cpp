#include "search/exact/lower_bounds.h"

#include <algorithm>

#include "search/space/hardware_space.h"

namespace masala::search {
namespace {

using model::Dim;
using model::kAllDims;
using model::kAllOperands;
using model::Operand;

// Sums and quotients of doubles may round either way.
constexpr double kRounding = 1.0 - 1e-12;

// The largest product of spatial factors of `dim` at levels up to `through`: each slot a divisor
// of the bound within its limit, together at most the bound.
double largest_unrolling(const model::Layer& layer,
                         const Mapspace& mapspace,
                         const model::Machine& machine,
                         Dim dim,
                         int through) {
  double product = 1.0;
  for (FactorSlot slot : mapspace.slots[dim]) {
    if (!slot.spatial || slot.level > through) continue;
    std::int64_t best = 1;
    for (std::int64_t factor : divisors(layer.bounds[dim])) {
      if (factor <= machine.spatial_limit[slot.level][dim]) best = factor;
    }
    product *= static_cast<double>(best);
  }
  return std::min(product, static_cast<double>(layer.bounds[dim]));
}

// Words of an operand that its outer levels cannot but move. For inputs only what no coinciding
// move saves: rows and columns count where the filter is one word wide there.
double compulsory_words(const model::Layer& layer, Operand operand) {
  const auto bound = [&](Dim dim) { return static_cast<double>(layer.bounds[dim]); };
  double words = 1.0;
  for (Dim dim : kAllDims) {
    if (!model::is_indexed_by(operand, dim)) continue;
    const bool along_w = dim == Dim::P || dim == Dim::R;
    const bool along_h = dim == Dim::Q || dim == Dim::S;
    if (operand == Operand::inputs && along_w && layer.bounds[Dim::R] > 1) continue;
    if (operand == Operand::inputs && along_h && layer.bounds[Dim::S] > 1) continue;
    words *= bound(dim);
  }
  return words;
}

// Accesses of the MACs to the innermost level that keeps the operand.
double least_mac_accesses(const model::Layer& layer,
                          const Mapspace& mapspace,
                          const model::Machine& machine,
                          Operand operand) {
  double sharing = 1.0;
  for (Dim dim : kAllDims) {
    if (model::is_indexed_by(operand, dim)) continue;
    sharing *= largest_unrolling(layer, mapspace, machine, dim, machine.innermost[operand]);
  }
  return static_cast<double>(layer.macs()) / sharing;
}

model::Hardware smallest_sizes(const Problem& problem,
                               const ParameterPoint::Parameters& parameters) {
  model::Hardware hardware = largest_hardware(problem);
  hardware.parameters = parameters;
  for (int l = 0; l < problem.accelerator.num_levels(); ++l) {
    const model::Level& level = problem.accelerator.levels[l];
    if (!level.is_sized()) continue;
    hardware.kib[l] =
        fixed_value(problem, level.name + "_kib").value_or(static_cast<double>(level.kib->min));
  }
  return hardware;
}

void sum_up(ParameterBound& bound,
            const DiscreteSpace& space,
            const std::vector<LayerGroup>& groups) {
  bound.total = {};
  for (std::size_t g = 0; g < groups.size(); ++g) {
    bound.total.energy_pj += groups[g].executions * bound.layers[g].energy_pj;
    bound.total.cycles += groups[g].executions * bound.layers[g].cycles;
  }
  bound.objective = space.objective(bound.total.energy_pj, bound.total.cycles, bound.area_mm2);
}

}  // namespace

CostBound lower_bound(const model::Layer& layer,
                      const DiscreteSpace& space,
                      const model::Machine& smallest) {
  const Mapspace& mapspace = space.mapspace();
  double unrolled = 1.0;
  for (Dim dim : kAllDims)
    unrolled *= largest_unrolling(layer, mapspace, smallest, dim, smallest.num_levels);
  const double compute_cycles = static_cast<double>(layer.macs()) / unrolled;
  const int outermost = smallest.num_levels - 1;
  CostBound bound;
  bound.energy_pj = static_cast<double>(layer.macs()) * smallest.mac_energy_pj;
  double outermost_words = 0.0;
  for (Operand operand : kAllOperands) {
    for (int l = 0; l < smallest.num_levels; ++l) {
      if (!smallest.keeps[l][operand]) continue;
      const double moved = compulsory_words(layer, operand);
      const double served = l == smallest.innermost[operand]
                                ? least_mac_accesses(layer, mapspace, smallest, operand)
                                : moved;
      const double filled = l == outermost ? 0.0 : moved;
      bound.energy_pj += (served + filled) / smallest.block_words[l] * smallest.block_energy_pj[l];
      if (l == outermost) outermost_words += served;
    }
  }
  bound.cycles = compute_cycles;
  const double bandwidth = smallest.bandwidth_words_per_cycle[outermost];
  if (bandwidth > 0.0) bound.cycles = std::max(bound.cycles, outermost_words / bandwidth);
  bound.cycles =
      space.evaluator().lower_bound_cycles(layer, smallest, compute_cycles, bound.cycles);
  bound.energy_pj *= kRounding;
  bound.cycles *= kRounding;
  return bound;
}

std::vector<LayerGroup> grouped(const model::Workload& workload) {
  std::vector<LayerGroup> groups;
  for (std::size_t i = 0; i < workload.layers.size(); ++i) {
    const model::Layer& layer = workload.layers[i];
    auto group = std::find_if(groups.begin(), groups.end(), [&](const LayerGroup& candidate) {
      return model::same_shape(candidate.layer, layer);
    });
    if (group == groups.end()) group = groups.insert(groups.end(), {layer, 0.0, {}});
    group->executions += static_cast<double>(layer.executions());
    group->members.push_back(i);
  }
  return groups;
}

std::vector<ParameterBound> parameter_bounds(const DiscreteSpace& space,
                                             const std::vector<LayerGroup>& groups,
                                             const Monitor& monitor) {
  const Problem& problem = space.problem();
  std::vector<ParameterBound> all;
  const auto grid = parameter_grid(problem, kMostParameterPoints);
  for (const ParameterPoint::Parameters& parameters : *grid) {
    if (monitor.stop_requested()) break;
    const model::Hardware hardware = smallest_sizes(problem, parameters);
    const model::Machine machine = model::resolve(problem.accelerator, hardware);
    ParameterBound bound;
    bound.choices = {parameters};
    bound.area_mm2 = model::area_mm2(problem.accelerator, hardware);
    for (const LayerGroup& group : groups)
      bound.layers.push_back(lower_bound(group.layer, space, machine));
    sum_up(bound, space, groups);
    all.push_back(std::move(bound));
  }
  return all;
}

ParameterBound joint_bound(const std::vector<ParameterBound>& bounds,
                           const DiscreteSpace& space,
                           const std::vector<LayerGroup>& groups) {
  ParameterBound all = bounds.front();
  for (std::size_t i = 1; i < bounds.size(); ++i) {
    const ParameterBound& other = bounds[i];
    all.choices.push_back(other.choices.front());
    all.area_mm2 = std::min(all.area_mm2, other.area_mm2);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      all.layers[g].energy_pj = std::min(all.layers[g].energy_pj, other.layers[g].energy_pj);
      all.layers[g].cycles = std::min(all.layers[g].cycles, other.layers[g].cycles);
    }
  }
  sum_up(all, space, groups);
  return all;
}

}  // namespace masala::search
