// When a search moves to a neighbour: what a layer's cost is worth to the whole design, and the
// rule by which simulated annealing accepts a worse value.
#pragma once

#include <cstdint>
#include <optional>
#include <random>

#include "search/space/discrete_space.h"

namespace masala::search {

// A gain below this share of the objective is rounding noise.
inline constexpr double kLeastGain = 1e-9;

// The objective of a design as a function of one layer's cost, given the totals of the others.
class GivenOtherLayers {
 public:
  GivenOtherLayers(const DiscreteSpace& space, const DesignState& state, std::size_t layer);

  // Of one execution of the layer.
  double objective(double energy_pj, double cycles) const;
  // Puts the costed mapping in the layer's place.
  void replace(const CostedMapping& point, DesignState& state) const;

 private:
  const DiscreteSpace& space_;
  std::size_t layer_;
  double executions_;
  double other_energy_pj_;
  double other_cycles_;
  double area_mm2_;
};

// The same to first order: the change of ln(objective) with a layer's energy and cycles. Layers
// that are searched at once are compared so. Only ratios of values count.
struct LayerWeights {
  double per_pj = 0.0;
  double per_cycle = 0.0;

  double value(double energy_pj, double cycles) const {
    return per_pj * energy_pj + per_cycle * cycles;
  }
  double value(const CostedMapping& point) const { return value(point.energy_pj, point.cycles); }
};
LayerWeights layer_weights(const DiscreteSpace& space, const DesignState& state);

struct AnnealingSchedule {
  std::int64_t iterations = 1000;   // evaluations at most
  double first_temperature = 0.05;  // of relative differences
  double last_temperature = 3.3e-4;

  // After a share (0 to 1) of the iterations: falls geometrically.
  double temperature(double share) const;
};

// The rule of Metropolis et al. (1953) on relative differences: accepts every improvement of `now`,
// and a worse value with probability exp((now / next - 1) / temperature). Draws at most one number,
// for the first value that is worse: of two values the larger is never accepted where the smaller
// is not.
class MetropolisRule {
 public:
  MetropolisRule(double now, double temperature, std::mt19937_64& rng)
      : now_(now), temperature_(temperature), rng_(rng) {}

  bool accepts(double next);

 private:
  double now_;
  double temperature_;
  std::mt19937_64& rng_;
  std::optional<double> drawn_;
};

}  // namespace masala::search
