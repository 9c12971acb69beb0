#include "masala/search/space/problem.h"

namespace masala::search {

Design make_design(const Problem& problem,
                   const model::Hardware& hardware,
                   std::vector<model::Mapping> mappings) {
  Design design;
  const model::Machine machine = model::resolve(problem.accelerator, hardware);
  design.hardware = hardware;
  design.cost = model::cost_of(mappings, problem.workload, machine);
  design.mappings = std::move(mappings);
  // The latency model's cycles in place of the roofline's.
  const model::Evaluator evaluator = problem.evaluator();
  design.cost.cycles = 0.0;
  for (std::size_t i = 0; i < design.mappings.size(); ++i) {
    const model::Layer& layer = problem.workload.layers[i];
    model::LayerCost& cost = design.cost.layers[i];
    design.estimates.push_back(evaluator.estimate(design.mappings[i], layer, machine, cost));
    cost.cycles = design.estimates.back().cycles;
    design.cost.cycles += static_cast<double>(layer.executions()) * cost.cycles;
  }
  design.area_mm2 = model::area_mm2(problem.accelerator, hardware);
  design.objective =
      value(problem.objective, design.cost.energy_uj, design.cost.cycles, design.area_mm2);
  return design;
}

}  // namespace masala::search
