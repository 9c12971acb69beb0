// The mappings that a search considers: where the factors of each dimension may go under the
// accelerator's mapping rules, and which loop orders differ in traffic.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"
#include "masala/model/random.h"

namespace masala::search {

using model::random_below;
using model::random_stream;
using model::random_unit;

using LoopOrder = std::array<model::Dim, model::kNumDims>;  // outer to inner

// A place for factors of a dimension: the temporal or the spatial factor of a level.
struct FactorSlot {
  int level = 0;
  bool spatial = false;
};

// Loop orders of one level. Candidate i has dimension `innermost[i]` as its innermost free loop,
// then the other dimensions that leave the same operands in place. Every operand lacks a disjoint
// set of dimensions, so only the innermost run of loops decides what is reused, and these
// candidates include the best order of the roofline (but for coinciding halos, see docs/model.md).
// A latency model that looks beyond traffic chooses among the same ones.
struct OrderChoice {
  int level = 0;
  std::vector<LoopOrder> candidates;
  std::vector<model::Dim> innermost;
};

struct Mapspace {
  int num_levels = 0;
  // Slots of each dimension, inner to outer. The last one is the outermost level's temporal factor.
  // Redundant inner slots, whose factors cost the same one level further out, are left out.
  model::PerDim<std::vector<FactorSlot>> slots;
  // The same slots in the order in which imperfect factors nest (docs/model.md).
  model::PerDim<std::vector<FactorSlot>> nesting;
  std::vector<LoopOrder> default_order;  // per level
  std::vector<OrderChoice> choices;      // levels with more than one candidate
  std::vector<int> loop_levels;          // levels that may have temporal loops, inner to outer
};

Mapspace make_mapspace(const model::Accelerator& accelerator);

// The mapping with every factor in the outermost temporal slot.
model::Mapping outermost_mapping(const Mapspace& mapspace, const model::Layer& layer);

inline std::int64_t& factor_at(model::Mapping& mapping, model::Dim dim, FactorSlot slot) {
  model::LevelMapping& level = mapping.levels[slot.level];
  return slot.spatial ? level.spatial[dim] : level.temporal[dim];
}
inline std::int64_t factor_at(const model::Mapping& mapping, model::Dim dim, FactorSlot slot) {
  const model::LevelMapping& level = mapping.levels[slot.level];
  return slot.spatial ? level.spatial[dim] : level.temporal[dim];
}

// Imperfect factors: shortens inner factors of `dim` that reach beyond the bound, from the inside
// out, and lets the outermost loop run as often as it takes to cover the bound. Perfect factors
// stay as they are.
void cover_bound(const Mapspace& mapspace,
                 const model::Layer& layer,
                 model::Dim dim,
                 model::Mapping& mapping);

// Prime factors with multiplicity, ascending; empty for 1.
std::vector<std::int64_t> prime_factors(std::int64_t n);
// Divisors, ascending.
std::vector<std::int64_t> divisors(std::int64_t n);

// Every prime factor goes to a slot drawn uniformly among those with room (spatial limits), orders
// are drawn among the candidates. May exceed capacities.
model::Mapping random_mapping(const Mapspace& mapspace,
                              const model::Layer& layer,
                              const model::Machine& machine,
                              std::mt19937_64& rng);

// A candidate, drawn, for one of the loop orders, drawn too; nothing where none is free.
void draw_order(const Mapspace& mapspace, model::Mapping& mapping, std::mt19937_64& rng);

}  // namespace masala::search
