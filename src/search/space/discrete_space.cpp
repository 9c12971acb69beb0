#include "search/space/discrete_space.h"

#include <algorithm>

namespace masala::search {

using model::Dim;
using model::kAllDims;

DiscreteSpace::DiscreteSpace(const Problem& problem)
    : problem_(problem),
      mapspace_(make_mapspace(problem.accelerator)),
      evaluator_(problem.evaluator()),
      exponents_(search::exponents(problem.objective)) {
  for (const model::Layer& layer : problem_.workload.layers) {
    smallest_tiles_.push_back({outermost_mapping(mapspace_, layer), 0.0, 0.0});
  }
}

double DiscreteSpace::objective(double energy_pj, double cycles, double area_mm2) const {
  if (problem_.max_area_mm2 && area_mm2 > *problem_.max_area_mm2)
    return std::numeric_limits<double>::infinity();
  constexpr double kMicrojoulesPerPicojoule = 1e-6;
  return product(exponents_, energy_pj * kMicrojoulesPerPicojoule, cycles, area_mm2);
}

std::optional<model::Hardware> DiscreteSpace::hardware_for(
    const std::vector<CostedMapping>& layers) const {
  model::HardwareNeed need;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    need = model::max_of(need,
                         model::hardware_need(layers[i].mapping, layer(i), problem_.accelerator));
  }
  const auto hardware = model::smallest_hardware(need, problem_.accelerator, problem_.fixed);
  if (!hardware || !evaluator_.has_driver()) return hardware;
  // What the driver needs depends on the parameters, and these on the unrolling alone.
  const model::Machine machine = model::resolve(problem_.accelerator, *hardware);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    need = model::max_of(need, {evaluator_.words_needed(layers[i].mapping, layer(i), machine), {}});
  }
  return model::smallest_hardware(need, problem_.accelerator, problem_.fixed);
}

DesignState DiscreteSpace::assemble(const model::Hardware& hardware,
                                    std::vector<CostedMapping> layers) const {
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
                                      std::vector<CostedMapping> layers,
                                      EvaluationMeter& meter) const {
  const model::Machine machine = model::resolve(problem_.accelerator, hardware);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i] = evaluator_.evaluate(layers[i].mapping, layer(i), machine, meter);
  }
  return assemble(hardware, std::move(layers));
}

std::vector<model::Mapping> mappings_of(const DesignState& state) {
  std::vector<model::Mapping> mappings;
  for (const CostedMapping& point : state.layers) mappings.push_back(point.mapping);
  return mappings;
}

}  // namespace masala::search
