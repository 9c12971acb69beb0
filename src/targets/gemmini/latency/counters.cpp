#include "targets/gemmini/latency/counters.h"

#include "targets/gemmini/latency/cache_misses.h"
#include "targets/gemmini/latency/row_cycles.h"
#include "targets/gemmini/machine.h"

namespace masala::gemmini {

using namespace number;

using model::Dim;
using model::kAllDims;
using model::PerDim;

namespace {

constexpr double kLeastBlockRows = 4.0;  // an array step takes as long as four rows
template <class V>
V product(const PerDim<V>& values) {
  V result = values[Dim::R];
  for (Dim d : kAllDims) {
    if (d != Dim::R) result = result * values[d];
  }
  return result;
}

// Bytes that one load command moves of a row of channels: as many whole blocks of the array as fit
// 64.
template <class V>
V command_bytes(const TileNest<V>& nest) {
  return larger(whole(kLineBytes / nest.dim), 1.0) * nest.dim;
}

// Least cycles of an array step: at most five are in flight in the mesh.
template <class V>
V least_step_cycles(const TileNest<V>& nest) {
  return larger(0.43 * nest.dim + 0.8, kLeastBlockRows);
}

double if_positive(double condition, double x) {
  return condition > 0.0 ? x : 0.0;
}
Tensor if_positive(const Tensor& condition, const Tensor& x) {
  return torch::where(condition > 0.0, x, torch::zeros_like(x));
}

// Cycles of one row of output pixels: array steps of dim pixels, and one of what is left.
template <class V>
V row_of_steps(const TileNest<V>& nest, const V& columns) {
  const V full = whole(columns / nest.dim) * nest.dim;
  const V left = columns - full;
  return full + if_positive(left, larger(left, kLeastBlockRows));
}

// Cycles of the array for one block of weights: it is loaded once, then `rows` rows of `columns`
// output pixels pass by, dim at a time.
template <class V>
V block_cycles(const TileNest<V>& nest, const V& rows, const V& columns) {
  const V steps = rows * blocks(columns, nest.dim);
  const V first = larger(smaller(columns, nest.dim), kLeastBlockRows);
  const V passing = rows * row_of_steps(nest, columns) - first;
  return larger(nest.dim + larger(passing, 0.0), least_step_cycles(nest) * steps);
}

template <class V>
void count_loops(const TileNest<V>& nest, Counters<V>& counters) {
  const auto& trips = nest.trips;
  counters.tiles = product(nest.trips);
  counters.stores = trips[Dim::N] * trips[Dim::P] * trips[Dim::Q] * trips[Dim::K] * nest.visits;
  counters.turns = nest.turns;
  counters.visits = nest.visits;
}

// Sum over the tiles along the channels `d` of the DMA's cycles per row.
template <class V>
V row_cycles(const TileNest<V>& nest, Direction direction, Dim d, const V& command_bytes) {
  return sum_row_cycles(RowCuts<V>{direction,
                                   nest.limit[d],
                                   nest.tile[d],
                                   nest.trips[d],
                                   command_bytes,
                                   nest.dim,
                                   nest.base_offset});
}

// Stores of results in commands of so many bytes, and of partial sums, a block of the array each,
// at all but the last visit.
template <class V>
void count_stores(const TileNest<V>& nest, const V& command_bytes, Counters<V>& counters) {
  const V pixels = nest.limit[Dim::N] * nest.limit[Dim::P] * nest.limit[Dim::Q];
  const V sums = pixels * (counters.visits - 1.0) * blocks(nest.limit[Dim::K], nest.dim);
  const V beats = blocks(kSumBytes * nest.dim, kBeatBytes);
  counters.output_cycles =
      pixels * row_cycles(nest, Direction::write, Dim::K, command_bytes) + sums * (beats + 1.0);
  counters.reload_cycles = sums * beats;
}

double is_whole(double x) {
  return x == std::floor(x) ? 1.0 : 0.0;
}
Tensor is_whole(const Tensor& x) {
  return (x == x.floor()).to(torch::kFloat64);
}

double whole_lines(double bytes) {
  return is_whole(bytes / kLineBytes);
}
// Between multiples of a line: as if the tile were rounded to one.
Tensor whole_lines(const Tensor& bytes) {
  return (bytes - kLineBytes + 1.0).clamp(0.0, 1.0);
}

// 1 where stores of outputs, so many bytes at a time, write whole lines; 0 where a line takes
// several.
template <class V>
V stores_whole_lines(const TileNest<V>& nest, const V& command_bytes) {
  if (nest.base_offset != 0.0) return constant(0.0, nest.dim);
  return is_whole(command_bytes / kLineBytes) * is_whole(nest.limit[Dim::K] / kLineBytes) *
         whole_lines(nest.tile[Dim::K]);
}

template <class V>
void count_misses(const TileNest<V>& nest,
                  bool is_matmul,
                  CacheState cache,
                  const V& store_bytes,
                  Counters<V>& counters) {
  const CacheMisses<V> misses = cache_misses(nest, is_matmul, cache);
  const V spilled = smaller(counters.visits - 1.0, 1.0);
  counters.input_l2_misses = misses.l2[kInputs];
  counters.input_llc_misses = misses.llc[kInputs];
  counters.weight_l2_misses = misses.l2[kWeights];
  counters.weight_llc_misses = misses.llc[kWeights];
  const V fetches = 1.0 - stores_whole_lines(nest, store_bytes);
  counters.output_l2_misses = fetches * misses.l2[kOutputs];
  counters.output_llc_misses = fetches * misses.llc[kOutputs];
  counters.sum_l2_misses = spilled * misses.l2[kSums];
  counters.sum_llc_misses = spilled * misses.llc[kSums];
  counters.evictions = misses.evicted_outputs + spilled * misses.evicted_sums;
}

}  // namespace

template <class V>
Counters<V> count_convolution(const TileNest<V>& nest, CacheState cache) {
  const auto& trips = nest.trips;
  const auto& tile = nest.tile;
  const auto& limit = nest.limit;
  const V bytes = command_bytes(nest);
  const auto sum = [&](Dim d, const auto& f) {
    return sum_over_tiles(trips[d], tile[d], limit[d], f);
  };
  const auto array_blocks = [&](const V& t) { return blocks(t, nest.dim); };
  const auto commands = [&](const V& t) { return blocks(t, bytes); };
  const V c_blocks = sum(Dim::C, array_blocks);
  const V k_blocks = sum(Dim::K, array_blocks);
  const V taps = limit[Dim::R] * limit[Dim::S];

  Counters<V> counters;
  count_loops(nest, counters);
  const V per_weight_block = sum(Dim::N, [&](const V& n) {
    return sum(Dim::Q, [&](const V& q) {
      return sum(Dim::P, [&](const V& p) { return block_cycles<V>(nest, n * q, p); });
    });
  });
  counters.compute_cycles = taps * c_blocks * k_blocks * per_weight_block;

  const V passes = limit[Dim::N] * trips[Dim::K];  // over the image
  const V input_commands = sum(Dim::C, commands);
  counters.input_rows = passes * nest.input_columns * nest.input_rows * input_commands;
  counters.input_cycles = passes * nest.input_columns * nest.input_rows *
                          row_cycles(nest, Direction::read, Dim::C, bytes);
  counters.input_commands = passes * nest.column_runs * nest.input_rows * input_commands;
  const V output_tiles = trips[Dim::N] * trips[Dim::P] * trips[Dim::Q];
  const V weight_commands = output_tiles * taps * sum(Dim::K, commands);
  counters.weight_rows = weight_commands * limit[Dim::C];
  counters.weight_commands = weight_commands * c_blocks;
  counters.weight_cycles =
      output_tiles * taps * limit[Dim::C] * row_cycles(nest, Direction::read, Dim::K, bytes);

  const V sums = limit[Dim::N] * limit[Dim::P] * limit[Dim::Q] * k_blocks;
  const V window = nest.window_columns * nest.window_rows;
  const V padding = window - nest.input_columns * nest.input_rows;
  counters.zero_rows = sums + passes * padding * sum(Dim::C, array_blocks);
  count_stores(nest, nest.dim, counters);
  count_misses(nest, false, cache, nest.dim, counters);
  return counters;
}

template <class V>
Counters<V> count_matmul(const TileNest<V>& nest, CacheState cache) {
  const auto& trips = nest.trips;
  const auto& tile = nest.tile;
  const auto& limit = nest.limit;
  const V bytes = command_bytes(nest);
  const auto padded = [&](Dim d) { return blocks(limit[d], nest.dim) * nest.dim; };
  const auto commands = [&](Dim d) {
    return sum_over_tiles(
        trips[d], tile[d], limit[d], [&](const V& t) { return blocks(t, bytes); });
  };
  const V i_blocks = blocks(limit[Dim::P], nest.dim);
  const V j_blocks = blocks(limit[Dim::K], nest.dim);
  const V k_blocks = blocks(limit[Dim::C], nest.dim);

  Counters<V> counters;
  count_loops(nest, counters);
  counters.compute_cycles = i_blocks * j_blocks * k_blocks * nest.dim;
  counters.input_rows = limit[Dim::P] * trips[Dim::K] * commands(Dim::C);
  counters.input_cycles =
      limit[Dim::P] * trips[Dim::K] * row_cycles(nest, Direction::read, Dim::C, bytes);
  counters.input_commands = i_blocks * trips[Dim::K] * commands(Dim::C);
  counters.weight_rows = padded(Dim::C) * trips[Dim::P] * commands(Dim::K);
  counters.weight_cycles =
      padded(Dim::C) * trips[Dim::P] * row_cycles(nest, Direction::read, Dim::K, bytes);
  counters.weight_commands = k_blocks * trips[Dim::P] * commands(Dim::K);
  counters.zero_rows = constant(0.0, nest.dim);
  count_stores(nest, bytes, counters);
  count_misses(nest, true, cache, bytes, counters);
  return counters;
}

template Counters<double> count_convolution(const TileNest<double>& nest, CacheState cache);
template Counters<double> count_matmul(const TileNest<double>& nest, CacheState cache);
template Counters<Tensor> count_convolution(const TileNest<Tensor>& nest, CacheState cache);
template Counters<Tensor> count_matmul(const TileNest<Tensor>& nest, CacheState cache);

}  // namespace masala::gemmini
