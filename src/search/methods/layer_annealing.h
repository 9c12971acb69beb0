// Simulated annealing of one layer's mapping on fixed hardware, in two representations.
#pragma once

#include <cstdint>
#include <functional>
#include <random>

#include "search/moves/acceptance.h"
#include "search/moves/loop_sequence.h"

namespace masala::search {

struct AnnealedLayer {
  LoopSequence sequence;  // that the mapping is allocated from; empty where there is none
  CostedMapping point;
};

// Minimises the value that the weights give to a layer's cost. Costs at most the schedule's
// iterations; neighbours of the same mapping and those that do not fit are free, but not for ever.
class LayerAnnealer {
 public:
  LayerAnnealer(const LayerSpace& space,
                const LayerWeights& weights,
                const Monitor& monitor,
                EvaluationMeter& meter,
                std::mt19937_64& rng)
      : space_(space), weights_(weights), monitor_(monitor), meter_(meter), rng_(rng) {}

  // The mapping that a sequence is allocated to, costed.
  AnnealedLayer allocated(LoopSequence sequence) const;

  // After SALSA: swaps two loops at a time (imperfect factors: or resizes one); the best state met
  // comes back. All orders of the loops are tried instead where there are no more of them than
  // iterations. `start` must be costed.
  AnnealedLayer anneal_sequence(AnnealedLayer start, const AnnealingSchedule& schedule) const;

  // Moves one or two prime factors, or changes an order. Slower to find good tiles, but it also
  // finds those that leave memory unused, which no sequence means. `start` must be costed.
  CostedMapping anneal_factors(CostedMapping start, const AnnealingSchedule& schedule) const;

 private:
  // A proposal changes the mapping and leaves the cost; false where there is nothing to try.
  AnnealedLayer anneal(AnnealedLayer now,
                       const AnnealingSchedule& schedule,
                       const std::function<bool(AnnealedLayer&)>& propose) const;

  const LayerSpace& space_;
  const LayerWeights& weights_;
  const Monitor& monitor_;
  EvaluationMeter& meter_;
  std::mt19937_64& rng_;
};

}  // namespace masala::search
