#include "compare/simulator_judge.h"

#include <cmath>
#include <stdexcept>
#include <string>

#include "simulator/batch.h"
#include "simulator/constants.h"
#include "simulator/layer_run.h"

namespace masala::compare {
namespace {

using simulator::ProgramKind;

simulator::PreparedRun prepared_run(const Contender& contender,
                                    const model::Accelerator& accelerator,
                                    const model::Layer& layer,
                                    const model::Mapping& mapping,
                                    const simulator::SimulateOptions& options) {
  const model::Hardware& hardware = contender.design.hardware;
  if (contender.has_default_tiles) {
    return simulator::prepare_default_run(layer, accelerator, hardware, ProgramKind::clean, options)
        .prepared;
  }
  return simulator::prepare_run(mapping, layer, accelerator, hardware, ProgramKind::clean, options);
}

}  // namespace

std::optional<std::vector<double>> simulated_cycles(const Contender& contender,
                                                    const model::Accelerator& accelerator,
                                                    const model::Workload& workload,
                                                    const simulator::SimulateOptions& options,
                                                    const model::Monitor& monitor) {
  std::vector<std::optional<simulator::LayerRun>> runs;
  std::string failures;
  for (std::size_t i = 0; i < workload.layers.size(); ++i) {
    const model::Layer& layer = workload.layers[i];
    simulator::PreparedRun prepared =
        prepared_run(contender, accelerator, layer, contender.design.mappings[i], options);
    for (const std::string& problem : prepared.problems) {
      failures += (failures.empty() ? "" : "\n") + layer.name + ": " + problem;
    }
    runs.emplace_back(std::move(prepared.run));
  }
  if (!failures.empty()) throw std::invalid_argument(failures);
  std::vector<double> cycles;
  simulator::simulate_batch(
      runs,
      simulator::constants_from(accelerator),
      simulator::BatchOptions(),
      [&](std::size_t /*layer*/, const std::optional<simulator::SimulationResult>& result) {
        cycles.push_back(std::round(result->cycles));
      },
      monitor);
  if (cycles.size() < runs.size()) return std::nullopt;
  return cycles;
}

}  // namespace masala::compare
