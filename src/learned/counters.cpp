#include "learned/counters.h"

#include "learned/row_cycles.h"

namespace masala::learned {

using model::Dim;
using model::kAllDims;
using model::kNumDims;
using model::PerDim;

namespace {

constexpr double kBeatBytes = 16.0;
constexpr double kLineBytes = 64.0;
constexpr double kSumBytes = 4.0;        // of a partial sum
constexpr double kLeastBlockRows = 4.0;  // an array step takes as long as four rows
constexpr double kL2Lines = 8192.0;      // 512 KiB
constexpr double kLlcLines = 65536.0;    // 4 MiB
constexpr double kMostSets = 1024.0;     // strides of this many lines meet in one cache set
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

// Cycles of the array for one block of weights: it is loaded once, then `rows` rows of `columns`
// output pixels pass by, dim at a time.
template <class V>
V block_cycles(const TileNest<V>& nest, const V& rows, const V& columns) {
  const V steps = rows * blocks(columns, nest.dim);
  const V first = larger(smaller(columns, nest.dim), kLeastBlockRows);
  const V passing = rows * larger(columns, kLeastBlockRows) - first;
  return larger(nest.dim + larger(passing, 0.0), least_step_cycles(nest) * steps);
}

// ---- Cache misses ------------------------------------------------------------------------------

enum Stream { kInputs, kWeights, kOutputs, kSums };
constexpr int kNumStreams = 4;

template <class V>
using PerStream = std::array<V, kNumStreams>;

// An array in memory: `rows` rows of `used` of `channels` bytes that follow each other.
template <class V>
struct Footprint {
  V rows;
  V used;
  V channels;

  // Lines of 64 bytes; rows shorter than a line share it.
  V lines() const {
    const V whole_rows = rows * blocks(used, kLineBytes);
    const V shared = larger(rows * channels / kLineBytes, 1.0);
    return select_wide(whole_rows, shared);
  }
  // Lines it takes away from the cache: rows at a stride of many lines fall into few sets.
  V pressure() const { return select_wide(larger(lines(), rows * same_sets()), lines()); }

 private:
  static double select(bool wide, double yes, double no) { return wide ? yes : no; }
  static Tensor select(const Tensor& wide, const Tensor& yes, const Tensor& no) {
    return torch::where(wide, yes, no);
  }
  V select_wide(const V& yes, const V& no) const { return select(channels >= kLineBytes, yes, no); }

  // gcd of the row stride in lines and the number of sets, where rows are whole lines.
  static double sets_of(double lines_per_row) {
    if (lines_per_row != std::floor(lines_per_row)) return 0.0;
    double power = 1.0;
    while (power < kMostSets && std::fmod(lines_per_row, 2.0 * power) == 0.0) power *= 2.0;
    return power;
  }
  static Tensor sets_of(const Tensor& lines_per_row) {
    const Tensor lines = lines_per_row.detach();
    Tensor power = (lines == lines.floor()).to(torch::kFloat64);
    for (double p = 2.0; p <= kMostSets; p *= 2.0) {
      power = torch::where(lines.fmod(p) == 0.0, torch::full_like(power, p), power);
    }
    return power;
  }
  V same_sets() const { return sets_of(channels / kLineBytes); }
};

template <class V>
PerStream<Footprint<V>> footprints(const TileNest<V>& nest, const PerDim<V>& x, bool matmul) {
  const auto& limit = nest.limit;
  V pixels = x[Dim::N] * x[Dim::P] * x[Dim::Q];
  V inputs = pixels;
  if (!matmul) {
    const auto extent = [](const V& outputs, const V& taps, const V& stride, const V& dilation) {
      return (outputs - 1.0) * stride + (taps - 1.0) * dilation + 1.0;
    };
    const V columns = smaller(extent(x[Dim::P], x[Dim::R], nest.stride_w, nest.dilation_w),
                              limit[Dim::P] * nest.stride_w);
    const V rows = smaller(extent(x[Dim::Q], x[Dim::S], nest.stride_h, nest.dilation_h),
                           limit[Dim::Q] * nest.stride_h);
    inputs = x[Dim::N] * columns * rows;
  }
  const V taps = x[Dim::R] * x[Dim::S] * x[Dim::C];
  return {Footprint<V>{inputs, x[Dim::C], limit[Dim::C]},
          Footprint<V>{taps, x[Dim::K], limit[Dim::K]},
          Footprint<V>{pixels, x[Dim::K], limit[Dim::K]},
          Footprint<V>{pixels, kSumBytes * x[Dim::K], kSumBytes * limit[Dim::K]}};
}

// Share of a working set, swept again and again, that the cache still holds: all of it up to the
// capacity. Beyond, random replacement keeps 1 - m of a set f times the capacity where
// m = 1 - exp(-m f); this is within 0.01 of that.
template <class V>
V share_kept(const V& pressure, double capacity) {
  constexpr double kTiny = 1e-9;
  const V excess = larger(pressure / capacity - 1.0, kTiny);
  return exp_of(-1.6 * pow_of(excess, 0.9));
}

// Loop by loop outwards: what one iteration touches either stays in the cache until the next one,
// and what they touch together is fetched once, or every iteration fetches its part anew.
template <class V>
PerStream<V> misses(const TileNest<V>& nest, bool matmul, double capacity) {
  PerDim<V> x;
  for (Dim d : kAllDims) x[d] = smaller(nest.tile[d], nest.limit[d]);
  PerStream<Footprint<V>> reached = footprints(nest, x, matmul);
  PerStream<V> missed{
      reached[0].lines(), reached[1].lines(), reached[2].lines(), reached[3].lines()};
  for (const PerDim<V>& growth : nest.growth) {
    const V lines =
        reached[kInputs].lines() + reached[kWeights].lines() + reached[kOutputs].lines();
    const PerStream<Footprint<V>> before = reached;
    for (Dim d : kAllDims) x[d] = smaller(nest.limit[d], x[d] * growth[d]);
    reached = footprints(nest, x, matmul);
    const V all = product(growth);
    const V over_outputs = growth[Dim::N] * growth[Dim::P] * growth[Dim::Q] * growth[Dim::K];
    for (int i = 0; i < kNumStreams; ++i) {
      const auto s = static_cast<std::size_t>(i);
      const V kept = share_kept(larger(lines, before[s].pressure()), capacity);
      const V again = missed[s] * (i == kOutputs ? over_outputs : all);
      missed[s] = kept * reached[s].lines() + (1.0 - kept) * again;
    }
  }
  for (Dim d : kAllDims) x[d] = nest.limit[d];
  const PerStream<Footprint<V>> whole_layer = footprints(nest, x, matmul);
  V lines = whole_layer[kInputs].lines() + whole_layer[kWeights].lines();
  lines = lines + whole_layer[kOutputs].lines();
  const V cold =
      1.0 - share_kept(lines, capacity);  // warm caches: what fits is there from the start
  for (V& m : missed) m = m * cold;
  return missed;
}

// ---- Loops -------------------------------------------------------------------------------------

// How often an output tile is visited: trips of reduction loops outside an output loop. A loop of n
// trips is there to the degree min(1, n - 1).
template <class V>
V output_visits(const TileNest<V>& nest) {
  V visits = constant(1.0, nest.dim);
  V output_inside = constant(0.0, nest.dim);
  for (const PerDim<V>& growth : nest.growth) {
    const V reduction = growth[Dim::C] * growth[Dim::R] * growth[Dim::S];
    visits = visits * pow_of(reduction, output_inside);
    const V over_outputs = growth[Dim::N] * growth[Dim::P] * growth[Dim::Q] * growth[Dim::K];
    output_inside = smaller(output_inside + smaller(over_outputs - 1.0, 1.0), 1.0);
  }
  return 1.0 + (visits - 1.0) * nest.spills;
}

// How often a loop ends and begins anew: once less than the trips of the loops outside it.
template <class V>
V loop_turns(const TileNest<V>& nest) {
  V turns = constant(0.0, nest.dim);
  V outside = constant(1.0, nest.dim);
  for (auto growth = nest.growth.rbegin(); growth != nest.growth.rend(); ++growth) {
    const V trips = product(*growth);
    turns = turns + smaller(trips - 1.0, 1.0) * (outside - 1.0);
    outside = outside * trips;
  }
  return turns;
}

template <class V>
void count_loops(const TileNest<V>& nest, Counters<V>& counters) {
  counters.tiles = product(nest.trips);
  counters.turns = loop_turns(nest);
  counters.visits = output_visits(nest);
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

template <class V>
void count_misses(const TileNest<V>& nest, bool matmul, Counters<V>& counters) {
  const PerStream<V> l2 = misses(nest, matmul, kL2Lines);
  const PerStream<V> llc = misses(nest, matmul, kLlcLines);
  const V spilled = smaller(counters.visits - 1.0, 1.0);
  counters.input_l2_misses = l2[kInputs];
  counters.input_llc_misses = llc[kInputs];
  counters.weight_l2_misses = l2[kWeights];
  counters.weight_llc_misses = llc[kWeights];
  counters.output_l2_misses = l2[kOutputs];
  counters.output_llc_misses = llc[kOutputs];
  counters.sum_l2_misses = spilled * l2[kSums];
  counters.sum_llc_misses = spilled * llc[kSums];
}

}  // namespace

template <class V>
Counters<V> count_convolution(const TileNest<V>& nest) {
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
  count_misses(nest, false, counters);
  return counters;
}

template <class V>
Counters<V> count_matmul(const TileNest<V>& nest) {
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
  count_misses(nest, true, counters);
  return counters;
}

template Counters<double> count_convolution(const TileNest<double>& nest);
template Counters<double> count_matmul(const TileNest<double>& nest);
template Counters<Tensor> count_convolution(const TileNest<Tensor>& nest);
template Counters<Tensor> count_matmul(const TileNest<Tensor>& nest);

}  // namespace masala::learned
