// The simulator behind the interface that all machines share.
#pragma once

#include "masala/model/simulator.h"
#include "targets/gemmini/simulator/constants.h"

namespace masala::gemmini {

class GemminiSimulator : public model::Simulator {
 public:
  explicit GemminiSimulator(const SimulatorConstants& constants) : constants_(constants) {}

  std::string_view version() const override;
  const std::vector<std::string>& units() const override;
  std::unique_ptr<model::MachineMemory> carried_memory(const std::string& cache) const override;
  model::SimulationResult run(const model::LayerRun& run,
                              const model::SimulateOptions& options,
                              model::MachineMemory* carried,
                              const model::Monitor& monitor) const override;

 private:
  SimulatorConstants constants_;
};

}  // namespace masala::gemmini
