#include "search/moves/neighbourhood.h"

#include <algorithm>

namespace masala::search {

using model::Dim;
using model::Mapping;

namespace {

using Kind = FactorMove::Kind;

bool same_slot(FactorSlot a, FactorSlot b) {
  return a.level == b.level && a.spatial == b.spatial;
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

// The factor of a slot after a resize, at least 1; `others` is the product of the inner factors but
// for this one.
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

void Neighbourhood::add_transfers(const std::vector<FactorSlot>& slots,
                                  Dim dim,
                                  const Mapping& mapping,
                                  std::vector<FactorMove>& moves) const {
  std::vector<std::int64_t> primes;  // of what lies in the slots, once each
  for (FactorSlot slot : slots) {
    for (std::int64_t prime : prime_factors(factor_at(mapping, dim, slot))) primes.push_back(prime);
  }
  std::sort(primes.begin(), primes.end());
  primes.erase(std::unique(primes.begin(), primes.end()), primes.end());
  for (std::int64_t prime : primes) {
    for (FactorSlot from : slots) {
      if (factor_at(mapping, dim, from) % prime != 0) continue;
      for (FactorSlot to : slots) {
        if (!same_slot(from, to)) moves.push_back({Kind::transfer, dim, from, to, prime});
      }
    }
  }
}

std::vector<FactorMove> Neighbourhood::moves(const Mapping& mapping) const {
  constexpr Kind kResizes[] = {Kind::shorter,
                               Kind::longer,
                               Kind::fewer_trips,
                               Kind::more_trips,
                               Kind::halved_trips,
                               Kind::doubled_trips};
  std::vector<FactorMove> moves;
  for (Dim dim : model::kAllDims) {
    if (layer_.bounds[dim] == 1) continue;
    const std::vector<FactorSlot>& slots = mapspace_.slots[dim];
    if (factors_ == model::Factors::perfect) {
      add_transfers(slots, dim, mapping, moves);
      continue;
    }
    const std::vector<FactorSlot> inner(slots.begin(), slots.end() - 1);
    add_transfers(inner, dim, mapping, moves);
    for (FactorSlot slot : inner) {
      for (Kind kind : kResizes) moves.push_back({kind, dim, slot, slot, 1});
    }
  }
  return moves;
}

bool Neighbourhood::apply(const FactorMove& move, Mapping& mapping) const {
  std::int64_t& from = factor_at(mapping, move.dim, move.from);
  if (move.kind == Kind::transfer) {
    if (from % move.prime != 0) return false;
    from /= move.prime;
    factor_at(mapping, move.dim, move.to) *= move.prime;
    // Between inner slots the tile stays whole, but digits may now reach beyond the bound.
    if (factors_ == model::Factors::imperfect) cover_bound(mapspace_, layer_, move.dim, mapping);
    return true;
  }
  const std::vector<FactorSlot>& slots = mapspace_.slots[move.dim];
  std::int64_t others = 1;
  for (std::size_t i = 0; i + 1 < slots.size(); ++i) {
    if (!same_slot(slots[i], move.from)) others *= factor_at(mapping, move.dim, slots[i]);
  }
  const std::int64_t before = from;
  from = resized(move.kind, before, others, layer_.bounds[move.dim]);
  if (from == before) return false;
  cover_bound(mapspace_, layer_, move.dim, mapping);
  return from != before;
}

}  // namespace masala::search
