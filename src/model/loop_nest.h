// The words that enter a tile: the loop nest of a mapping, one text of its rules for perfect and
// for imperfect factors (Nest: PerfectNest or ImperfectNest). Internal to the model.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"
#include "model/operand_tile.h"

namespace masala::model {

// The temporal loops of a mapping with bounds above 1, inner to outer.
struct TemporalLoops {
  explicit TemporalLoops(const Mapping& mapping) {
    for (int level = 0; level < mapping.num_levels; ++level) {
      const LevelMapping& factors = mapping.levels[level];
      for (auto dim = factors.order.rbegin(); dim != factors.order.rend(); ++dim) {
        // Without a branch, which would be hard to predict.
        loops[static_cast<std::size_t>(size)] = {*dim, level};
        size += factors.temporal[*dim] > 1 ? 1 : 0;
      }
      first_outside[level] = size;
    }
  }

  struct Loop {
    Dim dim;
    int level;
  };
  const Loop& operator[](int j) const { return loops[static_cast<std::size_t>(j)]; }

  std::array<Loop, kMaxLevels * kNumDims> loops;
  int size = 0;
  PerLevel<int> first_outside;  // number of the innermost loop outside each level
};

inline constexpr int kNoLoop = std::numeric_limits<int>::max();

// Blocks of one dimension that are alike, each around what the loops inside some loop cover.
struct Block {
  std::int64_t count = 1;
  std::int64_t extent = 0;   // of the first tile in the block
  std::int64_t rewound = 0;  // steps of the loops that go back at its end, one step of each, summed
  int innermost = kNoLoop;   // the innermost of them
};

// One tile, with the factors up to `level` and the spatial ones up to `through`, and the temporal
// loops outside it. Nest offers
//   Factors                    of a mapping: all its `loops`
//   Blocks                     a range of Block
//   all_blocks(dim)            one for every iteration of the loops outside the tile
//   find_steps(j, blocks)      those of loop j's dimension that are reached by a step of loop j
//   find_blocks(j, blocks)     those around loop j; `blocks` are those around the loops inside it
//   step(j)                    by how many positions loop j moves the tile
//   whole_tile(dim)            extent of a tile that is not clipped
template <class Nest>
class LoopNest {
 public:
  LoopNest(const typename Nest::Factors& factors, const Layer& layer, int level, int through)
      : loops_(factors.loops),
        layer_(layer),
        first_loop_(loops_.first_outside[level]),
        nest_(factors, level, through) {}

  // F of docs/model.md, over the instances of `through`: the tile is fetched anew at every step of
  // the loops, less what stays.
  std::int64_t words_filled(Operand operand) const {
    switch (operand) {
      case Operand::weights: return words_filled<Operand::weights>();
      case Operand::inputs: return words_filled<Operand::inputs>();
      case Operand::outputs: break;
    }
    return words_filled<Operand::outputs>();
  }

 private:
  using Blocks = typename Nest::Blocks;

  static bool stays(const Block& block) { return block.rewound == 0; }

  template <Operand operand>
  std::int64_t words_filled() const {
    PerDim<Blocks> blocks;
    for (Dim dim : kAllDims) blocks[dim] = nest_.all_blocks(dim);
    std::int64_t words = tile_words<operand>(blocks, [](const Block&) { return true; });
    for (int j = first_loop_; j < loops_.size; ++j) {
      Blocks& along = blocks[loops_[j].dim];
      const bool leaves = leaves_tile(operand, loops_[j].dim);
      if (!leaves) {
        nest_.find_steps(j, along);
        words -= words_kept<operand>(j, blocks);
      }
      nest_.find_blocks(j, along);
      // What goes back at all steps of a loop does at those further out.
      if (leaves && std::none_of(along.begin(), along.end(), stays)) break;
    }
    return words;
  }

  // Blocks of one dimension taken together.
  struct Sums {
    std::int64_t count = 0;
    std::int64_t extent = 0;
  };
  template <class Predicate>
  static Sums sum_of(const Blocks& blocks, const Predicate& counts) {
    Sums sums;
    for (const Block& block : blocks) {
      if (!counts(block)) continue;
      sums.count += block.count;
      sums.extent += block.count * block.extent;
    }
    return sums;
  }

  // Sum of the window's words over all pairs of an output and a filter block.
  static std::int64_t sum_of_windows(const Sums& outputs,
                                     std::int64_t stride,
                                     const Sums& taps,
                                     std::int64_t dilation) {
    return (outputs.extent - outputs.count) * stride * taps.count +
           (taps.extent - taps.count) * dilation * outputs.count + outputs.count * taps.count;
  }

  // Words of the first tiles of all blocks; of the operand's dimensions, only blocks that count.
  template <Operand operand, class Predicate>
  std::int64_t tile_words(const PerDim<Blocks>& blocks, const Predicate& counts) const {
    PerDim<Sums> sums;
    std::int64_t words = 1;
    for (Dim dim : kAllDims) {
      const bool is_indexed = is_indexed_by(operand, dim);
      sums[dim] =
          sum_of(blocks[dim], [&](const Block& block) { return !is_indexed || counts(block); });
      if (!is_indexed) {
        words *= sums[dim].count;
      } else if (leaves_tile(operand, dim)) {
        words *= sums[dim].extent;
      }
    }
    if (operand != Operand::inputs) return words;
    return words * sum_of_windows(sums[Dim::P], layer_.stride_w, sums[Dim::R], layer_.dilation_w) *
           sum_of_windows(sums[Dim::Q], layer_.stride_h, sums[Dim::S], layer_.dilation_h);
  }

  // Words of these tiles that were there before the step of loop `j` that leads to their blocks.
  template <Operand operand>
  std::int64_t words_kept(int j, const PerDim<Blocks>& blocks) const {
    if (operand != Operand::inputs) return tile_words<operand>(blocks, stays);
    // No overlap where a loop over C or N goes back.
    const std::int64_t depth =
        sum_of(blocks[Dim::C], stays).extent * sum_of(blocks[Dim::N], stays).extent;
    if (depth == 0) return 0;
    // For one channel, over all combinations of blocks of the other dimensions.
    std::int64_t area = 0;
    for (const Block& p : blocks[Dim::P]) {
      for (const Block& r : blocks[Dim::R]) {
        for (const Block& q : blocks[Dim::Q]) {
          for (const Block& s : blocks[Dim::S]) {
            for (const Block& k : blocks[Dim::K]) {
              area += p.count * r.count * q.count * s.count * k.count * area_kept(j, p, r, q, s, k);
            }
          }
        }
      }
    }
    return depth * area;
  }

  // All if the tile moves as at a step of the innermost loop that goes back, none otherwise.
  std::int64_t area_kept(
      int j, const Block& p, const Block& r, const Block& q, const Block& s, const Block& k) const {
    const InputShift<std::int64_t> step = shift(j);
    const std::int64_t net_w = step.w - p.rewound * layer_.stride_w - r.rewound * layer_.dilation_w;
    const std::int64_t net_h = step.h - q.rewound * layer_.stride_h - s.rewound * layer_.dilation_h;
    const int innermost =
        std::min({p.innermost, r.innermost, q.innermost, s.innermost, k.innermost});
    if (innermost != kNoLoop) {
      const InputShift<std::int64_t> like = shift(innermost);
      if (net_w != like.w || net_h != like.h) return 0;
    }
    PerDim<std::int64_t> to = filled<std::int64_t>(1);
    to[Dim::P] = p.extent;
    to[Dim::R] = r.extent;
    to[Dim::Q] = q.extent;
    to[Dim::S] = s.extent;
    // The tile before the step is as large, but whole along the loop's dimension.
    PerDim<std::int64_t> from = to;
    from[loops_[j].dim] = nest_.whole_tile(loops_[j].dim);
    const auto shared = [](std::int64_t to_words, std::int64_t from_words, std::int64_t moved) {
      return std::min(to_words, std::max<std::int64_t>(0, from_words - moved));
    };
    return shared(input_width(to, layer_), input_width(from, layer_), net_w) *
           shared(input_height(to, layer_), input_height(from, layer_), net_h);
  }

  InputShift<std::int64_t> shift(int j) const {
    return input_shift(loops_[j].dim, nest_.step(j), layer_);
  }

  const TemporalLoops& loops_;
  const Layer& layer_;
  int first_loop_;
  Nest nest_;
};

}  // namespace masala::model
