// The DRAM loops of a program: which tile comes when, where it lies and how large it is.
#pragma once

#include <cstdint>

#include "targets/gemmini/program/driver_program.h"

namespace masala::gemmini {

struct TilePosition {
  int turns = 0;                       // DRAM loops that ended and began anew just before this tile
  model::PerDim<std::int64_t> origin;  // first element along each dimension
  model::PerDim<std::int64_t> extent;  // clipped at the limit
  bool starts_sum = false;             // outputs of this tile start from zero
  bool reloads_sum = false;            // ... or from partial sums stored at an earlier visit
  bool stores = false;                 // outputs are stored after this tile
  bool final_store = false;            // ... as 8-bit results; otherwise as 32-bit partial sums
};

// Walks the tiles in program order.
class TileWalk {
 public:
  explicit TileWalk(const DriverProgram& program);

  const TilePosition& position() const { return position_; }
  // Moves to the next tile; false after the last one.
  bool next();
  // Moves to a tile by its number in program order.
  void seek(std::int64_t tile);
  // What decides a tile's cost besides cache contents: which edges it touches, whether it starts or
  // stores sums, and the same of the previous tile.
  std::uint64_t signature() const { return signature_ * 4096 + previous_signature_ % 4096; }

 private:
  void place();
  bool at_first(model::Dim dim) const { return index_[dim] == 0; }
  bool at_last(model::Dim dim) const { return index_[dim] + 1 == trips_[dim]; }

  const DriverProgram& program_;
  model::PerDim<std::int64_t> trips_;
  model::PerDim<std::int64_t> index_ = model::filled<std::int64_t>(0);
  // Reduction loops inside every output loop accumulate in place; the ones outside revisit outputs.
  model::PerDim<bool> revisits_ = model::filled(false);
  TilePosition position_;
  std::uint64_t signature_ = 0;
  std::uint64_t previous_signature_ = 0;
};

}  // namespace masala::gemmini
