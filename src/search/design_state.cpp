#include "search/design_state.h"

#include <algorithm>
#include <cmath>

namespace masala::search {

using model::Dim;
using model::kAllDims;

DiscreteSpace::DiscreteSpace(const Problem& problem)
    : problem_(problem),
      mapspace_(make_mapspace(problem.accelerator)),
      exponents_(exponents(problem.objective)) {
  for (const model::Layer& layer : problem_.workload.layers) {
    model::PerDim<std::vector<std::int64_t>> primes;
    for (Dim dim : kAllDims) {
      primes[dim] = prime_factors(layer.bounds[dim]);
      primes[dim].erase(std::unique(primes[dim].begin(), primes[dim].end()), primes[dim].end());
    }
    primes_.push_back(std::move(primes));
  }
}

double DiscreteSpace::objective(double energy_pj, double cycles, double area_mm2) const {
  if (problem_.max_area_mm2 && area_mm2 > *problem_.max_area_mm2)
    return std::numeric_limits<double>::infinity();
  constexpr double kMicrojoulesPerPicojoule = 1e-6;
  double result = 1.0;
  for (int i = 0; i < static_cast<int>(exponents_.energy); ++i) {
    result *= energy_pj * kMicrojoulesPerPicojoule;
  }
  for (int i = 0; i < static_cast<int>(exponents_.cycles); ++i) result *= cycles;
  for (int i = 0; i < static_cast<int>(exponents_.area); ++i) result *= area_mm2;
  return result;
}

bool DiscreteSpace::fits(const model::Mapping& mapping,
                         std::size_t layer,
                         const model::Machine& machine) const {
  return search::fits(mapping, problem_.workload.layers[layer], problem_.accelerator, machine);
}

LayerPoint DiscreteSpace::cost(const model::Mapping& mapping,
                               std::size_t layer,
                               const model::Machine& machine,
                               EvaluationMeter& meter) const {
  ++meter.used;
  const model::LayerCost cost = model::cost_of(mapping, problem_.workload.layers[layer], machine);
  return {mapping, cost.cycles, cost.energy_pj};
}

std::optional<model::Hardware> DiscreteSpace::hardware_for(
    const std::vector<LayerPoint>& layers) const {
  model::HardwareNeed need;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    need = model::max_of(need,
                         model::hardware_need(layers[i].mapping, layer(i), problem_.accelerator));
  }
  return model::smallest_hardware(need, problem_.accelerator, problem_.fixed);
}

std::vector<LayerPoint> DiscreteSpace::smallest_tiles() const {
  std::vector<LayerPoint> points;
  for (const model::Layer& layer : problem_.workload.layers)
    points.push_back({outermost_mapping(mapspace_, layer), 0.0, 0.0});
  return points;
}

DesignState DiscreteSpace::assemble(const model::Hardware& hardware,
                                    std::vector<LayerPoint> layers) const {
  DesignState state;
  state.hardware = hardware;
  state.machine = model::resolve(problem_.accelerator, hardware);
  state.area_mm2 = model::area_mm2(problem_.accelerator, hardware);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto executions = static_cast<double>(layer(i).executions());
    state.cycles += executions * layers[i].cycles;
    state.energy_pj += executions * layers[i].energy_pj;
  }
  state.layers = std::move(layers);
  state.objective = objective(state.energy_pj, state.cycles, state.area_mm2);
  return state;
}

DesignState DiscreteSpace::make_state(const model::Hardware& hardware,
                                      std::vector<LayerPoint> layers,
                                      EvaluationMeter& meter) const {
  const model::Machine machine = model::resolve(problem_.accelerator, hardware);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i] = cost(layers[i].mapping, i, machine, meter);
  }
  return assemble(hardware, std::move(layers));
}

std::vector<model::Mapping> mappings_of(const DesignState& state) {
  std::vector<model::Mapping> mappings;
  for (const LayerPoint& point : state.layers) mappings.push_back(point.mapping);
  return mappings;
}

}  // namespace masala::search
