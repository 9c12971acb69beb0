// Simulated annealing of one layer's loop sequence on fixed hardware, after SALSA.
#pragma once

#include <functional>

#include "search/moves/loop_sequence.h"

namespace masala::search {

// What a layer's mapping costs the design, to first order: the lower the better. Only ratios count.
struct LayerWeights {
  double per_pj = 0.0;
  double per_cycle = 0.0;

  double value(const CostedMapping& point) const {
    return per_pj * point.energy_pj + per_cycle * point.cycles;
  }
};
// The first-order change of ln(objective) with a layer's energy and cycles.
LayerWeights layer_weights(const DiscreteSpace& space, const DesignState& state);

struct AnnealingPlan {
  std::int64_t iterations = 1000;   // evaluations at most
  double first_temperature = 0.05;  // of relative differences
  double last_temperature = 3.3e-4;
};

// Temperature after a share (0 to 1) of the plan: falls geometrically.
double temperature(const AnnealingPlan& plan, double share);
// Accepts every improvement, and a worse value with probability exp((now / next - 1) /
// temperature).
bool accepts(double now, double next, double temperature, std::mt19937_64& rng);

struct AnnealedLayer {
  LoopSequence sequence;
  CostedMapping point;
};

// Starts from `start` (its point already costed on the machine) and swaps two loops at a time; the
// best state met comes back. All orders are tried instead where there are no more of them than
// iterations.
AnnealedLayer anneal_layer(const DiscreteSpace& space,
                           std::size_t layer,
                           const model::Machine& machine,
                           const LayerWeights& weights,
                           const AnnealingPlan& plan,
                           const AnnealedLayer& start,
                           const Monitor& monitor,
                           EvaluationMeter& meter,
                           std::mt19937_64& rng);

// Anneals the mapping itself: moves one or two prime factors, or changes an order. Slower to
// find good tiles, but it also finds those that leave memory unused, which no sequence means.
// `start` must be costed.
CostedMapping anneal_factors(const DiscreteSpace& space,
                             std::size_t layer,
                             const model::Machine& machine,
                             const LayerWeights& weights,
                             const AnnealingPlan& plan,
                             const CostedMapping& start,
                             const Monitor& monitor,
                             EvaluationMeter& meter,
                             std::mt19937_64& rng);

}  // namespace masala::search
