#include "app/simulator_judge.h"

#include <cmath>
#include <stdexcept>
#include <string>

#include "masala/targets/simulate_batch.h"

namespace masala::app {
namespace {

model::PreparedRun prepared_run(const Contender& contender,
                                const LoadedAccelerator& loaded,
                                const model::Layer& layer,
                                const model::Mapping& mapping) {
  const model::Target& target = *loaded.target;
  const std::string usual = target.programs().front();
  const model::Hardware& hardware = contender.design.hardware;
  if (contender.has_default_tiles)
    return target.prepare_default(layer, loaded.accelerator, hardware, usual).prepared;
  return target.prepare(mapping, layer, loaded.accelerator, hardware, usual);
}

}  // namespace

std::optional<std::vector<double>> simulated_cycles(const Contender& contender,
                                                    const LoadedAccelerator& loaded,
                                                    const model::Workload& workload,
                                                    const model::Simulator& simulator,
                                                    const model::SimulateOptions& options,
                                                    const model::Monitor& monitor) {
  targets::LayerRuns runs;
  std::string failures;
  for (std::size_t i = 0; i < workload.layers.size(); ++i) {
    const model::Layer& layer = workload.layers[i];
    model::PreparedRun prepared =
        prepared_run(contender, loaded, layer, contender.design.mappings[i]);
    for (const std::string& problem : prepared.problems) {
      failures += (failures.empty() ? "" : "\n") + layer.name + ": " + problem;
    }
    runs.push_back(std::move(prepared.run));
  }
  if (!failures.empty()) throw std::invalid_argument(failures);
  std::vector<double> cycles;
  targets::BatchOptions batch;
  batch.simulate = options;
  targets::simulate_batch(
      runs,
      simulator,
      batch,
      [&](std::size_t /*layer*/, const std::optional<model::SimulationResult>& result) {
        cycles.push_back(std::round(result->cycles));
      },
      monitor);
  if (cycles.size() < runs.size()) return std::nullopt;
  return cycles;
}

}  // namespace masala::app
