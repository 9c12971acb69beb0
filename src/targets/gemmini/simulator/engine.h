// The machine in time: tiles in program order through load, execute and store, with max-plus
// clocks.
#pragma once

#include <array>
#include <cstdint>

#include "targets/gemmini/program/driver_program.h"
#include "targets/gemmini/program/tile_walk.h"
#include "targets/gemmini/simulator/controllers.h"
#include "targets/gemmini/simulator/network_memory.h"
#include "targets/gemmini/simulator/simulate.h"

namespace masala::gemmini {

// Clocks that carry over from tile to tile. The load and execute units of a tile use one half of
// the scratchpad, its results one half of the accumulator; both alternate.
struct MachineClocks {
  Cycles cpu = 0.0;            // ready to issue the next tile's instructions
  Cycles loads_emitted = 0.0;  // all loads of the previous tile
  Cycles mesh_free = 0.0;
  std::array<Cycles, 2> slot_free{};     // loop contexts
  std::array<Cycles, 2> half_free{};     // scratchpad half read to the end
  std::array<Cycles, 2> results_read{};  // accumulator half stored
  int half = 0;
  int accumulator_half = 0;
};

// One program on one machine. run_tile() is called for the tiles in order (or for bursts of them).
class Engine {
 public:
  Engine(const DriverProgram& program,
         const SimulatorConstants& constants,
         const SimulationSettings& settings,
         const ArrayBases& bases,
         MemorySystem& memory,
         const model::Monitor& monitor);

  void run_tile(const TilePosition& tile);
  // How a tile's window lies over the padding, for telling tiles apart: one bit per side, and per
  // axis whether the unpadded count wraps.
  std::uint64_t window_class(const TilePosition& tile) const;

  // All work of the tiles so far is done and acknowledged.
  Cycles finished() const;
  // The latest end of a tile's execution or loads: what advances tile by tile.
  Cycles frontier() const { return std::max(clocks_.mesh_free, clocks_.loads_emitted) + skipped_; }
  // Lets time pass in every unit alike.
  void skip(Cycles cycles) { skipped_ += cycles; }

  std::int64_t events() const;
  Cycles skipped() const { return skipped_; }
  double busy_load() const { return load_.busy().total(); }
  double busy_execute() const { return execute_busy_; }
  double busy_store() const { return store_.busy().total(); }
  // When the latest work of each unit ends.
  Cycles load_end() const { return load_.busy().end() + skipped_; }
  Cycles execute_end() const { return clocks_.mesh_free + skipped_; }
  Cycles store_end() const { return store_.busy().end() + skipped_; }
  std::int64_t dma_rows() const { return load_.reader().rows() + store_.writer().rows(); }
  std::int64_t dma_bytes() const { return load_.reader().bytes() + store_.writer().bytes(); }

 private:
  struct LoadedTile {
    Cycles accepted = 0.0;  // instructions taken by a loop context
    Cycles last_emitted = 0.0;
    Cycles last_completed = 0.0;
  };
  struct ExecutedTile {
    Cycles started = 0.0;
    Cycles ended = 0.0;      // last row fed
    Cycles last_pass = 0.0;  // length of the last pass over all output blocks
    Cycles emitted = 0.0;    // all commands emitted
  };
  // Where a convolution tile lies in the padded image.
  struct InputWindow {
    std::int64_t first_row, rows, top_padding, bottom_padding;
    std::int64_t first_column, columns, left_padding, right_padding;
  };

  Cycles accept(Cycles cpu_cycles);
  void release(Cycles all_emitted);

  void run_convolution(const TilePosition& tile);
  InputWindow input_window(const TilePosition& tile) const;
  void load_sums(const TilePosition& tile, LoadedTile& loaded);
  void load_weights(const TilePosition& tile, LoadedTile& loaded);
  void load_inputs(const TilePosition& tile, LoadedTile& loaded);
  void load_input_row(const TilePosition& tile,
                      const InputWindow& window,
                      std::int64_t row,
                      bool zero,
                      LoadedTile& loaded);
  void load_input_run(const TilePosition& tile,
                      std::int64_t row,
                      std::int64_t column,
                      std::int64_t columns,
                      bool zero,
                      LoadedTile& loaded);
  std::int64_t wrapped_offset(std::int64_t count, std::int64_t simulated);
  ExecutedTile execute_convolution(const TilePosition& tile, const LoadedTile& loaded);
  Cycles store_convolution(const TilePosition& tile, const ExecutedTile& executed);

  void run_matmul(const TilePosition& tile);

  void note(LoadedTile& loaded, const CommandTimes& times) const;

  const DriverProgram& program_;
  ArrayBases bases_;
  const model::Monitor& monitor_;
  std::int64_t dim_;
  Cycles loop_cycles_;  // of the CPU, for every DRAM loop that begins anew
  // Extra cycles of every pass: where inputs reach into the weights' scratchpad bank, weights are
  // preloaded after the rows in the mesh instead of along with them.
  Cycles bank_conflict_ = 0.0;
  LoadController load_;
  StoreController store_;
  MachineClocks clocks_;
  Cycles execute_busy_ = 0.0;  // rows fed into the mesh and preloads
  Cycles skipped_ = 0.0;
  std::int64_t tiles_ = 0;
  std::int64_t wrapped_loops_ = 0;
};

}  // namespace masala::gemmini
