// LoopMatmul: one hardware-loop call of a matrix-multiply tile. I = P, J = K, K = C of the layer.
#include <vector>

#include "targets/gemmini/simulator/engine.h"

namespace masala::gemmini {

using model::Dim;

namespace {

constexpr Cycles kCpuCyclesPerTile = 126.0;  // of the CPU, see engine_convolution.cpp
constexpr Cycles kMeshLatency = 7.0;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

void Engine::run_matmul(const TilePosition& tile) {
  const std::int64_t i_blocks = ceil_div(tile.extent[Dim::P], dim_);
  const std::int64_t j_blocks = ceil_div(tile.extent[Dim::K], dim_);
  const std::int64_t k_blocks = ceil_div(tile.extent[Dim::C], dim_);
  const std::int64_t group = std::max<std::int64_t>(1, kLineBytes / dim_);  // blocks per command
  const auto rows_of = [&](std::int64_t block, Dim dim) {
    return std::min(dim_, tile.extent[dim] - block * dim_);
  };
  const auto half = static_cast<std::size_t>(clocks_.half);
  const auto accumulator_half = static_cast<std::size_t>(clocks_.accumulator_half);

  LoadedTile loaded;
  loaded.accepted = accept(kCpuCyclesPerTile + loop_cycles_ * static_cast<Cycles>(tile.turns));
  loaded.last_emitted = std::max(loaded.accepted, clocks_.loads_emitted);
  const Cycles first_emitted = loaded.last_emitted;
  const Cycles inputs_free = clocks_.half_free[half];

  // Stored partial sums come back first (clean program).
  if (tile.reloads_sum) {
    const std::int64_t row_bytes = 4 * program_.limit[Dim::K];
    const std::int64_t sums_per_command = std::max<std::int64_t>(dim_, kLineBytes / 4);
    for (std::int64_t i = 0; i < i_blocks; ++i) {
      for (std::int64_t j = 0; j < tile.extent[Dim::K]; j += sums_per_command) {
        const std::int64_t sums = std::min(sums_per_command, tile.extent[Dim::K] - j);
        const std::int64_t offset =
            (tile.origin[Dim::P] + i * dim_) * row_bytes + 4 * (tile.origin[Dim::K] + j);
        const MemoryBlock block{bases_.partial_sums + static_cast<std::uint64_t>(offset),
                                row_bytes,
                                rows_of(i, Dim::P),
                                4 * sums};
        note(loaded,
             load_.mvin(block, loaded.last_emitted, clocks_.results_read[accumulator_half]));
      }
    }
  }

  // A by groups of k, then i; B by k, then groups of j. B goes on while it is behind A.
  const std::int64_t a_groups = ceil_div(k_blocks, group);
  std::vector<Cycles> a_ready(static_cast<std::size_t>(a_groups), 0.0);  // less i x dim: see below
  std::vector<Cycles> b_ready(static_cast<std::size_t>(k_blocks * ceil_div(j_blocks, group)), 0.0);
  std::int64_t a_group = 0;
  std::int64_t a_row = 0;
  std::int64_t b_k = 0;
  std::int64_t b_group = 0;
  const std::int64_t b_groups = ceil_div(j_blocks, group);
  const auto load_a = [&] {
    const std::int64_t k = a_group * group * dim_;
    const std::int64_t bytes = std::min(group * dim_, tile.extent[Dim::C] - k);
    const std::int64_t offset =
        (tile.origin[Dim::P] + a_row * dim_) * program_.limit[Dim::C] + tile.origin[Dim::C] + k;
    const MemoryBlock block{bases_.inputs + static_cast<std::uint64_t>(offset),
                            program_.limit[Dim::C],
                            rows_of(a_row, Dim::P),
                            bytes};
    const CommandTimes times = load_.mvin(block, loaded.last_emitted, inputs_free);
    note(loaded, times);
    Cycles& ready = a_ready[static_cast<std::size_t>(a_group)];
    ready = std::max(ready, times.completed - static_cast<Cycles>(a_row * dim_));
    if (++a_row == i_blocks) {
      a_row = 0;
      ++a_group;
    }
  };
  const auto load_b = [&] {
    const std::int64_t j = b_group * group * dim_;
    const std::int64_t bytes = std::min(group * dim_, tile.extent[Dim::K] - j);
    const std::int64_t offset =
        (tile.origin[Dim::C] + b_k * dim_) * program_.limit[Dim::K] + tile.origin[Dim::K] + j;
    // The row padding is never applied to B: dim rows, whatever is left.
    const MemoryBlock block{
        bases_.weights + static_cast<std::uint64_t>(offset), program_.limit[Dim::K], dim_, bytes};
    const CommandTimes times = load_.mvin(block, loaded.last_emitted, inputs_free);
    note(loaded, times);
    b_ready[static_cast<std::size_t>(b_k * b_groups + b_group)] = times.completed;
    if (++b_group == b_groups) {
      b_group = 0;
      ++b_k;
    }
  };
  while (a_group < a_groups || b_k < k_blocks) {
    const bool a_done = a_group == a_groups;
    const bool b_done = b_k == k_blocks;
    const bool b_turn = a_done || a_group * group > b_k || (b_k == 0 && b_group == 0);
    if (!b_done && b_turn) {
      load_b();
    } else if (!a_done) {
      load_a();
    } else {
      load_b();
    }
  }
  clocks_.loads_emitted = loaded.last_emitted + 1.0;

  // Execution follows the loads block by block: k outer, then j, then i with the weights in place.
  const Cycles pass = static_cast<Cycles>(i_blocks * dim_) + bank_conflict_;
  Cycles time =
      std::max({first_emitted + 2.0, clocks_.mesh_free, clocks_.results_read[accumulator_half]});
  const Cycles started = time;
  Cycles last_k_started = time;
  std::vector<Cycles> column_done(static_cast<std::size_t>(j_blocks), 0.0);
  for (std::int64_t k = 0; k < k_blocks; ++k) {
    time = std::max(time, a_ready[static_cast<std::size_t>(k / group)]);
    last_k_started = time;
    for (std::int64_t j = 0; j < j_blocks; ++j) {
      time = std::max(time, b_ready[static_cast<std::size_t>(k * b_groups + j / group)]) + pass;
      column_done[static_cast<std::size_t>(j)] = time;
    }
  }
  clocks_.mesh_free = time;
  clocks_.half_free[half] = time;
  execute_busy_ += static_cast<Cycles>(k_blocks * j_blocks) * pass;
  constexpr Cycles kOpsInStation = 8.0;
  Cycles emitted = std::max(started, time - kOpsInStation * static_cast<Cycles>(dim_));

  if (tile.stores) {
    const std::int64_t word = tile.final_store ? 1 : 4;
    const std::uint64_t base = tile.final_store ? bases_.outputs : bases_.partial_sums;
    const std::int64_t row_bytes = word * program_.limit[Dim::K];
    const std::int64_t columns_per_command = tile.final_store ? group : 1;
    const Cycles latency = 2.0 * static_cast<Cycles>(dim_) + kMeshLatency;
    Cycles read = emitted;
    for (std::int64_t j = 0; j < j_blocks; j += columns_per_command) {
      const std::int64_t last = std::min(j + columns_per_command, j_blocks) - 1;
      const std::int64_t elements = std::min((last - j + 1) * dim_, tile.extent[Dim::K] - j * dim_);
      for (std::int64_t i = 0; i < i_blocks; ++i) {
        const std::int64_t offset =
            (tile.origin[Dim::P] + i * dim_) * row_bytes + word * (tile.origin[Dim::K] + j * dim_);
        const MemoryBlock block{base + static_cast<std::uint64_t>(offset),
                                row_bytes,
                                rows_of(i, Dim::P),
                                word * elements};
        const Cycles ready = column_done[static_cast<std::size_t>(last)] -
                             static_cast<Cycles>((i_blocks - 1 - i) * dim_) + latency;
        const CommandTimes times = store_.mvout(block, last - j + 1, last_k_started, ready);
        emitted = std::max(emitted, times.emitted);
        read = std::max(read, times.completed);
      }
    }
    clocks_.results_read[accumulator_half] = read;
    clocks_.accumulator_half ^= 1;
  }
  release(emitted);
}

}  // namespace masala::gemmini
