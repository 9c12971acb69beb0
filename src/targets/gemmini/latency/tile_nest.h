// The loops over tiles that a driver program runs, as numbers of type V (see number.h): what the
// instruction counters are computed from.
#pragma once

#include <array>

#include "masala/model/batch.h"
#include "masala/model/dims.h"
#include "model/number.h"
#include "targets/gemmini/program/driver_program.h"

namespace masala::gemmini {

using torch::Tensor;

// The order of the DRAM loops. position: 0 for the innermost.
template <class V>
struct TileLoopOrder;
template <>
struct TileLoopOrder<double> {
  std::array<model::Dim, model::kNumDims> inner_to_outer = model::kAllDims;
  model::PerDim<double> position{};
};
template <>
struct TileLoopOrder<Tensor> {
  Tensor inner_to_outer;           // [7,B] int64
  model::PerDim<Tensor> position;  // [B]
};

template <class V>
struct TileNest {
  V dim;  // the array is dim x dim
  model::PerDim<V> limit;
  model::PerDim<V> tile;
  model::PerDim<V> trips;  // of the DRAM loops
  TileLoopOrder<V> order;
  V turns;   // loops that end and begin anew
  V visits;  // of an output tile: stored at each, reloaded at all but the first

  // Convolutions. Sums over all tiles along an axis of the stored image:
  V input_columns;  // loaded
  V input_rows;
  V column_runs;     // load commands per image row: runs of at most dim columns
  V window_columns;  // loaded or, in the padding, filled with zeros
  V window_rows;
  V stride_w;
  V stride_h;
  V dilation_w;
  V dilation_h;
  V padded;                  // 1: the image is padded
  double base_offset = 0.0;  // bytes of the arrays from a multiple of 64
};

// The nest of a program, exactly: clipped edge tiles, padding.
TileNest<double> make_tile_nest(const DriverProgram& program);

// Relaxed mappings of Gemmini's four levels as tiles and the loops over them.
struct RelaxedTiles {
  model::LayerBatch layers;
  Tensor dim;             // [B]
  Tensor tile;            // [D,B]
  Tensor inner_to_outer;  // [D,B] int64: the DRAM loops
  Tensor is_matmul;       // [B] bool
};
RelaxedTiles make_relaxed_tiles(const model::MappingBatch& mapping,
                                const model::LayerBatch& layers,
                                const Tensor& dim);
// The batch elements `indices`, [b] int64.
RelaxedTiles select(const RelaxedTiles& tiles, const Tensor& indices);

// The clean program's nest of convolutions, or of matrix multiplies. At perfect integer factors
// equal to make_tile_nest() of the same mapping, but for `blocks` (number.h).
TileNest<Tensor> make_convolution_nest(const RelaxedTiles& tiles);
TileNest<Tensor> make_matmul_nest(const RelaxedTiles& tiles);

}  // namespace masala::gemmini
