#include "search/moves/loop_sequence.h"

#include <algorithm>
#include <array>

namespace masala::search {

using model::Dim;
using model::kAllDims;
using model::Mapping;

namespace {

// The candidate that has the dimension farthest inside.
LoopOrder order_with_innermost(const OrderChoice& choice, Dim dim) {
  const auto depth = [&](const LoopOrder& order) {
    return std::find(order.begin(), order.end(), dim) - order.begin();
  };
  return *std::max_element(
      choice.candidates.begin(),
      choice.candidates.end(),
      [&](const LoopOrder& a, const LoopOrder& b) { return depth(a) < depth(b); });
}

}  // namespace

LoopSequence prime_loops(const model::Layer& layer) {
  LoopSequence sequence;
  for (Dim dim : kAllDims) {
    for (std::int64_t prime : prime_factors(layer.bounds[dim])) sequence.push_back({dim, prime});
  }
  return sequence;
}

LoopSequence sequence_of(const Mapping& mapping, const Mapspace& mapspace) {
  LoopSequence sequence;
  const auto append = [&](Dim dim, FactorSlot slot) {
    for (std::int64_t prime : prime_factors(factor_at(mapping, dim, slot))) {
      sequence.push_back({dim, prime});
    }
  };
  // Spatial factors are placed first, so they come first.
  for (Dim dim : kAllDims) {
    for (FactorSlot slot : mapspace.slots[dim]) {
      if (slot.spatial) append(dim, slot);
    }
  }
  for (int l = 0; l < mapspace.num_levels; ++l) {
    const LoopOrder& order = mapping.levels[l].order;
    for (auto dim = order.rbegin(); dim != order.rend(); ++dim) append(*dim, {l, false});
  }
  return sequence;
}

bool swap_loops(LoopSequence& sequence, std::mt19937_64& rng) {
  PrimeLoop& a = sequence[random_below(rng, sequence.size())];
  PrimeLoop& b = sequence[random_below(rng, sequence.size())];
  if (a == b) return false;
  std::swap(a, b);
  return true;
}

void resize_loop(LoopSequence& sequence, std::mt19937_64& rng) {
  const std::size_t i = random_below(rng, sequence.size());
  const Dim dim = sequence[i].dim;
  std::int64_t bound = sequence[i].bound;
  sequence.erase(sequence.begin() + static_cast<std::ptrdiff_t>(i));
  if (random_below(rng, 2) == 0) {
    const auto next = std::find_if(sequence.begin() + static_cast<std::ptrdiff_t>(i),
                                   sequence.end(),
                                   [&](const PrimeLoop& loop) { return loop.dim == dim; });
    if (next != sequence.end()) {
      bound *= next->bound;
      sequence.erase(next);
    }
  }
  bound += bound > 2 && random_below(rng, 2) == 0 ? -1 : 1;
  LoopSequence loops;
  for (std::int64_t prime : prime_factors(bound)) loops.push_back({dim, prime});
  sequence.insert(sequence.begin() + static_cast<std::ptrdiff_t>(i), loops.begin(), loops.end());
}

std::int64_t count_permutations(const LoopSequence& sequence, std::int64_t limit) {
  LoopSequence sorted = sequence;
  std::sort(sorted.begin(), sorted.end());
  // Loop i can go before, between or after the i earlier ones, and its equals do not count twice.
  // Dividing at once keeps the product a whole number.
  std::int64_t count = 1;
  std::int64_t equals = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    equals = i > 0 && sorted[i] == sorted[i - 1] ? equals + 1 : 1;
    count = count * static_cast<std::int64_t>(i + 1) / equals;
    if (count >= limit) return limit;
  }
  return count;
}

LoopAllocator::LoopAllocator(const LayerSpace& space)
    : space_(space), slots_(space.mapspace().slots), empty_(space.smallest_tiles()) {
  for (Dim dim : kAllDims) {
    slots_[dim].pop_back();
    std::stable_partition(
        slots_[dim].begin(), slots_[dim].end(), [](FactorSlot slot) { return slot.spatial; });
  }
}

// Moves the loop from the outermost place to the first one that it fits, if there is any.
FactorSlot LoopAllocator::place(Mapping& mapping, PrimeLoop loop) const {
  const FactorSlot outermost = space_.mapspace().slots[loop.dim].back();
  factor_at(mapping, loop.dim, outermost) /= loop.bound;
  for (FactorSlot slot : slots_[loop.dim]) {
    factor_at(mapping, loop.dim, slot) *= loop.bound;
    if (space_.fits(mapping)) return slot;
    factor_at(mapping, loop.dim, slot) /= loop.bound;
  }
  factor_at(mapping, loop.dim, outermost) *= loop.bound;
  return outermost;
}

// The same where the loops need not multiply to the bound; nullopt where the tile covers it without
// this one.
std::optional<FactorSlot> LoopAllocator::place_imperfect(Mapping& mapping, PrimeLoop loop) const {
  const FactorSlot outermost = space_.mapspace().slots[loop.dim].back();
  if (factor_at(mapping, loop.dim, outermost) == 1) return std::nullopt;
  std::array<std::int64_t, 2 * model::kMaxLevels> before{};  // the dimension's factors
  const std::vector<FactorSlot>& all = space_.mapspace().slots[loop.dim];
  for (std::size_t i = 0; i < all.size(); ++i) before[i] = factor_at(mapping, loop.dim, all[i]);
  for (FactorSlot slot : slots_[loop.dim]) {
    factor_at(mapping, loop.dim, slot) *= loop.bound;
    cover_bound(space_.mapspace(), space_.layer(), loop.dim, mapping);
    if (space_.fits(mapping)) return slot;
    for (std::size_t i = 0; i < all.size(); ++i) factor_at(mapping, loop.dim, all[i]) = before[i];
  }
  return outermost;
}

Mapping LoopAllocator::allocate(const LoopSequence& sequence) const {
  const bool imperfect = space_.factors() == model::Factors::imperfect;
  Mapping mapping = empty_;
  model::PerLevel<const PrimeLoop*> innermost{};
  for (const PrimeLoop& loop : sequence) {
    const std::optional<FactorSlot> slot =
        imperfect ? place_imperfect(mapping, loop) : place(mapping, loop);
    if (slot && !slot->spatial && innermost[slot->level] == nullptr) innermost[slot->level] = &loop;
  }
  for (const OrderChoice& choice : space_.mapspace().choices) {
    const PrimeLoop* loop = innermost[choice.level];
    if (loop != nullptr) {
      mapping.levels[choice.level].order = order_with_innermost(choice, loop->dim);
    }
  }
  return mapping;
}

}  // namespace masala::search
