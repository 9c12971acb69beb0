#include "masala/app/contender.h"

#include <stdexcept>

namespace masala::app {

Contender default_contender(const LoadedAccelerator& loaded, const model::Workload& workload) {
  const model::Accelerator& accelerator = loaded.accelerator;
  const model::Target& target = *loaded.target;
  const model::Hardware hardware = target.published_hardware(accelerator);
  std::vector<model::Mapping> mappings;
  std::string failures;
  for (const model::Layer& layer : workload.layers) {
    const model::PreparedDefaultRun run =
        target.prepare_default(layer, accelerator, hardware, target.programs().front());
    mappings.push_back(run.mapping);
    for (const std::string& problem : run.prepared.problems) {
      failures += (failures.empty() ? "" : "\n") + layer.name + ": " + problem;
    }
  }
  if (!failures.empty()) throw std::invalid_argument(failures);
  search::Problem problem;
  problem.accelerator = accelerator;
  problem.workload = workload;
  Contender contender;
  contender.model = kDefault;
  contender.design = search::make_design(problem, hardware, std::move(mappings));
  contender.has_default_tiles = true;
  return contender;
}

std::vector<double> predicted_cycles(const search::Design& design) {
  std::vector<double> cycles;
  for (const model::LayerCost& layer : design.cost.layers) cycles.push_back(layer.cycles);
  return cycles;
}

double total_cycles(const std::vector<double>& cycles, const model::Workload& workload) {
  double total = 0.0;
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    total += static_cast<double>(workload.layers[i].executions()) * cycles[i];
  }
  return total;
}

Score predicted_score(const Contender& contender) {
  return {contender.design.cost.cycles, contender.design.cost.energy_uj};
}

Score judged_score(const Contender& contender, const model::Workload& workload) {
  return {total_cycles(contender.judged_cycles, workload), contender.design.cost.energy_uj};
}

}  // namespace masala::app
