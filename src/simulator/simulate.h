// Cycle-approximate simulation of one layer's program on Gemmini.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "model/monitor.h"
#include "simulator/cache_state.h"
#include "simulator/constants.h"
#include "simulator/driver_program.h"

namespace masala::simulator {

inline constexpr std::string_view kSimulatorVersion = "1";

// When a unit worked for a tile: as long as it was busy with it, up to the end of that work.
struct BusySpan {
  double start = 0.0;
  double end = 0.0;
};
struct TileTimes {
  std::int64_t tile = 0;  // index in program order
  BusySpan load;
  BusySpan execute;
  BusySpan store;
};

struct SimulateOptions {
  CacheState cache = CacheState::warm;
  std::int64_t work_budget = 300000;  // DMA-row and array events simulated before sampling starts
  double scratchpad_kib = 4096;       // sizes of the hardware that runs it (bank conflicts)
  double accumulator_kib = 4096;
  std::int64_t tiler_size_checks = 0;  // CPU time of the default tiler inside the timed region
  std::int64_t bus_bytes = 16;         // per cycle, between the DMA and the L2 cache
  std::function<void(const TileTimes&)> on_tile;  // called for every tile that is simulated
};

struct SimulationResult {
  double cycles = 0.0;
  // Cycles in which each controller had work under way.
  double busy_load = 0.0;
  double busy_execute = 0.0;
  double busy_store = 0.0;
  std::int64_t tiles = 0;
  std::int64_t tiles_simulated = 0;  // the others were extrapolated from their class
  std::int64_t dma_rows = 0;         // of all tiles, extrapolated where sampled
  std::int64_t dma_bytes = 0;
};

class NetworkMemory;  // kept between layers for CacheState::carry

// Throws model::Interrupted soon after the monitor's stop is set; `carried` is of no use then.
SimulationResult simulate(const DriverProgram& program,
                          const SimulatorConstants& constants,
                          const SimulateOptions& options,
                          NetworkMemory* carried = nullptr,
                          const model::Monitor& monitor = {});

}  // namespace masala::simulator
