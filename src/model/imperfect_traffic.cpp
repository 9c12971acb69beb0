#include "model/imperfect_traffic.h"

#include <algorithm>

#include "model/ceil_tiling.h"
#include "model/collect_traffic.h"

namespace masala::model {
namespace {

using Extents = PerDim<std::int64_t>;

// Displacement of an input tile along its sliding axes, in words.
struct Shift {
  std::int64_t w = 0;
  std::int64_t h = 0;
};

Shift operator-(const Shift& a, const Shift& b) {
  return {a.w - b.w, a.h - b.h};
}
bool operator!=(const Shift& a, const Shift& b) {
  return a.w != b.w || a.h != b.h;
}

Shift input_shift(Dim dim, std::int64_t positions, const Layer& layer) {
  switch (dim) {
    case Dim::P: return {positions * layer.stride_w, 0};
    case Dim::R: return {positions * layer.dilation_w, 0};
    case Dim::Q: return {0, positions * layer.stride_h};
    case Dim::S: return {0, positions * layer.dilation_h};
    default: return {};
  }
}

// Blocks of one dimension taken together.
struct Sums {
  std::int64_t count = 0;
  std::int64_t extent = 0;
};

template <class Predicate>
Sums sum_of(const Blocks& blocks, const Predicate& counts) {
  Sums sums;
  for (const Block& block : blocks) {
    if (!counts(block)) continue;
    sums.count += block.count;
    sums.extent += block.count * block.extent;
  }
  return sums;
}

bool any_block(const Block&) {
  return true;
}
bool stays(const Block& block) {
  return block.rewound == 0;
}

// Sum of (P-1) x stride + (R-1) x dilation + 1 over all pairs of an output and a filter block.
std::int64_t sum_of_axis(const Sums& out,
                         std::int64_t stride,
                         const Sums& filter,
                         std::int64_t dilation) {
  return (out.extent - out.count) * stride * filter.count +
         (filter.extent - filter.count) * dilation * out.count + out.count * filter.count;
}

// One tile with the temporal loops outside it.
class ClippedNest {
 public:
  ClippedNest(const Mapping& mapping,
              const PerDim<SlotList>& slots,
              const Layer& layer,
              int num_levels,
              int level,
              int through)
      : layer_(layer) {
    for (Dim dim : kAllDims) dims_[dim].reset(slots[dim], layer.bounds[dim], level, through);
    for (int m = level + 1; m < num_levels; ++m) {
      const LevelMapping& factors = mapping.levels[m];
      for (auto it = factors.order.rbegin(); it != factors.order.rend(); ++it) {
        if (factors.temporal[*it] == 1) continue;
        loops_[num_loops_] = {*it, dims_[*it].number_loop(m, num_loops_)};
        ++num_loops_;
      }
    }
  }

  std::int64_t words_filled(Operand operand, Instances instances) const {
    PerDim<Blocks> blocks;
    for (Dim dim : kAllDims) dims_[dim].find_blocks(0, instances, blocks[dim]);
    std::int64_t words = 0;
    for (int j = 0; j < num_loops_; ++j) {
      const Dim dim = loops_[j].dim;
      dims_[dim].find_steps(j, instances, blocks[dim]);
      words += tile_words(operand, blocks, any_block) - kept_words(operand, loops_[j], blocks);
      dims_[dim].find_blocks(j + 1, instances, blocks[dim]);
    }
    return words + tile_words(operand, blocks, any_block);  // the steps and the first tiles
  }

 private:
  struct Loop {
    Dim dim;
    std::int64_t step;
  };

  // Words of the first tiles of all blocks; of the operand's dimensions, only blocks that count.
  template <class Predicate>
  std::int64_t tile_words(Operand operand,
                          const PerDim<Blocks>& blocks,
                          const Predicate& counts) const {
    PerDim<Sums> sums;
    std::int64_t words = 1;
    for (Dim dim : kAllDims) {
      const bool is_indexed = is_indexed_by(operand, dim);
      sums[dim] = is_indexed ? sum_of(blocks[dim], counts) : sum_of(blocks[dim], any_block);
      if (!is_indexed) {
        words *= sums[dim].count;
      } else if (operand != Operand::inputs || !slides(dim)) {
        words *= sums[dim].extent;
      }
    }
    if (operand != Operand::inputs) return words;
    return words * sum_of_axis(sums[Dim::P], layer_.stride_w, sums[Dim::R], layer_.dilation_w) *
           sum_of_axis(sums[Dim::Q], layer_.stride_h, sums[Dim::S], layer_.dilation_h);
  }

  // Words of these tiles that were there before the step of `loop` that leads to their blocks.
  std::int64_t kept_words(Operand operand, const Loop& loop, const PerDim<Blocks>& blocks) const {
    if (operand != Operand::inputs || !slides(loop.dim)) {
      if (is_indexed_by(operand, loop.dim)) return 0;
      if (operand != Operand::inputs) return tile_words(operand, blocks, stays);
    }
    // No overlap where a loop over C or N goes back.
    const std::int64_t depth =
        sum_of(blocks[Dim::C], stays).extent * sum_of(blocks[Dim::N], stays).extent;
    return depth == 0 ? 0 : depth * kept_area(loop, blocks);
  }

  // The same for one channel of inputs, over all combinations of blocks of the other dimensions.
  std::int64_t kept_area(const Loop& loop, const PerDim<Blocks>& blocks) const {
    std::int64_t area = 0;
    for (const Block& p : blocks[Dim::P]) {
      for (const Block& r : blocks[Dim::R]) {
        for (const Block& q : blocks[Dim::Q]) {
          for (const Block& s : blocks[Dim::S]) {
            for (const Block& k : blocks[Dim::K]) {
              area +=
                  p.count * r.count * q.count * s.count * k.count * kept_area(loop, p, r, q, s, k);
            }
          }
        }
      }
    }
    return area;
  }

  std::int64_t kept_area(const Loop& loop,
                         const Block& p,
                         const Block& r,
                         const Block& q,
                         const Block& s,
                         const Block& k) const {
    const Shift back{p.rewound * layer_.stride_w + r.rewound * layer_.dilation_w,
                     q.rewound * layer_.stride_h + s.rewound * layer_.dilation_h};
    const Shift net = input_shift(loop.dim, loop.step, layer_) - back;
    const int innermost =
        std::min({p.innermost, r.innermost, q.innermost, s.innermost, k.innermost});
    if (innermost != kNoLoop) {
      const Loop& like = loops_[innermost];
      if (net != input_shift(like.dim, like.step, layer_)) return 0;
    }
    Extents to = filled<std::int64_t>(1);
    to[Dim::P] = p.extent;
    to[Dim::R] = r.extent;
    to[Dim::Q] = q.extent;
    to[Dim::S] = s.extent;
    // The tile before the step is as large, but whole along the loop's dimension.
    Extents from = to;
    from[loop.dim] = dims_[loop.dim].whole_tile();
    const auto shared = [](std::int64_t to_words, std::int64_t from_words, std::int64_t moved) {
      return std::min(to_words, std::max<std::int64_t>(0, from_words - moved));
    };
    return shared(input_width(to, layer_), input_width(from, layer_), net.w) *
           shared(input_height(to, layer_), input_height(from, layer_), net.h);
  }

  const Layer& layer_;
  PerDim<DimNest> dims_;
  std::array<Loop, kMaxLevels * kNumDims> loops_;
  int num_loops_ = 0;
};

// See collect_traffic().
class ImperfectCounts {
 public:
  ImperfectCounts(const Mapping& mapping,
                  const Layer& layer,
                  const Machine& machine,
                  Instances instances)
      : mapping_(mapping),
        layer_(layer),
        num_levels_(machine.num_levels),
        slots_(slots_of(mapping)),
        all_(instances == Instances::all) {}

  std::int64_t mac_accesses(Operand operand, int level) const {
    return product([&](Dim dim, const Slot& slot) {
      if (!slot.is_spatial) return true;
      return slot.level > level ? all_ : is_indexed_by(operand, dim);
    });
  }

  std::int64_t first_updates(int level) const {
    return product([&](Dim dim, const Slot& slot) {
      if (slot.is_spatial && slot.level > level) return all_;
      return is_indexed_by(Operand::outputs, dim);
    });
  }

  std::int64_t filled(Operand operand, int level, int through) const {
    return ClippedNest(mapping_, slots_, layer_, num_levels_, level, through)
        .words_filled(operand, all_ ? Instances::all : Instances::first);
  }

 private:
  // Combinations of the iterations of the slots with is_free(dim, slot) that lie within the bounds.
  template <class Predicate>
  std::int64_t product(const Predicate& is_free) const {
    std::int64_t result = 1;
    for (Dim dim : kAllDims) {
      const SlotList& slots = slots_[dim];
      result *=
          count_positions(slots, layer_.bounds[dim], [&](int i) { return is_free(dim, slots[i]); });
    }
    return result;
  }

  const Mapping& mapping_;
  const Layer& layer_;
  int num_levels_;
  PerDim<SlotList> slots_;
  bool all_;
};

}  // namespace

Traffic count_imperfect_traffic(const Mapping& mapping,
                                const Layer& layer,
                                const Machine& machine) {
  return collect_traffic(machine, ImperfectCounts(mapping, layer, machine, Instances::all));
}

Traffic count_first_instance(const Mapping& mapping,
                             const Layer& layer,
                             const Machine& machine,
                             int level) {
  const ImperfectCounts counts(mapping, layer, machine, Instances::first);
  Traffic traffic;
  for (Operand operand : kAllOperands) {
    if (!machine.keeps[level][operand]) continue;
    int child = level - 1;
    while (child >= 0 && !machine.keeps[child][operand]) --child;
    collect_level(machine, counts, operand, level, child, traffic);
  }
  return traffic;
}

std::int64_t imperfect_words_filled(Operand operand,
                                    const Mapping& mapping,
                                    const Layer& layer,
                                    int num_levels,
                                    int level,
                                    int through,
                                    Instances instances) {
  const PerDim<SlotList> slots = slots_of(mapping);
  return ClippedNest(mapping, slots, layer, num_levels, level, through)
      .words_filled(operand, instances);
}

std::int64_t imperfect_compute_cycles(const Mapping& mapping, const Layer& layer) {
  std::int64_t steps = 1;
  for (Dim dim : kAllDims) {
    const SlotList slots = slots_of(mapping, dim);
    steps *= count_positions(slots, layer.bounds[dim], [&](int i) { return !slots[i].is_spatial; });
  }
  return steps;
}

}  // namespace masala::model
