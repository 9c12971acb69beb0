// Lower bounds on what designs cost, found without enumeration. Proof in docs/search.md.
#pragma once

#include <vector>

#include "search/exact/parameter_point.h"

namespace masala::search {

struct CostBound {
  double energy_pj = 0.0;
  double cycles = 0.0;  // with the problem's caution
};

// Of one execution of any mapping of the layer on any machine with the parameters of `smallest`,
// whose sizes are the least allowed.
CostBound lower_bound(const model::Layer& layer,
                      const DiscreteSpace& space,
                      const model::Machine& smallest);

// Layers of one shape share everything but how often they run.
struct LayerGroup {
  model::Layer layer;
  double executions = 0.0;
  std::vector<std::size_t> members;  // of the workload
};
std::vector<LayerGroup> grouped(const model::Workload& workload);

// Lower bounds at one choice of the parameters, or at each of several.
struct ParameterBound {
  std::vector<ParameterPoint::Parameters> choices;
  std::vector<CostBound> layers;  // per group, one execution
  CostBound total;                // all executions
  double area_mm2 = 0.0;
  double objective = 0.0;
};

// One per choice of the parameters, in the order of their values; fewer once stopped. At most
// kMostParameterPoints.
inline constexpr std::size_t kMostParameterPoints = 1 << 16;
std::vector<ParameterBound> parameter_bounds(const DiscreteSpace& space,
                                             const std::vector<LayerGroup>& groups,
                                             const Monitor& monitor);

// What holds for each of several.
ParameterBound joint_bound(const std::vector<ParameterBound>& bounds,
                           const DiscreteSpace& space,
                           const std::vector<LayerGroup>& groups);

}  // namespace masala::search
