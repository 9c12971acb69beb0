// Cycles that Gemmini's DMA takes for rows of bytes, as they lie in memory.
#pragma once

#include "model/number.h"

namespace masala::gemmini {

using torch::Tensor;

enum class Direction { read, write };

// Rows of `length` bytes, one after the other, cut into tiles of `tile`, every tile into commands
// of at most `command` bytes.
template <class V>
struct RowCuts {
  Direction direction = Direction::read;
  V length;
  V tile;
  V trips;  // tiles per row
  V command;
  V dim;               // bytes of a row of the scratchpad, or of a block of outputs
  double base_offset;  // of the array, from a multiple of 64
};

// Sum over the tiles of a row of the cycles to move its bytes with the caches hitting, mean over
// rows. Every line is moved by one aligned request of 16, 32 or 64 bytes. A request to read takes
// its beats of 16 bytes, or its scratchpad rows where these are more; to write, its beats after its
// blocks are collected; and no less than a sixteenth of the latency, as 16 are in flight.
double sum_row_cycles(const RowCuts<double>& cuts);
// Relaxed: as if every tile began at a request's boundary.
Tensor sum_row_cycles(const RowCuts<Tensor>& cuts);

}  // namespace masala::gemmini
