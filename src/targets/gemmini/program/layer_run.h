// From a layer's mapping on given hardware to the program that the simulator runs.
#pragma once

#include <string>
#include <vector>

#include "masala/model/simulator.h"
#include "targets/gemmini/program/driver_program.h"

namespace masala::gemmini {

// Every reason why the driver program cannot be run on the accelerator, with the key path first:
// "levels: ...".
std::vector<std::string> driver_problems(const model::Accelerator& accelerator, ProgramKind kind);

// Sizes that a program's tiles must fit: the hardware's own; of the measured program, those of the
// machine that was measured.
struct MemorySizes {
  double scratchpad_kib = 0.0;
  double accumulator_kib = 0.0;
};
MemorySizes memory_sizes(const model::Accelerator& accelerator,
                         const model::Hardware& hardware,
                         ProgramKind kind);

struct GemminiRun : model::LayerRun {
  DriverProgram program;
  MemorySizes sizes;
  std::int64_t tiler_size_checks = 0;  // CPU time of the default tiler inside the timed region

  std::string label() const override;
  std::int64_t array_dim() const override { return program.dim; }
};

// The accelerator must be without driver_problems().
model::PreparedRun prepare_run(const model::Mapping& mapping,
                               const model::Layer& layer,
                               const model::Accelerator& accelerator,
                               const model::Hardware& hardware,
                               ProgramKind kind);

// The same for Gemmini's own tiler, with its tiling.
model::PreparedDefaultRun prepare_default_run(const model::Layer& layer,
                                              const model::Accelerator& accelerator,
                                              const model::Hardware& hardware,
                                              ProgramKind kind);

}  // namespace masala::gemmini
