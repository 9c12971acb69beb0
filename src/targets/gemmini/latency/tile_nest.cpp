#include "targets/gemmini/latency/tile_nest.h"

#include <algorithm>

#include "targets/gemmini/latency/axis_sums.h"
#include "targets/gemmini/machine.h"

namespace masala::gemmini {

using namespace number;

using model::Dim;
using model::kAllDims;
using model::kNumDims;

namespace {

constexpr double kMeasuredOffset = 8.0;  // the measured convolutions' arrays are aligned to 8 bytes

int row(Dim dim) {
  return static_cast<int>(dim);
}
std::size_t at(Dim dim) {
  return static_cast<std::size_t>(dim);
}

AxisSums sum_columns(const DriverProgram& program) {
  return sum_axis({program.limit[Dim::P],
                   program.tile[Dim::P],
                   program.stride_w,
                   program.limit[Dim::R],
                   program.tile[Dim::R],
                   program.dilation_w,
                   program.padding,
                   program.image_columns,
                   program.dim});
}
AxisSums sum_rows(const DriverProgram& program) {
  return sum_axis({program.limit[Dim::Q],
                   program.tile[Dim::Q],
                   program.stride_h,
                   program.limit[Dim::S],
                   program.tile[Dim::S],
                   program.dilation_h,
                   program.padding,
                   program.image_rows,
                   program.dim});
}

// Tensor forms of the axis sums of the clean program, whose image has no padding: every tile's
// window, less what the tiles at the end of the image have too much.
struct RelaxedAxis {
  Tensor loaded;
  Tensor runs;
};

RelaxedAxis relaxed_axis(const TileNest<Tensor>& nest,
                         Dim output,
                         Dim tap,
                         const Tensor& stride,
                         const Tensor& dilation) {
  const Tensor window = nest.tile[output] * stride + (nest.tile[tap] - 1.0) * dilation;
  const Tensor tiles = nest.trips[output] * nest.trips[tap];
  Tensor excess = stride - 1.0;  // of the last tile along both; those of taps before it have less
  constexpr int kMoreTapTiles = 2;
  for (int before = 1; before <= kMoreTapTiles; ++before) {
    const Tensor present = (nest.trips[tap] - before).clamp(0.0, 1.0);
    const Tensor nearer = before * nest.tile[tap] * dilation;
    excess = excess + present * (stride - 1.0 - nearer).clamp_min(0.0);
  }
  return {tiles * window - excess, tiles * blocks(window, nest.dim)};
}

constexpr Dim kOutputDims[] = {Dim::P, Dim::Q, Dim::K, Dim::N};
constexpr Dim kReductionDims[] = {Dim::R, Dim::S, Dim::C};

// Degree to which a loop is there, 0 to 1.
template <class V>
V presence(const V& trips) {
  return smaller(trips - 1.0, 1.0);
}

// 1 where the loop over `a` lies inside that over `b`.
double is_inside(double a, double b) {
  return a < b ? 1.0 : 0.0;
}
Tensor is_inside(const Tensor& a, const Tensor& b) {
  return (a < b).to(torch::kFloat64);
}

// How often an output tile is visited: trips of reduction loops outside an output loop.
template <class V>
V output_visits(const TileNest<V>& nest) {
  V visits = constant(1.0, nest.dim);
  for (Dim r : kReductionDims) {
    V output_inside = constant(0.0, nest.dim);
    for (Dim o : kOutputDims) {
      output_inside = output_inside + is_inside(nest.order.position[o], nest.order.position[r]) *
                                          presence(nest.trips[o]);
    }
    visits = visits * pow_of(nest.trips[r], smaller(output_inside, 1.0));
  }
  return visits;
}

// A loop ends and begins anew once less than the trips of the loops outside it.
double loop_turns(const TileNest<double>& nest) {
  double turns = 0.0;
  double outside = 1.0;
  for (auto d = nest.order.inner_to_outer.rbegin(); d != nest.order.inner_to_outer.rend(); ++d) {
    turns += presence(nest.trips[*d]) * (outside - 1.0);
    outside *= nest.trips[*d];
  }
  return turns;
}
Tensor loop_turns(const TileNest<Tensor>& nest) {
  const std::vector<Tensor> trips(nest.trips.values.begin(), nest.trips.values.end());
  const Tensor outer_to_inner = torch::stack(trips, 0).gather(0, nest.order.inner_to_outer).flip(0);
  const Tensor outside = outer_to_inner.cumprod(0) / outer_to_inner;
  return ((outer_to_inner - 1.0).clamp_max(1.0) * (outside - 1.0)).sum(0);
}

void set_order(TileNest<Tensor>& nest, const Tensor& inner_to_outer) {
  nest.order.inner_to_outer = inner_to_outer;
  const std::vector<Tensor> position =
      inner_to_outer.argsort(std::int64_t{0}).to(torch::kFloat64).unbind(0);
  for (Dim d : kAllDims) nest.order.position[d] = position[static_cast<std::size_t>(row(d))];
}

template <class V>
void count_loops(TileNest<V>& nest) {
  nest.turns = loop_turns(nest);
  nest.visits = output_visits(nest);
}

// What does not depend on the loops.
TileNest<Tensor> make_nest(const RelaxedTiles& tiles) {
  TileNest<Tensor> nest;
  nest.dim = tiles.dim;
  nest.stride_w = tiles.layers.stride_w;
  nest.stride_h = tiles.layers.stride_h;
  nest.dilation_w = tiles.layers.dilation_w;
  nest.dilation_h = tiles.layers.dilation_h;
  nest.padded = torch::zeros_like(tiles.layers.macs);
  return nest;
}

}  // namespace

TileNest<double> make_tile_nest(const DriverProgram& program) {
  TileNest<double> nest{};
  nest.dim = static_cast<double>(program.dim);
  for (Dim d : kAllDims) {
    nest.limit[d] = static_cast<double>(program.limit[d]);
    nest.tile[d] = static_cast<double>(program.tile[d]);
    nest.trips[d] = static_cast<double>(program.trips(d));
  }
  nest.order.inner_to_outer = program.inner_to_outer;
  for (std::size_t j = 0; j < program.inner_to_outer.size(); ++j)
    nest.order.position[program.inner_to_outer[j]] = static_cast<double>(j);
  count_loops(nest);
  if (!program.spills_partial_sums) nest.visits = 1.0;
  nest.stride_w = static_cast<double>(program.stride_w);
  nest.stride_h = static_cast<double>(program.stride_h);
  nest.dilation_w = static_cast<double>(program.dilation_w);
  nest.dilation_h = static_cast<double>(program.dilation_h);
  nest.padded = program.padding > 0 ? 1.0 : 0.0;
  if (program.is_matmul) return nest;
  nest.base_offset = program.kind == ProgramKind::measured ? kMeasuredOffset : 0.0;
  const AxisSums along_w = sum_columns(program);
  const AxisSums along_h = sum_rows(program);
  nest.input_columns = along_w.loaded;
  nest.input_rows = along_h.loaded;
  nest.column_runs = along_w.runs;
  const bool clean = program.kind == ProgramKind::clean;
  nest.window_columns = clean ? along_w.loaded : along_w.window;
  nest.window_rows = clean ? along_h.loaded : along_h.window;
  return nest;
}

RelaxedTiles make_relaxed_tiles(const model::MappingBatch& mapping,
                                const model::LayerBatch& layers,
                                const Tensor& dim) {
  RelaxedTiles tiles;
  tiles.layers = layers;
  tiles.dim = dim;
  tiles.tile = (mapping.temporal.narrow(0, 0, kDram) * mapping.spatial.narrow(0, 0, kDram)).prod(0);
  tiles.inner_to_outer = mapping.order[kDram].flip(0);
  const Tensor& bounds = layers.bounds;
  tiles.is_matmul = (bounds[at(Dim::R)] * bounds[at(Dim::S)] * bounds[at(Dim::Q)]) == 1.0;
  return tiles;
}

RelaxedTiles select(const RelaxedTiles& tiles, const Tensor& indices) {
  const auto picked = [&](const Tensor& x) { return x.index_select(-1, indices); };
  const model::LayerBatch& layers = tiles.layers;
  RelaxedTiles some;
  some.layers = {picked(layers.bounds),
                 picked(layers.stride_w),
                 picked(layers.stride_h),
                 picked(layers.dilation_w),
                 picked(layers.dilation_h),
                 picked(layers.macs)};
  // The gradient of index_select() goes through its indices one by one.
  some.dim = tiles.dim.gather(0, indices);
  some.tile = tiles.tile.gather(1, indices.expand({kNumDims, -1}));
  some.inner_to_outer = picked(tiles.inner_to_outer);
  some.is_matmul = picked(tiles.is_matmul);
  return some;
}

TileNest<Tensor> make_convolution_nest(const RelaxedTiles& tiles) {
  const model::LayerBatch& layers = tiles.layers;
  const std::vector<Tensor> bounds = layers.bounds.unbind(0);
  const std::vector<Tensor> tile = tiles.tile.unbind(0);
  TileNest<Tensor> nest = make_nest(tiles);
  for (Dim d : kAllDims) {
    nest.limit[d] = bounds[at(d)];
    nest.tile[d] = tile[at(d)];
    nest.trips[d] = bounds[at(d)] / tile[at(d)];
  }
  set_order(nest, tiles.inner_to_outer);
  count_loops(nest);
  const RelaxedAxis along_w =
      relaxed_axis(nest, Dim::P, Dim::R, layers.stride_w, layers.dilation_w);
  const RelaxedAxis along_h =
      relaxed_axis(nest, Dim::Q, Dim::S, layers.stride_h, layers.dilation_h);
  nest.input_columns = nest.window_columns = along_w.loaded;
  nest.input_rows = nest.window_rows = along_h.loaded;
  nest.column_runs = along_w.runs;
  return nest;
}

// Rows of all batches follow each other; tiles are whole blocks of the array.
TileNest<Tensor> make_matmul_nest(const RelaxedTiles& tiles) {
  const Tensor& dim = tiles.dim;
  const std::vector<Tensor> bounds = tiles.layers.bounds.unbind(0);
  const std::vector<Tensor> tile = tiles.tile.unbind(0);
  const Tensor one = torch::ones_like(tiles.layers.macs);
  TileNest<Tensor> nest = make_nest(tiles);
  for (Dim d : kAllDims) nest.limit[d] = nest.tile[d] = nest.trips[d] = one;
  const Tensor rows = bounds[at(Dim::P)] * bounds[at(Dim::N)];
  const Tensor tile_rows = tile[at(Dim::P)] * tile[at(Dim::N)];
  for (Dim d : {Dim::P, Dim::C, Dim::K}) {
    nest.limit[d] = d == Dim::P ? rows : bounds[at(d)];
    nest.tile[d] = torch::maximum(d == Dim::P ? tile_rows : tile[at(d)], dim);
    const Tensor padded = torch::ceil(nest.limit[d] / dim.detach()) * dim.detach();
    nest.trips[d] = (padded / nest.tile[d]).clamp_min(1.0);
  }
  // A loop over N is one over the rows.
  const Tensor& inner_to_outer = tiles.inner_to_outer;
  const Tensor has_row_loop = bounds[at(Dim::P)] / tile[at(Dim::P)] > 1.0;
  const Tensor row_loop = torch::where(has_row_loop,
                                       torch::full_like(inner_to_outer[0], row(Dim::P)),
                                       torch::full_like(inner_to_outer[0], row(Dim::N)));
  Tensor order = inner_to_outer.clone();
  for (int j = 0; j < kNumDims; ++j) {
    const Tensor is_p = inner_to_outer[j] == row(Dim::P);
    const Tensor is_n = inner_to_outer[j] == row(Dim::N);
    const Tensor is_row = inner_to_outer[j] == row_loop;
    Tensor merged = torch::where(is_p | is_n, torch::full_like(order[j], row(Dim::N)), order[j]);
    order[j].copy_(torch::where(is_row, torch::full_like(order[j], row(Dim::P)), merged));
  }
  set_order(nest, order);
  count_loops(nest);
  return nest;
}

}  // namespace masala::gemmini
