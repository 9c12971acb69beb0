// Exact word counts of an integer mapping: tiles, fills, reads and updates. Where factors multiply
// to more than a bound (docs/model.md, "Imperfect factors"), edge tiles are clipped and counted as
// they are.
//
// This is the reference implementation, one mapping at a time and in integers. The batched,
// differentiable one (batched_traffic.h) agrees with it at integer points.
#pragma once

#include <cstdint>

#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::model {

// Words, totals over all used instances of a level. Zero where an operand is not kept.
struct Traffic {
  PerLevel<PerOperand<std::int64_t>> reads{};
  PerLevel<PerOperand<std::int64_t>> fills{};
  PerLevel<PerOperand<std::int64_t>> updates{};
};

// T_d(level): product of the factors of every dimension at levels <= level, spatial included.
// Not clipped to the layer's bounds.
PerDim<std::int64_t> tile(const Mapping& mapping, int level);

// Used instances of a level: product of the spatial factors of the levels outside it.
std::int64_t used_instances(const Mapping& mapping, int level);

// All counts of one execution of the layer (one group).
Traffic count_traffic(const Mapping& mapping, const Layer& layer, const Machine& machine);

// The counts of `level` alone, for its first instance, which is the busiest.
Traffic count_first_instance(const Mapping& mapping,
                             const Layer& layer,
                             const Machine& machine,
                             int level);

}  // namespace masala::model
