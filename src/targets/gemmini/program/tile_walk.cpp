#include "targets/gemmini/program/tile_walk.h"

#include <algorithm>

namespace masala::gemmini {

using model::Dim;
using model::kAllDims;

namespace {

bool is_reduction(Dim dim) {
  return !model::is_indexed_by(model::Operand::outputs, dim);
}

}  // namespace

TileWalk::TileWalk(const DriverProgram& program) : program_(program) {
  bool output_loop_inside = false;
  for (Dim dim : program.inner_to_outer) {
    trips_[dim] = program.trips(dim);
    if (trips_[dim] == 1) continue;
    if (is_reduction(dim)) {
      revisits_[dim] = output_loop_inside && program.spills_partial_sums;
    } else {
      output_loop_inside = true;
    }
  }
  place();
}

bool TileWalk::next() {
  position_.turns = 0;
  for (Dim dim : program_.inner_to_outer) {
    if (++index_[dim] < trips_[dim]) {
      place();
      return true;
    }
    index_[dim] = 0;
    if (trips_[dim] > 1) ++position_.turns;
  }
  return false;
}

void TileWalk::seek(std::int64_t tile) {
  // What the tile before it was like belongs to its signature.
  std::int64_t left = std::max<std::int64_t>(0, tile - 1);
  for (Dim dim : program_.inner_to_outer) {
    index_[dim] = left % trips_[dim];
    left /= trips_[dim];
  }
  signature_ = 0;
  position_.turns = 0;
  place();
  if (tile > 0) next();
}

void TileWalk::place() {
  bool in_place_first = true;
  bool in_place_last = true;
  bool first_visit = true;
  bool last_visit = true;
  std::uint64_t edges = 0;
  for (Dim dim : kAllDims) {
    position_.origin[dim] = index_[dim] * program_.tile[dim];
    position_.extent[dim] =
        std::min(program_.tile[dim], program_.limit[dim] - position_.origin[dim]);
    // Padding makes the first and the last tile along P and Q special, and the kernel position.
    edges = edges * 3 + (at_first(dim) ? 0 : at_last(dim) ? 2 : 1);
    if (!is_reduction(dim)) continue;
    (revisits_[dim] ? first_visit : in_place_first) &= at_first(dim);
    (revisits_[dim] ? last_visit : in_place_last) &= at_last(dim);
  }
  position_.starts_sum = in_place_first && first_visit;
  position_.reloads_sum = in_place_first && !first_visit;
  position_.final_store = in_place_last && last_visit;
  position_.stores = in_place_last && (last_visit || program_.spills_partial_sums);
  previous_signature_ = signature_;
  signature_ = edges;
}

}  // namespace masala::gemmini
