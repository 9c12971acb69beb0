#include "search/moves/acceptance.h"

#include <cmath>

namespace masala::search {

GivenOtherLayers::GivenOtherLayers(const DiscreteSpace& space,
                                   const DesignState& state,
                                   std::size_t layer)
    : space_(space),
      layer_(layer),
      executions_(static_cast<double>(space.layer(layer).executions())),
      other_energy_pj_(state.energy_pj - executions_ * state.layers[layer].energy_pj),
      other_cycles_(state.cycles - executions_ * state.layers[layer].cycles),
      area_mm2_(state.area_mm2) {}

double GivenOtherLayers::objective(double energy_pj, double cycles) const {
  return space_.objective(
      other_energy_pj_ + executions_ * energy_pj, other_cycles_ + executions_ * cycles, area_mm2_);
}

void GivenOtherLayers::replace(const CostedMapping& point, DesignState& state) const {
  state.layers[layer_] = point;
  state.energy_pj = other_energy_pj_ + executions_ * point.energy_pj;
  state.cycles = other_cycles_ + executions_ * point.cycles;
  state.objective = space_.objective(state.energy_pj, state.cycles, state.area_mm2);
}

LayerWeights layer_weights(const DiscreteSpace& space, const DesignState& state) {
  const Exponents& powers = space.exponents();
  return {powers.energy / state.energy_pj, powers.cycles / state.cycles};
}

double AnnealingSchedule::temperature(double share) const {
  return first_temperature * std::pow(last_temperature / first_temperature, share);
}

bool MetropolisRule::accepts(double next) {
  if (next <= now_) return true;
  if (!drawn_) drawn_ = random_unit(rng_);
  return *drawn_ < std::exp((now_ / next - 1.0) / temperature_);
}

}  // namespace masala::search
