// The best sizes of a machine and one mapping per layer for them, by branch and bound.
#pragma once

#include <cstddef>
#include <vector>

#include "search/exact/layer_front.h"
#include "search/space/discrete_space.h"

namespace masala::search {

// Energy and cycles of one choice for a layer, all its executions together.
struct Choice {
  double energy_pj = 0.0;
  double cycles = 0.0;
  std::size_t index = 0;
};

// Adds to a lower convex hull, cycles ascending and energy falling; choices must come sorted by
// cycles, then energy.
void extend_hull(std::vector<Choice>& hull, const Choice& choice);

// One choice per layer that minimises the objective of the summed energy and cycles. Exact: the
// objectives are quasi-concave and increasing, so a corner of the summed hulls is the best of all
// combinations (docs/search.md).
struct Combination {
  double energy_pj = 0.0;
  double cycles = 0.0;
  double objective = 0.0;
  std::vector<std::size_t> indices;  // Choice::index per layer
};
Combination best_combination(const std::vector<std::vector<Choice>>& hulls,
                             const DiscreteSpace& space,
                             double area_mm2);

// A layer's front and how often it runs.
struct WeightedFront {
  const LayerFront* front = nullptr;
  double executions = 1.0;
};

struct SizedDesign {
  std::vector<std::size_t> steps;   // on the grid of each size
  std::vector<std::size_t> points;  // one per front
  double objective = 0.0;
};

// The design with the least objective below `incumbent`; nullopt where there is none, or on
// request.
std::optional<SizedDesign> best_sizes(const std::vector<WeightedFront>& layers,
                                      const ParameterPoint& point,
                                      const DiscreteSpace& space,
                                      double incumbent,
                                      const Monitor& monitor);

}  // namespace masala::search
