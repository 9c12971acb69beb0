// Cycle-approximate simulation of one layer's program on Gemmini.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "masala/model/monitor.h"
#include "masala/model/simulator.h"
#include "targets/gemmini/machine.h"
#include "targets/gemmini/program/cache_state.h"
#include "targets/gemmini/program/driver_program.h"
#include "targets/gemmini/simulator/constants.h"

namespace masala::gemmini {

inline constexpr std::string_view kSimulatorVersion = "1";

enum Unit { kLoad, kExecute, kStore };
inline constexpr std::size_t kNumUnits = 3;

struct SimulationSettings {
  CacheState cache = CacheState::warm;
  std::int64_t work_budget = 300000;  // DMA-row and array events simulated before sampling starts
  double scratchpad_kib = 4096;       // sizes of the hardware that runs it (bank conflicts)
  double accumulator_kib = 4096;
  std::int64_t tiler_size_checks = 0;   // CPU time of the default tiler inside the timed region
  std::int64_t bus_bytes = kBeatBytes;  // per cycle, between the DMA and the L2 cache
  std::function<void(const model::TileTimes&)> on_tile;  // units in the order of Unit
};

class NetworkMemory;  // kept between layers for CacheState::carry

// Busy cycles are in the order of Unit. Throws model::Interrupted soon after the monitor's stop is
// set; `carried` is of no use then.
model::SimulationResult simulate(const DriverProgram& program,
                                 const SimulatorConstants& constants,
                                 const SimulationSettings& settings,
                                 NetworkMemory* carried = nullptr,
                                 const model::Monitor& monitor = {});

}  // namespace masala::gemmini
