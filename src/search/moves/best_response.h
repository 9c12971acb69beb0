// Hill climbing over the mappings of a design on its own hardware.
#pragma once

#include "search/moves/acceptance.h"
#include "search/space/layer_space.h"

namespace masala::search {

// Each layer in turn takes the best mapping in its neighbourhood (a prime factor moved between two
// slots, pairs of moves where no single one helps, every loop order) that fits the hardware, given
// the totals of the others, until none improves. Deterministic; stops at the meter's limit or when
// asked to.
class BestResponse {
 public:
  // `pairs`: whether to try two moves at once.
  BestResponse(const DiscreteSpace& space,
               EvaluationMeter& meter,
               const Monitor& monitor,
               bool pairs = true);

  void improve(DesignState& state) const;

  // True when `designs` more re-costings of the whole design and one try of all orders would pass
  // the limit, or on request.
  bool finished(std::int64_t designs = 1) const;

 private:
  struct Climb;  // of one layer
  bool improve_layer(DesignState& state, std::size_t layer) const;
  bool take_best_neighbour(Climb& climb, bool pairs) const;
  void try_orders(Climb& climb, model::Mapping& mapping, CostedMapping& best) const;

  const DiscreteSpace& space_;
  EvaluationMeter& meter_;
  const Monitor& monitor_;
  bool pairs_;
  std::int64_t most_orders_ = 1;  // evaluations of one mapping with every loop order, at most
};

}  // namespace masala::search
