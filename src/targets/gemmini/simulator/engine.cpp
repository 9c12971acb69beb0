#include "targets/gemmini/simulator/engine.h"

#include "targets/gemmini/program/tile_rows.h"

namespace masala::gemmini {
namespace {

constexpr Cycles kConfigCycles = 10.0;  // of a loop context, once its instructions are there
// Events per tile besides DMA rows, for the work budget.
constexpr std::int64_t kEventsPerTile = 4;

}  // namespace

Engine::Engine(const DriverProgram& program,
               const SimulatorConstants& constants,
               const SimulationSettings& settings,
               const ArrayBases& bases,
               MemorySystem& memory,
               const model::Monitor& monitor)
    : program_(program),
      bases_(bases),
      monitor_(monitor),
      dim_(program.dim),
      loop_cycles_(program.is_matmul ? constants.matmul_loop_cycles
                                     : constants.convolution_loop_cycles),
      load_(memory, program.dim, settings.bus_bytes, constants.response_gap),
      store_(memory, program.dim, settings.bus_bytes) {
  // Half of the scratchpad is two banks; inputs grow from one end, weights from the other.
  const HalfRows half = half_rows(program.dim, settings.scratchpad_kib, settings.accumulator_kib);
  if (tile_rows(program).inputs > half.scratchpad / 2.0) bank_conflict_ = static_cast<Cycles>(dim_);
}

void Engine::run_tile(const TilePosition& tile) {
  ++tiles_;
  if (program_.is_matmul) {
    run_matmul(tile);
  } else {
    run_convolution(tile);
  }
}

Cycles Engine::finished() const {
  constexpr Cycles kMeshLatency = 7.0;
  const Cycles mesh = clocks_.mesh_free + 2.0 * static_cast<Cycles>(dim_) + kMeshLatency;
  return std::max({mesh, clocks_.loads_emitted, store_.writer().last_acknowledged(), clocks_.cpu}) +
         skipped_;
}

std::int64_t Engine::events() const {
  return dma_rows() + kEventsPerTile * tiles_;
}

// The CPU issues a tile's instructions while earlier tiles run, but waits for a free loop context.
Cycles Engine::accept(Cycles cpu_cycles) {
  const Cycles issued = clocks_.cpu + cpu_cycles;
  const Cycles accepted =
      std::max(issued, clocks_.slot_free[static_cast<std::size_t>(clocks_.half)]);
  clocks_.cpu = std::max(issued, accepted - kConfigCycles);
  return accepted + kConfigCycles;
}

void Engine::release(Cycles all_emitted) {
  clocks_.slot_free[static_cast<std::size_t>(clocks_.half)] = all_emitted;
  clocks_.half ^= 1;
}

// A tile of a large memory may have millions of commands.
void Engine::note(LoadedTile& loaded, const CommandTimes& times) const {
  monitor_.throw_if_stopped();
  loaded.last_emitted = std::max(loaded.last_emitted, times.emitted);
  loaded.last_completed = std::max(loaded.last_completed, times.completed);
}

}  // namespace masala::gemmini
