#include "model/traffic.h"

#include <algorithm>

#include "model/collect_traffic.h"
#include "model/imperfect_traffic.h"

namespace masala::model {
namespace {

using Extents = PerDim<std::int64_t>;

// Displacement of the tile, in words along each axis of the operand, when one loop steps.
// Along C, K and N a step never overlaps the tile, so one flag is enough for those axes.
struct Step {
  std::int64_t w = 0;
  std::int64_t h = 0;
  bool leaves_tile = false;  // moves along C, K or N, or (weights, outputs) along any axis

  bool is_zero() const { return w == 0 && h == 0 && !leaves_tile; }
};

struct Loop {
  Dim dim;
  std::int64_t bound;
  std::int64_t extent_below;  // T_d below the loop, spatial factors of the tile included
};

struct LoopList {
  std::array<Loop, kMaxLevels * kNumDims> loops;
  int size = 0;
  const Loop* begin() const { return loops.data(); }
  const Loop* end() const { return loops.data() + size; }
};

// Temporal loops outside `level` with a bound above 1, inner to outer. The spatial factors of
// levels up to `through` belong to the tile, hence lie below every loop.
LoopList loops_outside(const Mapping& mapping, int num_levels, int level, int through) {
  LoopList list;
  Extents below = tile(mapping, level);
  for (int m = level + 1; m <= through; ++m) {
    for (Dim dim : kAllDims) below[dim] *= mapping.levels[m].spatial[dim];
  }
  for (int m = level + 1; m < num_levels; ++m) {
    const LevelMapping& loops = mapping.levels[m];
    if (m > through) {
      for (Dim dim : kAllDims) below[dim] *= loops.spatial[dim];
    }
    for (auto it = loops.order.rbegin(); it != loops.order.rend(); ++it) {
      const std::int64_t bound = loops.temporal[*it];
      if (bound == 1) continue;
      list.loops[list.size++] = {*it, bound, below[*it]};
      below[*it] *= bound;
    }
  }
  return list;
}

Step input_step(const Loop& loop, const Layer& layer) {
  switch (loop.dim) {
    case Dim::P: return {loop.extent_below * layer.stride_w, 0, false};
    case Dim::R: return {loop.extent_below * layer.dilation_w, 0, false};
    case Dim::Q: return {0, loop.extent_below * layer.stride_h, false};
    case Dim::S: return {0, loop.extent_below * layer.dilation_h, false};
    case Dim::C:
    case Dim::N: return {0, 0, true};
    case Dim::K: break;
  }
  return {};
}

// Weights and outputs: every loop moves the tile by its whole extent or not at all, so the tile is
// fetched once per relevant loop, and per irrelevant loop that has a relevant one inside it.
std::int64_t refetches(Operand operand, const LoopList& loops) {
  std::int64_t count = 1;
  bool relevant_inside = false;
  for (const Loop& loop : loops) {
    if (is_indexed_by(operand, loop.dim)) relevant_inside = true;
    if (relevant_inside) count *= loop.bound;
  }
  return count;
}

// Inputs: the halo is reused along the innermost outer loop, and along a loop whose net
// displacement t_j (its own step less the rewound inner ones) equals that loop's.
std::int64_t input_words_filled(const LoopList& loops, const Extents& extents, const Layer& layer) {
  const std::int64_t width = input_width(extents, layer);
  const std::int64_t height = input_height(extents, layer);
  const std::int64_t depth = extents[Dim::C] * extents[Dim::N];
  const std::int64_t volume = width * height * depth;
  if (loops.size == 0) return volume;

  const Step first = input_step(loops.loops[0], layer);
  const std::int64_t reused = first.leaves_tile
                                  ? 0
                                  : std::max<std::int64_t>(0, width - first.w) *
                                        std::max<std::int64_t>(0, height - first.h) * depth;
  const std::int64_t fresh = volume - reused;

  // Sum over loops j of (n_j - 1) * (product of the bounds outside j) * c_j, from the inside out.
  std::int64_t moves = 0;  // words fetched when the loops seen so far run once
  Step inner;              // sum of the steps of the loops inside j
  for (const Loop& loop : loops) {
    const Step step = input_step(loop, layer);
    const bool leaves = step.leaves_tile || inner.leaves_tile;
    const bool like_first =
        &loop == loops.begin() || (leaves == first.leaves_tile && !leaves &&
                                   step.w - inner.w == first.w && step.h - inner.h == first.h);
    moves = moves * loop.bound + (loop.bound - 1) * (like_first ? fresh : volume);
    inner = {inner.w + step.w, inner.h + step.h, leaves};
  }
  return volume + moves;
}

std::int64_t spatial_product(const Mapping& mapping, int first, int last) {
  std::int64_t product = 1;
  for (int m = first; m <= last; ++m) {
    for (std::int64_t factor : mapping.levels[m].spatial.values) product *= factor;
  }
  return product;
}

// Product of the spatial factors at levels first..last of dimensions the operand lacks.
std::int64_t spatial_sharing(Operand operand, const Mapping& mapping, int first, int last) {
  std::int64_t product = 1;
  for (int m = first; m <= last; ++m) {
    for (Dim dim : kAllDims) {
      if (!is_indexed_by(operand, dim)) product *= mapping.levels[m].spatial[dim];
    }
  }
  return product;
}

// F at factors that multiply to the bounds.
std::int64_t perfect_words_filled(Operand operand,
                                  const Mapping& mapping,
                                  const Layer& layer,
                                  int num_levels,
                                  int level,
                                  int through) {
  Extents extents = tile(mapping, level);
  for (int m = level + 1; m <= through; ++m) {
    for (Dim dim : kAllDims) extents[dim] *= mapping.levels[m].spatial[dim];
  }
  const LoopList loops = loops_outside(mapping, num_levels, level, through);
  if (operand == Operand::inputs) return input_words_filled(loops, extents, layer);
  return operand_words(operand, extents, layer) * refetches(operand, loops);
}

// See collect_traffic().
class PerfectCounts {
 public:
  PerfectCounts(const Mapping& mapping, const Layer& layer, int num_levels)
      : mapping_(mapping), layer_(layer), num_levels_(num_levels), macs_(layer.macs()) {}

  std::int64_t mac_accesses(Operand operand, int level) const {
    return macs_ / spatial_sharing(operand, mapping_, 0, level);
  }

  std::int64_t first_updates(int level) const {
    return operand_words(Operand::outputs, layer_.bounds, layer_) *
           spatial_sharing(Operand::outputs, mapping_, level + 1, num_levels_ - 1);
  }

  std::int64_t filled(Operand operand, int level, int through) const {
    return perfect_words_filled(operand, mapping_, layer_, num_levels_, level, through) *
           used_instances(mapping_, through);
  }

 private:
  const Mapping& mapping_;
  const Layer& layer_;
  int num_levels_;
  std::int64_t macs_;
};

}  // namespace

PerDim<std::int64_t> tile(const Mapping& mapping, int level) {
  Extents extents = filled<std::int64_t>(1);
  for (int m = 0; m <= level; ++m) {
    for (Dim dim : kAllDims) {
      extents[dim] *= mapping.levels[m].temporal[dim] * mapping.levels[m].spatial[dim];
    }
  }
  return extents;
}

std::int64_t used_instances(const Mapping& mapping, int level) {
  return spatial_product(mapping, level + 1, mapping.num_levels - 1);
}

std::int64_t input_width(const Extents& t, const Layer& layer) {
  return (t[Dim::P] - 1) * layer.stride_w + (t[Dim::R] - 1) * layer.dilation_w + 1;
}
std::int64_t input_height(const Extents& t, const Layer& layer) {
  return (t[Dim::Q] - 1) * layer.stride_h + (t[Dim::S] - 1) * layer.dilation_h + 1;
}

std::int64_t operand_words(Operand operand, const Extents& t, const Layer& layer) {
  switch (operand) {
    case Operand::weights: return t[Dim::R] * t[Dim::S] * t[Dim::C] * t[Dim::K];
    case Operand::inputs:
      return input_width(t, layer) * input_height(t, layer) * t[Dim::C] * t[Dim::N];
    case Operand::outputs: break;
  }
  return t[Dim::P] * t[Dim::Q] * t[Dim::K] * t[Dim::N];
}

std::int64_t words_filled(Operand operand,
                          const Mapping& mapping,
                          const Layer& layer,
                          int num_levels,
                          int level,
                          int through) {
  if (!is_perfect(mapping, layer)) {
    return imperfect_words_filled(
        operand, mapping, layer, num_levels, level, through, Instances::first);
  }
  return perfect_words_filled(operand, mapping, layer, num_levels, level, through);
}

Traffic count_traffic(const Mapping& mapping, const Layer& layer, const Machine& machine) {
  if (!is_perfect(mapping, layer)) {
    return count_imperfect_traffic(mapping, layer, machine);
  }
  return collect_traffic(machine, PerfectCounts(mapping, layer, machine.num_levels));
}

}  // namespace masala::model
