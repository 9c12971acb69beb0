// What any design can reach at best with given parameters, found without enumeration.
#pragma once

#include <vector>

#include "search/exact/cost_floor.h"
#include "search/exact/parameter_point.h"
#include "search/space/discrete_space.h"

namespace masala::search {

// Layers of one shape share everything but how often they run.
struct LayerGroup {
  model::Layer layer;
  double executions = 0.0;
  std::vector<std::size_t> members;  // of the workload
};
std::vector<LayerGroup> grouped(const model::Workload& workload);

// Bounds from below at one choice of the parameters, or at each of several.
struct Outlook {
  std::vector<ParameterPoint::Parameters> choices;
  std::vector<CostFloor> floors;  // per group, one execution
  CostFloor total;                // all executions
  double area_mm2 = 0.0;
  double objective = 0.0;
};

// One per choice of the parameters, in the order of their values; fewer once stopped. At most
// kMostParameterPoints.
inline constexpr std::size_t kMostParameterPoints = 1 << 16;
std::vector<Outlook> outlooks(const DiscreteSpace& space,
                              const std::vector<LayerGroup>& groups,
                              const Monitor& monitor);

// What holds for each of several.
Outlook joined(const std::vector<Outlook>& outlooks,
               const DiscreteSpace& space,
               const std::vector<LayerGroup>& groups);

}  // namespace masala::search
