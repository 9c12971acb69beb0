// What simulators of machines offer, whatever the machine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "masala/model/mapping.h"
#include "masala/model/monitor.h"

namespace masala::model {

// When a unit worked for a tile: as long as it was busy with it, up to the end of that work.
struct BusySpan {
  double start = 0.0;
  double end = 0.0;
};
struct TileTimes {
  std::int64_t tile = 0;        // index in program order
  std::vector<BusySpan> units;  // in the order of Simulator::units()
};

struct SimulateOptions {
  std::string cache;                              // one of the target's
  std::int64_t work_budget = 300000;              // events simulated before sampling starts
  std::function<void(const TileTimes&)> on_tile;  // called for every tile that is simulated
};

struct SimulationResult {
  double cycles = 0.0;
  std::vector<double> busy;  // cycles in which each unit had work under way
  std::int64_t tiles = 0;
  std::int64_t tiles_simulated = 0;  // the others were extrapolated from their class
  std::int64_t dma_rows = 0;         // of all tiles, extrapolated where sampled
  std::int64_t dma_bytes = 0;
};

// A layer's program ready to run on its hardware. Immutable; of one simulator.
class LayerRun {
 public:
  virtual ~LayerRun() = default;
  virtual std::string label() const = 0;  // "clean convolution on 16 x 16"
  virtual std::int64_t array_dim() const = 0;
};

// A run, or why there is none: the tile does not fit, the driver cannot run such a layer, ...
struct PreparedRun {
  std::shared_ptr<const LayerRun> run;
  std::vector<std::string> problems;  // empty: ready to run
};

// Of the tiler that comes with the machine, with its tiling.
struct PreparedDefaultRun {
  PreparedRun prepared;
  Mapping mapping;  // factors may be imperfect
};

// What the layers before have left in the memories of a machine.
class MachineMemory {
 public:
  virtual ~MachineMemory() = default;
};

// Immutable: safe to call from several threads.
class Simulator {
 public:
  virtual ~Simulator() = default;

  virtual std::string_view version() const = 0;
  virtual const std::vector<std::string>& units() const = 0;

  // A fresh memory for layers that run one after the other; null where what the caches hold does
  // not depend on the layers before.
  virtual std::unique_ptr<MachineMemory> carried_memory(const std::string& cache) const = 0;

  // `carried` may be null. Throws Interrupted soon after the monitor's stop is set; `carried` is of
  // no use then.
  virtual SimulationResult run(const LayerRun& run,
                               const SimulateOptions& options,
                               MachineMemory* carried,
                               const Monitor& monitor) const = 0;
};

}  // namespace masala::model
