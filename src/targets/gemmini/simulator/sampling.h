// Long layers: bursts of tiles are simulated, the others pass at the mean of their class.
#pragma once

#include <cstdint>

#include "targets/gemmini/simulator/engine.h"

namespace masala::gemmini {

struct SampleSummary {
  std::int64_t tiles = 0;
  std::int64_t tiles_simulated = 0;
};

// Runs every tile while `work_budget` events allow, then bursts spread evenly over the rest. A tile
// that is not simulated lets the mean time of its class pass: tiles that touch the same edges,
// start and store alike, after a tile alike. How long this takes depends on the budget and on the
// number of classes, not on the number of tiles.
SampleSummary run_tiles(Engine& engine,
                        const DriverProgram& program,
                        const SimulationSettings& settings,
                        const model::Monitor& monitor);

}  // namespace masala::gemmini
