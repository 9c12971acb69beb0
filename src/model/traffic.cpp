#include "masala/model/traffic.h"

#include "model/imperfect_nest.h"
#include "model/loop_nest.h"
#include "model/perfect_nest.h"

namespace masala::model {
namespace {

// How the counts of a level follow from its tile and from those of its children, as totals over the
// instances that the factors count. Nest: see LoopNest.
template <class Nest>
class Counter {
 public:
  Counter(const typename Nest::Factors& factors, const Layer& layer, const Machine& machine)
      : factors_(factors), layer_(layer), machine_(machine) {}

  Traffic count() const {
    Traffic traffic;
    for (Operand operand : kAllOperands) {
      int child = -1;
      for (int level = machine_.innermost[operand]; level >= 0;
           level = machine_.parent[level][operand]) {
        count_level(operand, level, child, traffic);
        child = level;
      }
    }
    return traffic;
  }

  // `child` is the next inner level that keeps the operand, -1 the MACs.
  void count_level(Operand operand, int level, int child, Traffic& traffic) const {
    const std::int64_t words = demand(operand, child, level);
    if (operand == Operand::outputs) {
      // The first update of a partial sum finds nothing to read.
      traffic.updates[level][operand] = words;
      traffic.reads[level][operand] = words - factors_.combinations(operand, level, false);
    } else {
      traffic.reads[level][operand] = words;
    }
    const bool has_parent = machine_.parent[level][operand] >= 0;
    if (has_parent) traffic.fills[level][operand] = words_filled(operand, level, level);
  }

 private:
  // What the children ask of `level`. A word that several need at the same time counts once.
  std::int64_t demand(Operand operand, int child, int level) const {
    return child < 0 ? factors_.combinations(operand, level, true)
                     : words_filled(operand, child, level);
  }

  std::int64_t words_filled(Operand operand, int level, int through) const {
    return LoopNest<Nest>(factors_, layer_, level, through).words_filled(operand);
  }

  const typename Nest::Factors& factors_;
  const Layer& layer_;
  const Machine& machine_;
};

}  // namespace

PerDim<std::int64_t> tile(const Mapping& mapping, int level) {
  PerDim<std::int64_t> extents = filled<std::int64_t>(1);
  for (int m = 0; m <= level; ++m) {
    for (Dim dim : kAllDims) {
      extents[dim] *= mapping.levels[m].temporal[dim] * mapping.levels[m].spatial[dim];
    }
  }
  return extents;
}

std::int64_t used_instances(const Mapping& mapping, int level) {
  std::int64_t product = 1;
  for (int m = level + 1; m < mapping.num_levels; ++m) {
    for (std::int64_t factor : mapping.levels[m].spatial.values) product *= factor;
  }
  return product;
}

Traffic count_traffic(const Mapping& mapping, const Layer& layer, const Machine& machine) {
  const PerfectFactors factors(mapping);
  if (factors.cover(layer)) return Counter<PerfectNest>(factors, layer, machine).count();
  const ImperfectFactors clipped(mapping, layer, Instances::all);
  return Counter<ImperfectNest>(clipped, layer, machine).count();
}

Traffic count_first_instance(const Mapping& mapping,
                             const Layer& layer,
                             const Machine& machine,
                             int level) {
  const ImperfectFactors factors(mapping, layer, Instances::first);
  const Counter<ImperfectNest> counter(factors, layer, machine);
  Traffic traffic;
  for (Operand operand : kAllOperands) {
    if (!machine.keeps[level][operand]) continue;
    int child = level - 1;
    while (child >= 0 && !machine.keeps[child][operand]) --child;
    counter.count_level(operand, level, child, traffic);
  }
  return traffic;
}

}  // namespace masala::model
