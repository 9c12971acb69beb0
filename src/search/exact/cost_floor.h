// Bounds from below on what any mapping of a layer costs, found without enumeration.
#pragma once

#include "search/space/discrete_space.h"

namespace masala::search {

struct CostFloor {
  double energy_pj = 0.0;
  double cycles = 0.0;
};

// Over every mapping of the mapspace on any machine with the parameters of `smallest`, whose sizes
// are the least allowed. Cycles as the objective counts them. Proof in docs/search.md.
CostFloor cost_floor(const model::Layer& layer,
                     const DiscreteSpace& space,
                     const model::Machine& smallest);

}  // namespace masala::search
