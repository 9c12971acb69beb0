#include "targets/gemmini/simulator/tile_groups.h"

#include <algorithm>

namespace masala::gemmini {

using model::Dim;

TileGroups::TileGroups(const DriverProgram& program, WindowClass window_class)
    : walk_(program),
      window_class_(std::move(window_class)),
      has_windows_(!program.is_matmul && program.padding > 0) {
  std::int64_t stride = 1;
  for (Dim dim : program.inner_to_outer) {
    const std::int64_t trips = program.trips(dim);
    if (trips > 1) loops_.push_back({dim, trips, stride});
    stride *= trips;
  }
}

void TileGroups::visit(std::int64_t begin, std::int64_t end, const Visit& visit) {
  if (begin == end) return;
  visit_ = &visit;
  Box box{};
  visit_loops(loops_.size(), box, begin, end);
}

// Tiles [begin, end) of the innermost `loops` loops, at the iterations of those outside that `box`
// has.
void TileGroups::visit_loops(std::size_t loops, Box& box, std::int64_t begin, std::int64_t end) {
  if (loops == 0) return visit_box(box);
  const Loop& loop = loops_[loops - 1];
  const auto visit_inside = [&](Range iterations, std::int64_t from, std::int64_t to) {
    box[loop.dim] = iterations;
    visit_loops(loops - 1, box, from, to);
  };
  std::int64_t first = begin / loop.stride;
  const std::int64_t last = end / loop.stride;
  if (const std::int64_t skipped = begin % loop.stride; skipped > 0) {
    const std::int64_t stop = std::min(end - first * loop.stride, loop.stride);
    visit_inside({first, first}, skipped, stop);
    if (first == last) return;  // it ends within the same iteration
    ++first;
  }
  // Edges are special, and the tile before a tile belongs to its signature: the second iteration is
  // the one after an edge.
  const Range alike[] = {{0, 0}, {1, 1}, {2, loop.trips - 2}, {loop.trips - 1, loop.trips - 1}};
  std::int64_t next = first;
  for (const Range& range : alike) {
    const std::int64_t stop = std::min(range.last, last - 1);
    if (next < range.first || next > stop) continue;
    visit_inside({next, stop}, 0, loop.stride);
    next = stop + 1;
  }
  if (const std::int64_t left = end % loop.stride; left > 0) visit_inside({last, last}, 0, left);
}

std::uint64_t TileGroups::class_of(std::int64_t tile) {
  walk_.seek(tile);
  return window_class_(walk_.position());
}

// Where the windows at two opposite corners are alike, those between them are too.
void TileGroups::visit_box(const Box& box) {
  TileGroup group{0, 1};
  std::int64_t opposite = 0;
  const Loop* longest = nullptr;  // along which windows move
  const auto length = [&](const Loop& loop) { return box[loop.dim].last - box[loop.dim].first; };
  for (const Loop& loop : loops_) {
    group.first += box[loop.dim].first * loop.stride;
    opposite += box[loop.dim].last * loop.stride;
    group.count *= length(loop) + 1;
    const bool moves =
        loop.dim == Dim::P || loop.dim == Dim::Q || loop.dim == Dim::R || loop.dim == Dim::S;
    if (moves && (longest == nullptr || length(loop) > length(*longest))) longest = &loop;
  }
  const bool may_differ = has_windows_ && longest != nullptr && length(*longest) > 0;
  if (!may_differ || class_of(group.first) == class_of(opposite)) return (*visit_)(group);
  Box half = box;
  Range& split = half[longest->dim];
  split.last = split.first + (split.last - split.first) / 2;
  const std::int64_t middle = split.last;
  visit_box(half);
  split = {middle + 1, box[longest->dim].last};
  visit_box(half);
}

}  // namespace masala::gemmini
