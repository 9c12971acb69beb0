// From a layer's mapping on given hardware to the program that the simulator runs.
#pragma once

#include <string>
#include <vector>

#include "model/accelerator.h"
#include "model/layer.h"
#include "model/mapping.h"
#include "simulator/driver_program.h"
#include "simulator/simulate.h"

namespace masala::simulator {

// Every reason why the given driver program cannot be simulated on the accelerator, with the key
// path first: "program.driver: ...".
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

struct LayerRun {
  DriverProgram program;
  SimulateOptions options;
};

// A run, or why there is none: the tile does not fit, the driver cannot run such a layer, ...
struct PreparedRun {
  LayerRun run;
  std::vector<std::string> problems;  // empty: ready to run
};

// `base`: cache state and work budget. The accelerator must be without driver_problems().
PreparedRun prepare_run(const model::Mapping& mapping,
                        const model::Layer& layer,
                        const model::Accelerator& accelerator,
                        const model::Hardware& hardware,
                        ProgramKind kind,
                        const SimulateOptions& base);

// The same for Gemmini's own tiler, with its tiling.
struct PreparedDefaultRun {
  PreparedRun prepared;
  model::Mapping mapping;  // factors may be imperfect
};
PreparedDefaultRun prepare_default_run(const model::Layer& layer,
                                       const model::Accelerator& accelerator,
                                       const model::Hardware& hardware,
                                       ProgramKind kind,
                                       const SimulateOptions& base);

}  // namespace masala::simulator
