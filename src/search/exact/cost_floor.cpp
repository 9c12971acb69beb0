#include "search/exact/cost_floor.h"

#include <algorithm>
#include <cmath>

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
  for (Slot slot : mapspace.slots[dim]) {
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

}  // namespace

CostFloor cost_floor(const model::Layer& layer,
                     const DiscreteSpace& space,
                     const model::Machine& smallest) {
  const Mapspace& mapspace = space.mapspace();
  double unrolled = 1.0;
  for (Dim dim : kAllDims)
    unrolled *= largest_unrolling(layer, mapspace, smallest, dim, smallest.num_levels);
  const double compute_cycles = static_cast<double>(layer.macs()) / unrolled;
  const int outermost = smallest.num_levels - 1;
  CostFloor floor;
  floor.energy_pj = static_cast<double>(layer.macs()) * smallest.mac_energy_pj;
  double outermost_words = 0.0;
  for (Operand operand : kAllOperands) {
    for (int l = 0; l < smallest.num_levels; ++l) {
      if (!smallest.keeps[l][operand]) continue;
      const double moved = compulsory_words(layer, operand);
      const double served = l == smallest.innermost[operand]
                                ? least_mac_accesses(layer, mapspace, smallest, operand)
                                : moved;
      const double filled = l == outermost ? 0.0 : moved;
      floor.energy_pj += (served + filled) / smallest.block_words[l] * smallest.block_energy_pj[l];
      if (l == outermost) outermost_words += served;
    }
  }
  floor.cycles = compute_cycles;
  const double bandwidth = smallest.bandwidth_words_per_cycle[outermost];
  if (bandwidth > 0.0) floor.cycles = std::max(floor.cycles, outermost_words / bandwidth);
  floor.cycles =
      space.evaluator().lower_bound_cycles(layer, smallest, compute_cycles, floor.cycles);
  floor.energy_pj *= kRounding;
  floor.cycles *= kRounding;
  return floor;
}

}  // namespace masala::search
