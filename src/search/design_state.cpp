#include "search/design_state.h"

#include <algorithm>
#include <cmath>

#include "model/latency_model.h"

namespace masala::search {

using model::Dim;
using model::kAllDims;

DiscreteSpace::DiscreteSpace(const Problem& problem)
    : DiscreteSpace(problem, search::exponents(problem.objective)) {}

DiscreteSpace::DiscreteSpace(const Problem& problem, const Exponents& exponents)
    : problem_(problem), mapspace_(make_mapspace(problem.accelerator)), exponents_(exponents) {
  for (const model::Layer& layer : problem_.workload.layers) {
    model::PerDim<std::vector<std::int64_t>> primes;
    for (Dim dim : kAllDims) {
      primes[dim] = prime_factors(layer.bounds[dim]);
      primes[dim].erase(std::unique(primes[dim].begin(), primes[dim].end()), primes[dim].end());
    }
    primes_.push_back(std::move(primes));
    smallest_tiles_.push_back({outermost_mapping(mapspace_, layer), 0.0, 0.0});
  }
}

double DiscreteSpace::objective(double energy_pj, double cycles, double area_mm2) const {
  if (problem_.max_area_mm2 && area_mm2 > *problem_.max_area_mm2)
    return std::numeric_limits<double>::infinity();
  constexpr double kMicrojoulesPerPicojoule = 1e-6;
  return product(exponents_, energy_pj * kMicrojoulesPerPicojoule, cycles, area_mm2);
}

model::PerLevel<std::int64_t> DiscreteSpace::words_needed(const model::Mapping& mapping,
                                                          std::size_t layer,
                                                          const model::Machine& machine) const {
  model::PerLevel<std::int64_t> words =
      model::words_needed(mapping, this->layer(layer), problem_.accelerator);
  if (!problem_.driver_need) return words;
  const auto driver_words = problem_.driver_need(mapping, this->layer(layer), machine);
  for (std::size_t l = 0; l < words.size(); ++l) words[l] = std::max(words[l], driver_words[l]);
  return words;
}

bool DiscreteSpace::fits(const model::Mapping& mapping,
                         std::size_t layer,
                         const model::Machine& machine) const {
  if (!search::fits(mapping, this->layer(layer), problem_.accelerator, machine)) return false;
  if (!problem_.driver_need) return true;
  const auto needed = problem_.driver_need(mapping, this->layer(layer), machine);
  for (int l = 0; l + 1 < machine.num_levels; ++l) {
    if (needed[l] > machine.capacity_words[l]) return false;
  }
  return true;
}

LayerPoint DiscreteSpace::cost(const model::Mapping& mapping,
                               std::size_t layer,
                               const model::Machine& machine,
                               EvaluationMeter& meter) const {
  const auto always = [](double /*energy_pj*/, double /*least_cycles*/) { return true; };
  return *cost_if(always, mapping, layer, machine, meter);
}

std::optional<LayerPoint> DiscreteSpace::cost_if(const Promise& promises,
                                                 const model::Mapping& mapping,
                                                 std::size_t layer,
                                                 const model::Machine& machine,
                                                 EvaluationMeter& meter) const {
  ++meter.used;
  const model::LayerCost roofline = model::cost_of(mapping, this->layer(layer), machine);
  double cycles = roofline.cycles;
  const model::LatencyModel* latency = problem_.latency.get();
  if (latency != nullptr) {
    cycles = latency->least_cycles(
        this->layer(layer), machine, static_cast<double>(roofline.compute_cycles));
  }
  if (!promises(roofline.energy_pj, cycles)) return std::nullopt;
  if (latency != nullptr) {
    const model::LatencyEstimate estimate =
        latency->estimate(mapping, this->layer(layer), machine, roofline);
    cycles = estimate.cycles * std::exp(problem_.caution * estimate.log_std);
  }
  return LayerPoint{mapping, cycles, roofline.energy_pj};
}

std::optional<model::Hardware> DiscreteSpace::hardware_for(
    const std::vector<LayerPoint>& layers) const {
  model::HardwareNeed need;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    need = model::max_of(need,
                         model::hardware_need(layers[i].mapping, layer(i), problem_.accelerator));
  }
  const auto hardware = model::smallest_hardware(need, problem_.accelerator, problem_.fixed);
  if (!hardware || !problem_.driver_need) return hardware;
  // What the driver needs depends on the parameters, and these on the unrolling alone.
  const model::Machine machine = model::resolve(problem_.accelerator, *hardware);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    need = model::max_of(need, {problem_.driver_need(layers[i].mapping, layer(i), machine), {}});
  }
  return model::smallest_hardware(need, problem_.accelerator, problem_.fixed);
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
