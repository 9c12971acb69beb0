// Exact word counts of an integer mapping: tiles, fills, reads and updates. Where factors multiply
// to more than a bound, edge tiles are clipped and counted as they are (imperfect_traffic.h).
//
// This is the reference implementation, one mapping at a time and in integers. The batched,
// differentiable one (tensor_model.h) agrees with it at integer points.
#pragma once

#include <cstdint>

#include "model/accelerator.h"
#include "model/layer.h"
#include "model/mapping.h"

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

// Width and height of an input tile, halo included:
// (P-1) Wstride + (R-1) Wdilation + 1 and Hstride + (S-1) Hdilation + 1.
std::int64_t input_width(const PerDim<std::int64_t>& extents, const Layer& layer);
std::int64_t input_height(const PerDim<std::int64_t>& extents, const Layer& layer);

// Words of an operand's tile with the given extents; of inputs, width x height x C x N.
std::int64_t operand_words(Operand operand,
                           const PerDim<std::int64_t>& extents,
                           const Layer& layer);

// Words filled from outside into the tile of `level`, enlarged by the spatial factors of the levels
// level+1 .. through: F of the design notes (docs/model.md). `through == level` gives the fills of
// one instance; `through == parent` what the parent reads (for outputs: is updated) per instance.
// At imperfect factors, of the first instance, which is the busiest.
std::int64_t words_filled(Operand operand,
                          const Mapping& mapping,
                          const Layer& layer,
                          int num_levels,
                          int level,
                          int through);

// All counts of one execution of the layer (one group).
Traffic count_traffic(const Mapping& mapping, const Layer& layer, const Machine& machine);

}  // namespace masala::model
