// LoopConv: one hardware-loop call of a convolution tile.
#include <cmath>

#include "targets/gemmini/simulator/engine.h"

namespace masala::gemmini {

using model::Dim;

namespace {

// Of the CPU, to issue a tile's instructions: measured on thousands of tiny tiles.
constexpr Cycles kCpuCyclesPerTile = 253.0;
constexpr Cycles kMeshLatency = 7.0;          // beyond 2 dim, from the last row fed to the result
constexpr std::int64_t kWrappedLoop = 65536;  // iterations of a wrapped 16-bit counter
constexpr std::int64_t kWrappedSample = 192;  // simulated of each half of them

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

// Least cycles per matrix multiply when few rows follow each other: the mesh holds five.
Cycles least_op_cycles(std::int64_t dim) {
  return std::max(4.0, 0.43 * static_cast<double>(dim) + 0.8);
}

}  // namespace

void Engine::run_convolution(const TilePosition& tile) {
  LoadedTile loaded;
  loaded.accepted = accept(kCpuCyclesPerTile + loop_cycles_ * static_cast<Cycles>(tile.turns));
  loaded.last_emitted = std::max(loaded.accepted, clocks_.loads_emitted);
  load_sums(tile, loaded);
  load_weights(tile, loaded);
  load_inputs(tile, loaded);
  clocks_.loads_emitted = loaded.last_emitted + 1.0;
  const ExecutedTile executed = execute_convolution(tile, loaded);
  clocks_.half_free[static_cast<std::size_t>(clocks_.half)] = executed.ended;
  Cycles emitted = executed.emitted;
  if (tile.stores) {
    emitted = store_convolution(tile, executed);
    clocks_.accumulator_half ^= 1;
  }
  release(emitted);
}

Engine::InputWindow Engine::input_window(const TilePosition& tile) const {
  InputWindow window{};
  window.first_row = tile.origin[Dim::Q] * program_.stride_h +
                     tile.origin[Dim::S] * program_.dilation_h - program_.padding;
  window.first_column = tile.origin[Dim::P] * program_.stride_w +
                        tile.origin[Dim::R] * program_.dilation_w - program_.padding;
  // One more than needed when the stride exceeds 1, as the unroller computes it.
  window.rows =
      tile.extent[Dim::Q] * program_.stride_h + (tile.extent[Dim::S] - 1) * program_.dilation_h;
  window.columns =
      tile.extent[Dim::P] * program_.stride_w + (tile.extent[Dim::R] - 1) * program_.dilation_w;
  const auto below = [](std::int64_t first) { return std::max<std::int64_t>(0, -first); };
  window.top_padding = below(window.first_row);
  window.left_padding = below(window.first_column);
  window.bottom_padding =
      std::max<std::int64_t>(0, window.first_row + window.rows - program_.image_rows);
  window.right_padding =
      std::max<std::int64_t>(0, window.first_column + window.columns - program_.image_columns);
  if (program_.kind == ProgramKind::clean) {
    // A correct driver has no padding here; the extra row of strided windows is clipped.
    window.rows -= window.bottom_padding;
    window.columns -= window.right_padding;
    window.bottom_padding = 0;
    window.right_padding = 0;
  }
  return window;
}

std::uint64_t Engine::window_class(const TilePosition& tile) const {
  if (program_.is_matmul) return 0;
  const InputWindow w = input_window(tile);
  std::uint64_t bits = 0;
  for (bool flag : {w.top_padding > 0,
                    w.bottom_padding > 0,
                    w.left_padding > 0,
                    w.right_padding > 0,
                    w.rows < w.top_padding + w.bottom_padding,
                    w.columns < w.left_padding + w.right_padding}) {
    bits = 2 * bits + (flag ? 1 : 0);
  }
  return bits;
}

// Bias commands: zeros for a new sum (the driver's "no bias"), stored 32-bit sums for a resumed
// one.
void Engine::load_sums(const TilePosition& tile, LoadedTile& loaded) {
  if (!tile.starts_sum && !tile.reloads_sum) return;
  const Cycles free = clocks_.results_read[static_cast<std::size_t>(clocks_.accumulator_half)];
  const std::int64_t blocks_per_command = std::max<std::int64_t>(1, kLineBytes / (4 * dim_));
  const std::int64_t channels_per_command = blocks_per_command * dim_;
  for (std::int64_t n = 0; n < tile.extent[Dim::N]; ++n) {
    for (std::int64_t q = 0; q < tile.extent[Dim::Q]; ++q) {
      for (std::int64_t p = 0; p < tile.extent[Dim::P]; p += dim_) {
        const std::int64_t rows = std::min(dim_, tile.extent[Dim::P] - p);
        for (std::int64_t k = 0; k < tile.extent[Dim::K]; k += channels_per_command) {
          const std::int64_t channels = std::min(channels_per_command, tile.extent[Dim::K] - k);
          if (tile.starts_sum) {
            note(loaded, load_.zeros(rows, ceil_div(channels, dim_), loaded.last_emitted, free));
            continue;
          }
          const std::int64_t pixel =
              ((tile.origin[Dim::N] + n) * program_.limit[Dim::Q] + tile.origin[Dim::Q] + q) *
                  program_.limit[Dim::P] +
              tile.origin[Dim::P] + p;
          const std::int64_t row_bytes = 4 * program_.limit[Dim::K];
          const std::int64_t offset = pixel * row_bytes + 4 * (tile.origin[Dim::K] + k);
          const MemoryBlock block{bases_.partial_sums + static_cast<std::uint64_t>(offset),
                                  row_bytes,
                                  rows,
                                  4 * channels};
          note(loaded, load_.mvin(block, loaded.last_emitted, free));
        }
      }
    }
  }
}

void Engine::load_weights(const TilePosition& tile, LoadedTile& loaded) {
  const Cycles free = clocks_.half_free[static_cast<std::size_t>(clocks_.half)];
  const std::int64_t channels_per_command = std::max(kLineBytes, dim_);
  const std::int64_t stride = program_.limit[Dim::K];
  for (std::int64_t k = 0; k < tile.extent[Dim::K]; k += channels_per_command) {
    const std::int64_t bytes = std::min(channels_per_command, tile.extent[Dim::K] - k);
    for (std::int64_t s = 0; s < tile.extent[Dim::S]; ++s) {
      for (std::int64_t r = 0; r < tile.extent[Dim::R]; ++r) {
        for (std::int64_t c = 0; c < tile.extent[Dim::C]; c += dim_) {
          const std::int64_t rows = std::min(dim_, tile.extent[Dim::C] - c);
          const std::int64_t filter =
              (tile.origin[Dim::S] + s) * program_.limit[Dim::R] + tile.origin[Dim::R] + r;
          const std::int64_t offset =
              (filter * program_.limit[Dim::C] + tile.origin[Dim::C] + c) * stride +
              tile.origin[Dim::K] + k;
          const MemoryBlock block{
              bases_.weights + static_cast<std::uint64_t>(offset), stride, rows, bytes};
          note(loaded, load_.mvin(block, loaded.last_emitted, free));
        }
      }
    }
  }
}

void Engine::load_input_run(const TilePosition& tile,
                            std::int64_t row,
                            std::int64_t column,
                            std::int64_t columns,
                            bool zero,
                            LoadedTile& loaded) {
  const Cycles free = clocks_.half_free[static_cast<std::size_t>(clocks_.half)];
  const std::int64_t channels_per_command = std::max(kLineBytes, dim_);
  const std::int64_t stride = program_.limit[Dim::C];
  for (std::int64_t c = 0; c < tile.extent[Dim::C]; c += channels_per_command) {
    const std::int64_t bytes = std::min(channels_per_command, tile.extent[Dim::C] - c);
    if (zero) {
      note(loaded, load_.zeros(columns, ceil_div(bytes, dim_), loaded.last_emitted, free));
      continue;
    }
    const std::int64_t offset =
        (row * program_.image_columns + column) * stride + tile.origin[Dim::C] + c;
    const MemoryBlock block{
        bases_.inputs + static_cast<std::uint64_t>(offset), stride, columns, bytes};
    note(loaded, load_.mvin(block, loaded.last_emitted, free));
  }
}

// A wrapped loop sweeps far more memory than the caches hold. Only a part of it is simulated, each
// time another one, so that it does not find in the cache what the whole sweep would have evicted.
std::int64_t Engine::wrapped_offset(std::int64_t count, std::int64_t simulated) {
  if (count <= simulated) return 0;
  return (wrapped_loops_++ * simulated) % (count - simulated);
}

// One image row of the window: a run of left padding, the image in runs of dim columns, a run of
// right padding. With a wrapped column count the unroller reads 32,768 columns past the row and
// zeroes as many.
void Engine::load_input_row(const TilePosition& tile,
                            const InputWindow& window,
                            std::int64_t row,
                            bool zero,
                            LoadedTile& loaded) {
  const std::int64_t image = window.columns - window.left_padding - window.right_padding;
  if (window.left_padding > 0) {
    for (std::int64_t p = 0; p < window.left_padding; p += dim_) {
      load_input_run(tile, row, 0, std::min(dim_, window.left_padding - p), true, loaded);
    }
  }
  const std::int64_t first = std::max<std::int64_t>(0, window.first_column);
  if (image < 0) {
    const std::int64_t runs = kWrappedLoop / 2 / dim_;
    const std::int64_t simulated = std::min(runs, kWrappedSample);
    const std::int64_t from = first + wrapped_offset(runs, simulated) * dim_;
    for (bool zeroed : {false, true}) {
      const Cycles before = loaded.last_emitted;
      for (std::int64_t i = 0; i < simulated; ++i) {
        load_input_run(tile, row, from + i * dim_, dim_, zero || zeroed, loaded);
      }
      const Cycles rate = (loaded.last_emitted - before) / static_cast<Cycles>(simulated);
      skip(rate * static_cast<Cycles>(runs - simulated));
    }
    return;
  }
  for (std::int64_t i = 0; i < image; i += dim_) {
    load_input_run(tile, row, first + i, std::min(dim_, image - i), zero, loaded);
  }
  for (std::int64_t p = 0; p < window.right_padding; p += dim_) {
    load_input_run(tile, row, 0, std::min(dim_, window.right_padding - p), true, loaded);
  }
}

void Engine::load_inputs(const TilePosition& tile, LoadedTile& loaded) {
  const InputWindow window = input_window(tile);
  const std::int64_t image = window.rows - window.top_padding - window.bottom_padding;
  for (std::int64_t n = 0; n < tile.extent[Dim::N]; ++n) {
    const std::int64_t plane = (tile.origin[Dim::N] + n) * program_.image_rows;
    for (std::int64_t i = 0; i < window.top_padding && image >= 0; ++i) {
      load_input_row(tile, window, plane, true, loaded);
    }
    const std::int64_t first = plane + std::max<std::int64_t>(0, window.first_row);
    if (image < 0) {
      // The unsigned 16-bit row count wraps: 32,768 rows are read and as many zeroed.
      const std::int64_t rows = kWrappedLoop / 2;
      const std::int64_t from = first + wrapped_offset(rows, kWrappedSample);
      for (bool zeroed : {false, true}) {
        const Cycles before = loaded.last_emitted;
        for (std::int64_t i = 0; i < kWrappedSample; ++i) {
          load_input_row(tile, window, from + i, zeroed, loaded);
        }
        const Cycles rate = (loaded.last_emitted - before) / static_cast<Cycles>(kWrappedSample);
        skip(rate * static_cast<Cycles>(rows - kWrappedSample));
      }
      continue;
    }
    for (std::int64_t i = 0; i < image; ++i) load_input_row(tile, window, first + i, false, loaded);
    for (std::int64_t i = 0; i < window.bottom_padding; ++i) {
      load_input_row(tile, window, plane, true, loaded);
    }
  }
}

// A pass feeds all output blocks of the tile past one block of weights.
Engine::ExecutedTile Engine::execute_convolution(const TilePosition& tile,
                                                 const LoadedTile& loaded) {
  const std::int64_t lines = tile.extent[Dim::N] * tile.extent[Dim::Q];
  const std::int64_t full = tile.extent[Dim::P] / dim_;
  const std::int64_t rest = tile.extent[Dim::P] % dim_;
  const std::int64_t ops = lines * (full + (rest > 0 ? 1 : 0));
  const auto dim = static_cast<Cycles>(dim_);
  const Cycles rest_cycles = rest > 0 ? std::max(4.0, static_cast<Cycles>(rest)) : 0.0;
  const Cycles rows =
      static_cast<Cycles>(lines) * (static_cast<Cycles>(full) * std::max(4.0, dim) + rest_cycles);
  const Cycles first_op = full > 0 ? std::max(4.0, dim) : rest_cycles;
  const Cycles pass =
      std::max(dim + rows - first_op, least_op_cycles(dim_) * static_cast<Cycles>(ops)) +
      bank_conflict_;
  const std::int64_t c_blocks = ceil_div(tile.extent[Dim::C], dim_);
  const std::int64_t passes =
      ceil_div(tile.extent[Dim::K], dim_) * tile.extent[Dim::R] * tile.extent[Dim::S] * c_blocks;

  ExecutedTile executed;
  executed.last_pass = pass;
  executed.started =
      std::max({loaded.last_emitted + 2.0,
                clocks_.mesh_free,
                clocks_.results_read[static_cast<std::size_t>(clocks_.accumulator_half)]});
  // The last image rows loaded are first needed at the last kernel row.
  const std::int64_t passes_before = (tile.extent[Dim::S] - 1) * tile.extent[Dim::R] * c_blocks;
  const Cycles needed = executed.started + static_cast<Cycles>(passes_before + 1) * pass;
  const Cycles last_op = rest > 0 ? rest_cycles : std::max(4.0, dim);
  const Cycles stall = std::max(0.0, loaded.last_completed + last_op - needed);
  executed.ended = executed.started + stall + static_cast<Cycles>(passes) * pass;
  // 16 commands, a preload and a compute for each op, may be left in the reservation station.
  constexpr Cycles kOpsInStation = 8.0;
  const Cycles op = pass / static_cast<Cycles>(ops);
  executed.emitted = std::max(executed.started, executed.ended - kOpsInStation * op);
  clocks_.mesh_free = executed.ended;
  execute_busy_ += static_cast<Cycles>(passes) * pass;
  return executed;
}

Cycles Engine::store_convolution(const TilePosition& tile, const ExecutedTile& executed) {
  const std::int64_t word = tile.final_store ? 1 : 4;
  const std::uint64_t base = tile.final_store ? bases_.outputs : bases_.partial_sums;
  const std::int64_t row_bytes = word * program_.limit[Dim::K];
  const std::int64_t columns = ceil_div(tile.extent[Dim::P], dim_);
  const std::int64_t ops = tile.extent[Dim::N] * tile.extent[Dim::Q] * columns;
  const Cycles result_latency = 2.0 * static_cast<Cycles>(dim_) + kMeshLatency;
  const Cycles last_pass = executed.ended - executed.last_pass + result_latency;
  const Cycles per_op = executed.last_pass / static_cast<Cycles>(ops);
  Cycles emitted = executed.emitted;
  Cycles read = emitted;
  std::int64_t op = 0;
  for (std::int64_t n = 0; n < tile.extent[Dim::N]; ++n) {
    for (std::int64_t q = 0; q < tile.extent[Dim::Q]; ++q) {
      for (std::int64_t p = 0; p < tile.extent[Dim::P]; p += dim_) {
        ++op;
        const std::int64_t rows = std::min(dim_, tile.extent[Dim::P] - p);
        const std::int64_t pixel =
            ((tile.origin[Dim::N] + n) * program_.limit[Dim::Q] + tile.origin[Dim::Q] + q) *
                program_.limit[Dim::P] +
            tile.origin[Dim::P] + p;
        for (std::int64_t k = 0; k < tile.extent[Dim::K]; k += dim_) {
          const std::int64_t channels = std::min(dim_, tile.extent[Dim::K] - k);
          const std::int64_t offset = pixel * row_bytes + word * (tile.origin[Dim::K] + k);
          // Only the last block of channels is still in the making when stores begin.
          const bool last_channels = k + dim_ >= tile.extent[Dim::K];
          const Cycles ready = last_channels ? last_pass + per_op * static_cast<Cycles>(op) : 0.0;
          const MemoryBlock block{
              base + static_cast<std::uint64_t>(offset), row_bytes, rows, word * channels};
          const CommandTimes times = store_.mvout(block, 1, executed.emitted, ready);
          emitted = std::max(emitted, times.emitted);
          read = std::max(read, times.completed);
        }
      }
    }
  }
  clocks_.results_read[static_cast<std::size_t>(clocks_.accumulator_half)] = read;
  return emitted;
}

}  // namespace masala::gemmini
