#include "targets/gemmini/latency/cache_misses.h"

#include "model/operand_tile.h"
#include "targets/gemmini/machine.h"

namespace masala::gemmini {

using namespace number;

using model::Dim;
using model::kAllDims;
using model::kNumDims;
using model::PerDim;

namespace {

constexpr auto kL2Lines = static_cast<double>(kL2Bytes / kLineBytes);
constexpr auto kLlcLines = static_cast<double>(kLlcBytes / kLineBytes);
constexpr double kMostSets = 1024.0;  // strides of this many lines meet in one cache set

// How the rows of an array lie in memory; constant for a layer.
template <class V>
struct Rows {
  V bytes;      // from row to row
  V is_long;    // 1: of a line or more; shorter ones share lines
  V same_sets;  // lines per row that a stride of many lines leaves to choose from, 0 if none
};

// Largest power of two that divides the stride in lines; 0 where it is not whole lines.
double common_sets(double lines_per_row) {
  if (lines_per_row != std::floor(lines_per_row)) return 0.0;
  double power = 1.0;
  while (power < kMostSets && std::fmod(lines_per_row, 2.0 * power) == 0.0) power *= 2.0;
  return power;
}
Tensor common_sets(const Tensor& lines_per_row) {
  const Tensor lines = lines_per_row.detach();
  Tensor power = (lines == lines.floor()).to(torch::kFloat64);
  for (double p = 2.0; p <= kMostSets; p *= 2.0)
    power = torch::where(lines.fmod(p) == 0.0, torch::full_like(power, p), power);
  return power;
}

double is_at_least(double x, double limit) {
  return x >= limit ? 1.0 : 0.0;
}
Tensor is_at_least(const Tensor& x, double limit) {
  return (x >= limit).to(torch::kFloat64);
}

template <class V>
Rows<V> make_rows(const V& bytes) {
  return {bytes, is_at_least(bytes, kLineBytes), common_sets(bytes / kLineBytes)};
}

template <class V>
using Extents = PerDim<V>;  // along every dimension, of what some loops touch together

template <class V>
struct Touched {
  V lines;
  V pressure;  // lines taken away from the cache: rows in few sets take more than they have
};

// `rows` rows of `used` bytes each.
template <class V>
Touched<V> touched(const V& rows, const V& used, const Rows<V>& layout) {
  const V apart = rows * blocks(used, kLineBytes);
  const V shared = larger(rows * layout.bytes / kLineBytes, 1.0);
  const V lines = layout.is_long * apart + (1.0 - layout.is_long) * shared;
  return {lines, larger(lines, layout.is_long * rows * layout.same_sets)};
}

// Image positions under a window; the stored image ends at limit x stride.
template <class V>
V window(const V& outputs, const V& taps, const V& stride, const V& dilation, const V& limit) {
  return smaller(model::window(outputs, taps, stride, dilation), limit * stride);
}

// Computes what loops touch; V may be [B] or, for all of them at once, [8,B].
template <class V>
class Toucher {
 public:
  Toucher(const TileNest<V>& nest, bool is_matmul)
      : nest_(nest),
        is_matmul_(is_matmul),
        rows_{make_rows<V>(nest.limit[Dim::C]),
              make_rows<V>(nest.limit[Dim::K]),
              make_rows<V>(nest.limit[Dim::K]),
              make_rows<V>(kSumBytes * nest.limit[Dim::K])} {}

  PerStream<Touched<V>> operator()(const Extents<V>& x) const {
    const V pixels = x[Dim::N] * x[Dim::P] * x[Dim::Q];
    V inputs = pixels;
    if (!is_matmul_) {
      inputs =
          x[Dim::N] *
          window<V>(x[Dim::P], x[Dim::R], nest_.stride_w, nest_.dilation_w, nest_.limit[Dim::P]) *
          window<V>(x[Dim::Q], x[Dim::S], nest_.stride_h, nest_.dilation_h, nest_.limit[Dim::Q]);
    }
    const V taps = x[Dim::R] * x[Dim::S] * x[Dim::C];
    return {touched<V>(inputs, x[Dim::C], rows_[kInputs]),
            touched<V>(taps, x[Dim::K], rows_[kWeights]),
            touched<V>(pixels, x[Dim::K], rows_[kOutputs]),
            touched<V>(pixels, kSumBytes * x[Dim::K], rows_[kSums])};
  }

 private:
  const TileNest<V>& nest_;
  bool is_matmul_;
  PerStream<Rows<V>> rows_;
};

double power(double x, double exponent) {
  return std::pow(x, exponent);
}
// Far cheaper than pow() and its gradient.
Tensor power(const Tensor& x, double exponent) {
  return (x.log() * exponent).exp();
}

// Share of a working set, swept again and again, that the cache still holds: all of it up to the
// capacity. Beyond, random replacement keeps 1 - m of a set f times the capacity where
// m = 1 - exp(-m f); this is within 0.01 of that.
template <class V>
V share_kept(const V& pressure, double capacity) {
  constexpr double kTiny = 1e-9;
  const V excess = larger(pressure / capacity - 1.0, kTiny);
  return exp_of(-1.6 * power(excess, 0.9));
}

template <class V>
PerStream<V> lines_of(const PerStream<Touched<V>>& touched) {
  return {touched[kInputs].lines,
          touched[kWeights].lines,
          touched[kOutputs].lines,
          touched[kSums].lines};
}

// Of arrays that are in memory all the time.
template <class V>
V sum_lines(const PerStream<V>& lines) {
  return lines[kInputs] + lines[kWeights] + lines[kOutputs];
}

// What the caches hold of the layer before its first tile; of that, what fits stays.
class Start {
 public:
  explicit Start(CacheState state)
      : state_(state == CacheState::carry ? CacheState::inputs : state) {}

  bool in_l2(std::size_t stream) const {
    return state_ == CacheState::warm || (state_ == CacheState::inputs && stream == kInputs);
  }
  bool in_llc(std::size_t stream) const { return state_ == CacheState::llc || in_l2(stream); }

  // That share the room.
  template <class V>
  V lines(const PerStream<V>& whole_layer) const {
    return state_ == CacheState::inputs ? whole_layer[kInputs] : sum_lines(whole_layer);
  }

 private:
  CacheState state_;
};

// What is missed in all, of what would be if nothing of the layer was there at the start.
template <class V>
CacheMisses<V> from_start(CacheState state,
                          const PerStream<V>& whole_layer,  // lines
                          CacheMisses<V> misses) {
  const Start start(state);
  const V lost = 1.0 - share_kept<V>(sum_lines(whole_layer), kL2Lines);
  misses.evicted_outputs = lost * misses.l2[kOutputs];
  misses.evicted_sums = lost * misses.l2[kSums];
  const V present = start.lines(whole_layer);
  const V l2_missing = 1.0 - share_kept<V>(present, kL2Lines);
  const V llc_missing = 1.0 - share_kept<V>(present, kLlcLines);
  for (std::size_t s = 0; s < kNumStreams; ++s) {
    if (start.in_l2(s)) misses.l2[s] = misses.l2[s] * l2_missing;
    if (start.in_llc(s)) misses.llc[s] = misses.llc[s] * llc_missing;
  }
  return misses;
}

}  // namespace

// Loop by loop outwards: what one iteration touches either stays in the cache until the next one,
// and what they touch together is fetched once, or every iteration fetches its part anew.
CacheMisses<double> cache_misses(const TileNest<double>& nest, bool is_matmul, CacheState state) {
  const Toucher<double> toucher(nest, is_matmul);
  Extents<double> x;
  for (Dim d : kAllDims) x[d] = smaller(nest.tile[d], nest.limit[d]);
  PerStream<Touched<double>> reached = toucher(x);
  CacheMisses<double> misses;
  for (std::size_t s = 0; s < kNumStreams; ++s) misses.l2[s] = misses.llc[s] = reached[s].lines;
  const auto pass = [&](PerStream<double>& missed,
                        double capacity,
                        const PerStream<Touched<double>>& before,
                        Dim d) {
    const double lines = sum_lines(lines_of(before));
    for (std::size_t s = 0; s < kNumStreams; ++s) {
      const double kept = share_kept(larger(lines, before[s].pressure), capacity);
      const bool multiplies = s != kOutputs || model::is_indexed_by(model::Operand::outputs, d);
      const double again = missed[s] * (multiplies ? nest.trips[d] : 1.0);
      missed[s] = kept * reached[s].lines + (1.0 - kept) * again;
    }
  };
  for (Dim d : nest.order.inner_to_outer) {
    if (nest.trips[d] == 1.0) continue;  // changes nothing
    const PerStream<Touched<double>> before = reached;
    x[d] = smaller(nest.limit[d], x[d] * nest.trips[d]);
    reached = toucher(x);
    pass(misses.l2, kL2Lines, before, d);
    pass(misses.llc, kLlcLines, before, d);
  }
  return from_start(state, lines_of(toucher(nest.limit)), std::move(misses));
}

// The same with the stages of the loops along a first axis: [8,B], and caches [2,.].
CacheMisses<Tensor> cache_misses(const TileNest<Tensor>& nest, bool is_matmul, CacheState state) {
  const Tensor& order = nest.order.inner_to_outer;
  const Tensor one = torch::ones_like(nest.dim).unsqueeze(0);
  Extents<Tensor> x;  // after no loop, the first, the first two, ...
  Tensor over_outputs = torch::ones_like(order, model::real_options());  // trips, 1 for reductions
  Tensor trips = over_outputs;
  for (Dim d : kAllDims) {
    const Tensor is_d = order == static_cast<int>(d);
    const Tensor grown = torch::where(is_d, nest.trips[d].unsqueeze(0), one);
    const Tensor growth = torch::cat({one, grown.cumprod(0)}, 0);
    x[d] = torch::minimum(smaller(nest.tile[d], nest.limit[d]) * growth, nest.limit[d]);
    trips = trips * grown;
    if (model::is_indexed_by(model::Operand::outputs, d)) over_outputs = over_outputs * grown;
  }
  const Toucher<Tensor> toucher(nest, is_matmul);
  const PerStream<Touched<Tensor>> reached = toucher(x);
  const Tensor total = sum_lines(lines_of(reached));  // [8,B]

  std::vector<Tensor> lines;
  std::vector<Tensor> pressure;
  std::vector<Tensor> again;
  for (std::size_t s = 0; s < kNumStreams; ++s) {
    lines.push_back(reached[s].lines);
    pressure.push_back(torch::maximum(total, reached[s].pressure));
    again.push_back(s == kOutputs ? over_outputs : trips);
  }
  const Tensor all_lines = torch::stack(lines, 1).unsqueeze(2);            // [8,4,1,B]
  const Tensor inside = torch::stack(pressure, 1).narrow(0, 0, kNumDims);  // [7,4,B]
  const Tensor kept_inside =
      torch::stack({share_kept(inside, kL2Lines), share_kept(inside, kLlcLines)}, 2);  // [7,4,2,B]
  const Tensor repeats = torch::stack(again, 1).unsqueeze(2);                          // [7,4,1,B]
  // A loop of one iteration changes nothing, whatever those inside it have left.
  const Tensor runs = smaller(trips - 1.0, 1.0).unsqueeze(1).unsqueeze(2);  // [7,1,1,B]
  const std::vector<Tensor> fetched_once =
      (runs * kept_inside * all_lines.narrow(0, 1, kNumDims)).unbind(0);
  const std::vector<Tensor> multiplied =
      (1.0 - runs + runs * (1.0 - kept_inside) * repeats).unbind(0);
  Tensor missed = all_lines[0].expand({kNumStreams, 2, nest.dim.size(0)});
  for (std::size_t j = 0; j < kNumDims; ++j) missed = fetched_once[j] + multiplied[j] * missed;

  const std::vector<Tensor> parts = missed.reshape({2 * kNumStreams, -1}).unbind(0);
  PerStream<Tensor> whole_layer;
  CacheMisses<Tensor> misses;
  for (std::size_t s = 0; s < kNumStreams; ++s) {
    whole_layer[s] = lines[s][kNumDims];
    misses.l2[s] = parts[2 * s];
    misses.llc[s] = parts[2 * s + 1];
  }
  return from_start(state, whole_layer, std::move(misses));
}

}  // namespace masala::gemmini
