#include "targets/gemmini/simulator/gemmini_simulator.h"

#include "targets/gemmini/program/layer_run.h"
#include "targets/gemmini/simulator/network_memory.h"
#include "targets/gemmini/simulator/simulate.h"

namespace masala::gemmini {

std::string_view GemminiSimulator::version() const {
  return kSimulatorVersion;
}

const std::vector<std::string>& GemminiSimulator::units() const {
  static const std::vector<std::string> kUnits = {"load", "execute", "store"};
  return kUnits;
}

std::unique_ptr<model::MachineMemory> GemminiSimulator::carried_memory(
    const std::string& cache) const {
  if (cache_of(cache) != CacheState::carry) return nullptr;
  return std::make_unique<NetworkMemory>(constants_);
}

model::SimulationResult GemminiSimulator::run(const model::LayerRun& run,
                                              const model::SimulateOptions& options,
                                              model::MachineMemory* carried,
                                              const model::Monitor& monitor) const {
  const auto& layer = static_cast<const GemminiRun&>(run);
  SimulationSettings settings;
  settings.cache = cache_of(options.cache);
  settings.work_budget = options.work_budget;
  settings.scratchpad_kib = layer.sizes.scratchpad_kib;
  settings.accumulator_kib = layer.sizes.accumulator_kib;
  settings.tiler_size_checks = layer.tiler_size_checks;
  settings.on_tile = options.on_tile;
  return simulate(
      layer.program, constants_, settings, static_cast<NetworkMemory*>(carried), monitor);
}

}  // namespace masala::gemmini
