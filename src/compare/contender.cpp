#include "compare/contender.h"

#include <stdexcept>
#include <utility>

#include "simulator/layer_run.h"

namespace masala::compare {
namespace {

// Of the chip generator's default configuration.
constexpr std::pair<const char*, double> kDefaultHardware[] = {
    {"pe_dim", 16}, {"scratchpad_kib", 256}, {"accumulator_kib", 64}};

}  // namespace

Contender default_contender(const model::Accelerator& accelerator,
                            const model::Workload& workload) {
  model::Hardware hardware = model::default_hardware(accelerator);
  for (const auto& [key, value] : kDefaultHardware) {
    model::set_hardware_value(accelerator, hardware, key, value);
  }
  std::vector<model::Mapping> mappings;
  std::string failures;
  for (const model::Layer& layer : workload.layers) {
    const simulator::PreparedDefaultRun run = simulator::prepare_default_run(
        layer, accelerator, hardware, simulator::ProgramKind::clean, {});
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

}  // namespace masala::compare
