#include "search/space/mapspace.h"

#include <algorithm>

namespace masala::search {
namespace {

using model::Accelerator;
using model::Dim;
using model::kAllDims;
using model::kAllOperands;
using model::Operand;

bool kept_inside(const Accelerator& accelerator, int level, Operand operand) {
  for (int l = 0; l < level; ++l) {
    if (accelerator.levels[l].keeps[operand]) return true;
  }
  return false;
}

// What the tiles inside `level` can keep across a loop of `dim`: a bit per operand that stays
// whole, and for the dimensions with a halo a mark of their own.
int reuse_signature(const Accelerator& accelerator, int level, Dim dim) {
  int signature = 0;
  for (Operand operand : kAllOperands) {
    if (!kept_inside(accelerator, level, operand)) continue;
    if (!model::is_indexed_by(operand, dim)) signature |= 1 << static_cast<int>(operand);
    const bool halo = dim == Dim::R || dim == Dim::S || dim == Dim::P || dim == Dim::Q;
    if (operand == Operand::inputs && halo) signature |= 8 << static_cast<int>(dim);
  }
  return signature;
}

constexpr int kWholeOperandBits = 7;

// All of level 0's temporal loops are irrelevant to what it keeps and may as well be the innermost
// loops of level 1: the same tiles, fetched as often.
bool innermost_slots_redundant(const Accelerator& accelerator) {
  const model::Level& inner = accelerator.levels[0];
  const model::Level& next = accelerator.levels[1];
  for (Dim dim : kAllDims) {
    if (!inner.rules.temporal[dim]) continue;
    for (Operand operand : kAllOperands) {
      if (inner.keeps[operand] && model::is_indexed_by(operand, dim)) return false;
    }
    const auto& tail = next.rules.innermost;
    if (!next.rules.temporal[dim] || std::find(tail.begin(), tail.end(), dim) == tail.end()) {
      return false;
    }
  }
  for (Dim dim : next.rules.innermost) {
    if (!inner.rules.temporal[dim]) return false;
  }
  return true;
}

LoopOrder compose_order(const std::vector<Dim>& outer, const std::vector<Dim>& inner) {
  LoopOrder order{};
  std::copy(outer.begin(), outer.end(), order.begin());
  std::copy(inner.begin(), inner.end(), order.begin() + static_cast<std::ptrdiff_t>(outer.size()));
  return order;
}

OrderChoice make_choice(const Accelerator& accelerator, int level) {
  OrderChoice choice;
  choice.level = level;
  const model::MappingRules& rules = accelerator.levels[level].rules;
  std::vector<Dim> free;
  for (Dim dim : kAllDims) {
    const bool in_tail =
        std::find(rules.innermost.begin(), rules.innermost.end(), dim) != rules.innermost.end();
    if (!in_tail) free.push_back(dim);
  }
  const auto signature = [&](Dim dim) { return reuse_signature(accelerator, level, dim); };
  std::vector<int> seen;
  for (Dim first : free) {
    if (!rules.temporal[first]) continue;
    if (std::find(seen.begin(), seen.end(), signature(first)) != seen.end()) continue;
    seen.push_back(signature(first));
    // outer: other dimensions; inner: those that keep the same operands whole, then `first`.
    std::vector<Dim> outer;
    std::vector<Dim> inner;
    for (Dim dim : free) {
      if (dim == first) continue;
      const bool alike =
          (signature(dim) & kWholeOperandBits) == (signature(first) & kWholeOperandBits);
      (alike ? inner : outer).push_back(dim);
    }
    inner.push_back(first);
    inner.insert(inner.end(), rules.innermost.begin(), rules.innermost.end());
    choice.candidates.push_back(compose_order(outer, inner));
    choice.innermost.push_back(first);
  }
  if (choice.candidates.empty()) {
    choice.candidates.push_back(compose_order(free, rules.innermost));
    choice.innermost.push_back(free.empty() ? rules.innermost.back() : free.back());
  }
  return choice;
}

void draw_candidate(const OrderChoice& choice, model::Mapping& mapping, std::mt19937_64& rng) {
  mapping.levels[choice.level].order =
      choice.candidates[random_below(rng, choice.candidates.size())];
}

}  // namespace

Mapspace make_mapspace(const Accelerator& accelerator) {
  Mapspace mapspace;
  mapspace.num_levels = accelerator.num_levels();
  const int first_temporal = innermost_slots_redundant(accelerator) ? 1 : 0;
  for (int l = 0; l < mapspace.num_levels; ++l) {
    const model::Level& level = accelerator.levels[l];
    const bool outermost = l + 1 == mapspace.num_levels;
    for (const model::SpatialDim& spatial : level.spatial) {
      mapspace.slots[spatial.dim].push_back({l, true});
    }
    bool any = false;
    for (Dim dim : kAllDims) {
      const bool allowed = outermost || (level.rules.temporal[dim] && l >= first_temporal);
      if (allowed) mapspace.slots[dim].push_back({l, false});
      any = any || allowed;
    }
    if (any) mapspace.loop_levels.push_back(l);
    OrderChoice choice = make_choice(accelerator, l);
    mapspace.default_order.push_back(choice.candidates.front());
    if (any && choice.candidates.size() > 1) mapspace.choices.push_back(std::move(choice));
  }
  mapspace.nesting = mapspace.slots;
  for (Dim dim : kAllDims) {
    if (model::slides(dim)) continue;
    std::stable_partition(mapspace.nesting[dim].begin(),
                          mapspace.nesting[dim].end(),
                          [](FactorSlot slot) { return slot.spatial; });
  }
  return mapspace;
}

void cover_bound(const Mapspace& mapspace,
                 const model::Layer& layer,
                 Dim dim,
                 model::Mapping& mapping) {
  const std::vector<FactorSlot>& nesting = mapspace.nesting[dim];
  std::int64_t left = layer.bounds[dim];  // ceil(bound / product of the factors inside)
  std::int64_t inside = 1;
  for (std::size_t i = 0; i + 1 < nesting.size(); ++i) {
    std::int64_t& factor = factor_at(mapping, dim, nesting[i]);
    factor = std::min(factor, left);
    inside *= factor;
    left = (layer.bounds[dim] - 1) / inside + 1;
  }
  factor_at(mapping, dim, nesting.back()) = left;
}

model::Mapping outermost_mapping(const Mapspace& mapspace, const model::Layer& layer) {
  model::Mapping mapping;
  mapping.num_levels = mapspace.num_levels;
  for (int l = 0; l < mapspace.num_levels; ++l) {
    mapping.levels[l].order = mapspace.default_order[static_cast<std::size_t>(l)];
  }
  for (Dim dim : kAllDims) factor_at(mapping, dim, mapspace.slots[dim].back()) = layer.bounds[dim];
  return mapping;
}

std::vector<std::int64_t> prime_factors(std::int64_t n) {
  std::vector<std::int64_t> primes;
  for (std::int64_t p = 2; p * p <= n; ++p) {
    while (n % p == 0) {
      primes.push_back(p);
      n /= p;
    }
  }
  if (n > 1) primes.push_back(n);
  return primes;
}

std::vector<std::int64_t> divisors(std::int64_t n) {
  std::vector<std::int64_t> all = {1};
  std::int64_t previous = 1;
  std::size_t first_new = 0;
  for (std::int64_t p : prime_factors(n)) {
    // A repeated prime multiplies only the divisors that its last occurrence added.
    const std::size_t begin = p == previous ? first_new : 0;
    const std::size_t end = all.size();
    for (std::size_t i = begin; i < end; ++i) all.push_back(all[i] * p);
    first_new = end;
    previous = p;
  }
  std::sort(all.begin(), all.end());
  return all;
}

model::Mapping random_mapping(const Mapspace& mapspace,
                              const model::Layer& layer,
                              const model::Machine& machine,
                              std::mt19937_64& rng) {
  model::Mapping mapping = outermost_mapping(mapspace, layer);
  for (Dim dim : kAllDims) {
    const std::vector<FactorSlot>& slots = mapspace.slots[dim];
    for (std::int64_t prime : prime_factors(layer.bounds[dim])) {
      const FactorSlot slot = slots[random_below(rng, slots.size())];
      std::int64_t& factor = factor_at(mapping, dim, slot);
      if (slot.spatial && factor * prime > machine.spatial_limit[slot.level][dim]) continue;
      factor_at(mapping, dim, slots.back()) /= prime;
      factor *= prime;
    }
  }
  for (const OrderChoice& choice : mapspace.choices) draw_candidate(choice, mapping, rng);
  return mapping;
}

void draw_order(const Mapspace& mapspace, model::Mapping& mapping, std::mt19937_64& rng) {
  if (mapspace.choices.empty()) return;
  draw_candidate(mapspace.choices[random_below(rng, mapspace.choices.size())], mapping, rng);
}

}  // namespace masala::search
