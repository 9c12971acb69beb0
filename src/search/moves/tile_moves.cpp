#include "search/moves/tile_moves.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "search/moves/neighbourhood.h"

namespace masala::search {
namespace {

using model::Dim;

void move_factor(
    Dim dim, std::int64_t factor, FactorSlot from, FactorSlot into, model::Mapping& mapping) {
  factor_at(mapping, dim, from) /= factor;
  factor_at(mapping, dim, into) *= factor;
}

// A prime factor in the outermost loop of a dimension, and when its turn to move comes.
struct OuterPrime {
  double turn = 0.0;
  Dim dim = Dim::R;
  std::int64_t prime = 1;
};

std::vector<OuterPrime> primes_in_turn(const Mapspace& mapspace,
                                       const model::Mapping& mapping,
                                       std::mt19937_64& rng) {
  // Turns of one dimension spread over an interval of length 1, the intervals of all over one of
  // length 3: some dimensions are moved whole before others begin, others alternate.
  constexpr double kFavour = 2.0;
  std::vector<OuterPrime> primes;
  for (Dim dim : model::kAllDims) {
    const double favour = kFavour * random_unit(rng);
    for (std::int64_t prime : prime_factors(factor_at(mapping, dim, mapspace.slots[dim].back()))) {
      primes.push_back({favour + random_unit(rng), dim, prime});
    }
  }
  std::sort(primes.begin(), primes.end(), [](const OuterPrime& a, const OuterPrime& b) {
    return a.turn < b.turn;
  });
  return primes;
}

}  // namespace

void shrink_until(const MappingCheck& passes,
                  const Mapspace& mapspace,
                  std::mt19937_64& rng,
                  model::Mapping& mapping) {
  while (!passes(mapping)) {
    std::vector<std::pair<Dim, FactorSlot>> inner;
    for (Dim dim : model::kAllDims) {
      const std::vector<FactorSlot>& slots = mapspace.slots[dim];
      for (std::size_t s = 0; s + 1 < slots.size(); ++s) {
        if (factor_at(mapping, dim, slots[s]) > 1) inner.emplace_back(dim, slots[s]);
      }
    }
    if (inner.empty()) return;
    const auto [dim, slot] = inner[random_below(rng, inner.size())];
    const std::vector<std::int64_t> primes = prime_factors(factor_at(mapping, dim, slot));
    const std::int64_t prime = primes[random_below(rng, primes.size())];
    move_factor(dim, prime, slot, mapspace.slots[dim].back(), mapping);
  }
}

void unroll_fully(const Mapspace& mapspace,
                  const model::Machine& machine,
                  model::Mapping& mapping) {
  for (Dim dim : model::kAllDims) {
    const FactorSlot outermost = mapspace.slots[dim].back();
    for (const FactorSlot slot : mapspace.slots[dim]) {
      if (!slot.spatial) continue;
      const std::int64_t room =
          machine.spatial_limit[slot.level][dim] / factor_at(mapping, dim, slot);
      std::int64_t largest = 1;
      for (std::int64_t divisor : divisors(factor_at(mapping, dim, outermost))) {
        if (divisor <= room) largest = divisor;
      }
      move_factor(dim, largest, outermost, slot, mapping);
    }
  }
}

void grow_to_fit(const MappingCheck& runs,
                 const Mapspace& mapspace,
                 std::mt19937_64& rng,
                 model::Mapping& mapping) {
  for (const OuterPrime& next : primes_in_turn(mapspace, mapping, rng)) {
    std::vector<FactorSlot> slots;
    for (const FactorSlot slot : mapspace.slots[next.dim]) {
      if (!slot.spatial) slots.push_back(slot);
    }
    const FactorSlot outermost = slots.back();
    slots.pop_back();
    while (!slots.empty()) {
      const std::size_t at = random_below(rng, slots.size());
      const FactorSlot slot = slots[at];
      slots.erase(slots.begin() + static_cast<std::ptrdiff_t>(at));
      move_factor(next.dim, next.prime, outermost, slot, mapping);
      if (runs(mapping)) break;
      move_factor(next.dim, next.prime, slot, outermost, mapping);
    }
  }
}

void resize_tiles(const MappingCheck& runs,
                  const Mapspace& mapspace,
                  const model::Layer& layer,
                  int most,
                  bool grows,
                  std::mt19937_64& rng,
                  model::Mapping& mapping) {
  using Kind = FactorMove::Kind;
  const auto is_of_use = [&](const FactorMove& move) {
    if (move.kind == Kind::transfer) return false;
    return !grows || move.kind == Kind::longer || move.kind == Kind::fewer_trips ||
           move.kind == Kind::halved_trips;
  };
  const Neighbourhood neighbourhood(mapspace, layer, model::Factors::imperfect);
  for (int n = 0; n < most; ++n) {
    std::vector<FactorMove> moves = neighbourhood.moves(mapping);
    moves.erase(std::remove_if(moves.begin(), moves.end(), std::not_fn(is_of_use)), moves.end());
    if (moves.empty()) return;
    model::Mapping moved = mapping;
    if (!neighbourhood.apply(moves[random_below(rng, moves.size())], moved)) continue;
    if (runs(moved)) mapping = moved;
  }
}

}  // namespace masala::search
