#include "search/moves/factor_moves.h"

#include <algorithm>

namespace masala::search {

using model::Dim;
using model::Mapping;

namespace {

using Kind = FactorMove::Kind;

bool same_slot(Slot a, Slot b) {
  return a.level == b.level && a.spatial == b.spatial;
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

void add_transfers(const std::vector<Slot>& slots,
                   const std::vector<std::int64_t>& primes,
                   Dim dim,
                   const Mapping& mapping,
                   std::vector<FactorMove>& moves) {
  for (std::int64_t prime : primes) {
    for (Slot from : slots) {
      if (factor_at(mapping, dim, from) % prime != 0) continue;
      for (Slot to : slots) {
        if (!same_slot(from, to)) moves.push_back({Kind::transfer, dim, from, to, prime});
      }
    }
  }
}

// Prime factors of what lies in the slots, once each.
std::vector<std::int64_t> primes_within(const std::vector<Slot>& slots,
                                        Dim dim,
                                        const Mapping& mapping) {
  std::vector<std::int64_t> primes;
  for (Slot slot : slots) {
    for (std::int64_t prime : prime_factors(factor_at(mapping, dim, slot))) primes.push_back(prime);
  }
  std::sort(primes.begin(), primes.end());
  primes.erase(std::unique(primes.begin(), primes.end()), primes.end());
  return primes;
}

void add_imperfect_moves(const std::vector<Slot>& slots,
                         Dim dim,
                         const Mapping& mapping,
                         std::vector<FactorMove>& moves) {
  constexpr Kind kResizes[] = {Kind::shorter,
                               Kind::longer,
                               Kind::fewer_trips,
                               Kind::more_trips,
                               Kind::halved_trips,
                               Kind::doubled_trips};
  const std::vector<Slot> inner(slots.begin(), slots.end() - 1);
  add_transfers(inner, primes_within(inner, dim, mapping), dim, mapping, moves);
  for (Slot slot : inner) {
    for (Kind kind : kResizes) moves.push_back({kind, dim, slot, slot, 1});
  }
}

// The factor of move.from after a resize, at least 1; `others` is the product of the inner factors
// but for this one.
std::int64_t resized(Kind kind, std::int64_t factor, std::int64_t others, std::int64_t bound) {
  const std::int64_t trips = ceil_div(bound, others * factor);
  const auto for_trips = [&](std::int64_t n) {
    return ceil_div(bound, others * std::max<std::int64_t>(1, n));
  };
  switch (kind) {
    case Kind::transfer: break;
    case Kind::shorter: return std::max<std::int64_t>(1, factor - 1);
    case Kind::longer: return factor + 1;
    case Kind::fewer_trips: return for_trips(trips - 1);
    case Kind::more_trips: return for_trips(trips + 1);
    case Kind::halved_trips: return for_trips(trips / 2);
    case Kind::doubled_trips: return for_trips(trips * 2);
  }
  return factor;
}

}  // namespace

std::vector<FactorMove> factor_moves(const Mapspace& mapspace,
                                     const model::Layer& layer,
                                     model::Factors factors,
                                     const Mapping& mapping) {
  std::vector<FactorMove> moves;
  for (Dim dim : model::kAllDims) {
    if (layer.bounds[dim] == 1) continue;
    const std::vector<Slot>& slots = mapspace.slots[dim];
    if (factors == model::Factors::imperfect) {
      add_imperfect_moves(slots, dim, mapping, moves);
    } else {
      add_transfers(slots, primes_within(slots, dim, mapping), dim, mapping, moves);
    }
  }
  return moves;
}

bool apply(const FactorMove& move,
           const Mapspace& mapspace,
           const model::Layer& layer,
           model::Factors factors,
           Mapping& mapping) {
  std::int64_t& from = factor_at(mapping, move.dim, move.from);
  if (move.kind == Kind::transfer) {
    if (from % move.prime != 0) return false;
    from /= move.prime;
    factor_at(mapping, move.dim, move.to) *= move.prime;
    // Between inner slots the tile stays whole, but digits may now reach beyond the bound.
    if (factors == model::Factors::imperfect) cover_bound(mapspace, layer, move.dim, mapping);
    return true;
  }
  std::int64_t others = 1;
  for (Slot slot : mapspace.slots[move.dim]) {
    const bool counts =
        !same_slot(slot, move.from) && !same_slot(slot, mapspace.slots[move.dim].back());
    if (counts) others *= factor_at(mapping, move.dim, slot);
  }
  const std::int64_t before = from;
  from = resized(move.kind, before, others, layer.bounds[move.dim]);
  if (from == before) return false;
  cover_bound(mapspace, layer, move.dim, mapping);
  return from != before;
}

}  // namespace masala::search
