// How the counts of a level follow from the ones of its children; shared by perfect and imperfect
// factors. Internal to the model.
#pragma once

#include <cstdint>

#include "model/accelerator.h"
#include "model/traffic.h"

namespace masala::model {

// Counts offers, as totals over the instances that it counts:
//   mac_accesses(operand, level)          accesses of the MACs to their innermost keeping level
//   first_updates(level)                  updates that find no partial sum to add to
//   filled(operand, level, through)       F of the tile enlarged by the spatial factors up to
//                                         `through`, over the instances of `through`
//
// The counts of `operand` at `level`; `child` is the next inner level that keeps it, -1 the MACs.
template <class Counts>
void collect_level(const Machine& machine,
                   const Counts& counts,
                   Operand operand,
                   int level,
                   int child,
                   Traffic& traffic) {
  const std::int64_t demand =
      child < 0 ? counts.mac_accesses(operand, level) : counts.filled(operand, child, level);
  if (operand == Operand::outputs) {
    // The first update of a partial sum finds nothing to read.
    traffic.updates[level][operand] = demand;
    traffic.reads[level][operand] = demand - counts.first_updates(level);
  } else {
    traffic.reads[level][operand] = demand;
  }
  const bool has_parent = machine.parent[level][operand] >= 0;
  if (has_parent) traffic.fills[level][operand] = counts.filled(operand, level, level);
}

template <class Counts>
Traffic collect_traffic(const Machine& machine, const Counts& counts) {
  Traffic traffic;
  for (Operand operand : kAllOperands) {
    int child = -1;
    for (int level = machine.innermost[operand]; level >= 0;
         level = machine.parent[level][operand]) {
      collect_level(machine, counts, operand, level, child, traffic);
      child = level;
    }
  }
  return traffic;
}

}  // namespace masala::model
