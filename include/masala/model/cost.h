// Latency and energy of an integer mapping, and the hardware it needs.
#pragma once

#include <cstdint>
#include <iterator>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"
#include "masala/model/traffic.h"

namespace masala::model {

inline constexpr int kComputeBound = -1;

// Of one execution of one layer (one group).
struct LayerCost {
  double cycles = 0.0;              // roofline: the largest of compute and every level
  std::int64_t compute_cycles = 0;  // MACs / used PEs; at imperfect factors, array steps with work
  PerLevel<double> level_cycles{};  // 0 where bandwidth is unlimited
  int bottleneck = kComputeBound;   // the level that sets `cycles`, or kComputeBound
  double energy_pj = 0.0;
  double mac_energy_pj = 0.0;
  PerLevel<double> level_energy_pj{};
};

// Roofline latency and energy from counts.
LayerCost cost_of(const Traffic& traffic,
                  const Mapping& mapping,
                  const Layer& layer,
                  const Machine& machine);
LayerCost cost_of(const Mapping& mapping, const Layer& layer, const Machine& machine);

// Words of one of `instances` equal instances per compute cycle, from totals per operand in the
// order W I O. The operation order makes it equal to Timeloop's doubles bit for bit.
template <class Words, class V>
V words_per_cycle(const Words& words, const V& instances, const V& compute_cycles) {
  auto next = std::begin(words);
  V sum = *next / instances / compute_cycles;
  for (++next; next != std::end(words); ++next) sum = sum + *next / instances / compute_cycles;
  return sum;
}

// Sum over layers of executions x cost.
struct DesignCost {
  std::vector<LayerCost> layers;
  double cycles = 0.0;
  double energy_uj = 0.0;

  double edp_uj_cycles() const { return energy_uj * cycles; }
};
DesignCost cost_of(const std::vector<Mapping>& mappings,
                   const Workload& workload,
                   const Machine& machine);

// Words that the tiles of all kept operands take at each level, per instance, doubled where the
// level is double-buffered. At imperfect factors, for the largest tile.
PerLevel<std::int64_t> words_needed(const Mapping& mapping,
                                    const Layer& layer,
                                    const Accelerator& accelerator);

// What one mapping asks of the hardware; the needs of a design are the maxima over its layers.
struct HardwareNeed {
  PerLevel<std::int64_t> words{};            // per instance, see words_needed()
  PerLevel<PerDim<std::int64_t>> spatial{};  // unrolling
};
HardwareNeed hardware_need(const Mapping& mapping,
                           const Layer& layer,
                           const Accelerator& accelerator);
HardwareNeed max_of(const HardwareNeed& a, const HardwareNeed& b);

// The smallest hardware on the accelerator's grid that runs the need, with `fixed` values (key,
// value) kept; nullopt when none does.
struct FixedValue {
  std::string key;
  double value = 0.0;
};
std::optional<Hardware> smallest_hardware(const HardwareNeed& need,
                                          const Accelerator& accelerator,
                                          const std::vector<FixedValue>& fixed);

}  // namespace masala::model
