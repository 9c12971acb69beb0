// A mapping as one sequence of prime loops, which memory allocation turns into factors and orders:
// the state that simulated annealing permutes.
#pragma once

#include <optional>
#include <random>
#include <vector>

#include "search/space/layer_space.h"

namespace masala::search {

struct PrimeLoop {
  model::Dim dim = model::Dim::R;
  std::int64_t bound = 1;  // a prime

  friend bool operator==(const PrimeLoop& a, const PrimeLoop& b) {
    return a.dim == b.dim && a.bound == b.bound;
  }
  friend bool operator<(const PrimeLoop& a, const PrimeLoop& b) {
    return a.dim != b.dim ? a.dim < b.dim : a.bound < b.bound;
  }
};

// Every prime factor of every bound, inner to outer, in ascending order.
using LoopSequence = std::vector<PrimeLoop>;
LoopSequence prime_loops(const model::Layer& layer);

// The loops of a mapping, inner to outer; allocated on hardware that the mapping fills, they give
// the mapping back, or one with fuller tiles.
LoopSequence sequence_of(const model::Mapping& mapping, const Mapspace& mapspace);

// Swaps two loops; false where they are alike.
bool swap_loops(LoopSequence& sequence, std::mt19937_64& rng);
// For imperfect factors: a loop, or the product of two of one dimension, becomes one longer or
// shorter and falls into its prime factors, which stay together: 7 becomes 2 2 2 or 2 3.
void resize_loop(LoopSequence& sequence, std::mt19937_64& rng);

// Distinct orders of the sequence, at most `limit`.
std::int64_t count_permutations(const LoopSequence& sequence, std::int64_t limit);

// Loops are placed inner to outer, each in the first place where the mapping still fits the
// machine: spatial factors first, then temporal ones, inner to outer. What fits nowhere stays at
// the outermost level. Where a level leaves a choice of loop orders, the first loop placed there is
// the innermost. The machine must hold the layer's smallest tiles. The loops of a dimension need
// not multiply to its bound: the outermost loop runs as often as it takes.
class LoopAllocator {
 public:
  explicit LoopAllocator(const LayerSpace& space);  // keeps a reference

  model::Mapping allocate(const LoopSequence& sequence) const;

 private:
  FactorSlot place(model::Mapping& mapping, PrimeLoop loop) const;
  std::optional<FactorSlot> place_imperfect(model::Mapping& mapping, PrimeLoop loop) const;

  const LayerSpace& space_;
  model::PerDim<std::vector<FactorSlot>> slots_;  // in the order in which they are tried
  model::Mapping empty_;                          // everything outermost
};

}  // namespace masala::search
