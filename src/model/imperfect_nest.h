// The loops of factors that may multiply to more than a bound: blocks that reach beyond it are
// clipped, those that start beyond it do not exist. Internal to the model; see loop_nest.h.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "model/loop_nest.h"

namespace masala::model {

// One factor above 1 of a dimension. Its iterations start `stride` positions apart, the product of
// the factors inside it.
struct FactorSlot {
  std::int64_t factor;
  std::int64_t stride;
  int level;
  bool is_spatial;
};

// Inner to outer.
struct FactorSlots {
  std::array<FactorSlot, 2 * kMaxLevels> slots;
  int size;

  FactorSlots() : size(0) {}  // NOLINT: slots are written before they are read
  const FactorSlot& operator[](int i) const { return slots[static_cast<std::size_t>(i)]; }
  // Product of all factors.
  std::int64_t span() const {
    return size == 0 ? 1 : (*this)[size - 1].factor * (*this)[size - 1].stride;
  }
};

// Along C, K and N, spatial factors come first: positions are dealt out to the instances one by
// one, so that an edge tile fills as many of them as it can. Along R, S, P and Q, factors nest
// level by level, the spatial one of a level first: each instance has a contiguous piece, with its
// halo.
FactorSlots factor_slots(const Mapping& mapping, Dim dim);

// How many positions below `bound` the slots with is_free(index) reach, all of their iterations
// taken together, while the other slots stay at their first iteration.
template <class Predicate>
std::int64_t count_positions(const FactorSlots& slots,
                             std::int64_t bound,
                             const Predicate& is_free) {
  std::int64_t whole = 1;
  if (bound >= slots.span()) {
    for (int i = 0; i < slots.size; ++i) whole *= is_free(i) ? slots[i].factor : 1;
    return whole;
  }
  // At every slot there are whole blocks and at most one that is clipped.
  whole = 0;
  std::int64_t clipped = std::max<std::int64_t>(bound, 0);
  for (int i = slots.size - 1; i >= 0; --i) {
    const FactorSlot& slot = slots[i];
    if (is_free(i)) {
      whole = whole * slot.factor + clipped / slot.stride;
      clipped %= slot.stride;
    } else if (clipped >= slot.stride) {
      ++whole;
      clipped = 0;
    }
  }
  return whole + (clipped > 0 ? 1 : 0);
}

using BlockList = std::vector<Block>;

// Which instances of a level count: all together, or the first one alone. Clipping takes from the
// last instances, so that the first is always (one of) the busiest.
enum class Instances { all, first };

// Which positions the factors of a mapping reach.
struct ImperfectFactors {
  ImperfectFactors(const Mapping& mapping, const Layer& layer, Instances instances);

  // Combinations of the iterations of factors, idle ones aside: those of the operand's dimensions
  // at levels up to `level`, the instances of `level` that count, and of other dimensions' temporal
  // factors all or none.
  std::int64_t combinations(Operand operand, int level, bool all_steps) const;

  TemporalLoops loops;
  PerDim<FactorSlots> slots;
  PerDim<std::int64_t> bounds;
  Instances instances;
};

// One dimension of a tile (all factors up to `level`, spatial ones up to `through`) and of the
// loops outside it. Loops are known by their number in the nest of all dimensions.
class DimNest {
 public:
  // Keeps a pointer to the slots.
  void reset(const FactorSlots& slots, std::int64_t bound, int level, int through, Instances which);

  // Says which loop of the nest the temporal factor of `level` is.
  void number_loop(int level, int loop);

  // By how much the loop moves the tile, in positions.
  std::int64_t step(int loop) const;

  // Extent of a tile that is not clipped.
  std::int64_t whole_tile() const { return whole_tile_; }

  // The blocks around the loops with numbers below `inside`.
  void find_blocks(int inside, BlockList& blocks) const;

  // Those that are reached by a step of `loop`, one of this dimension: not at its first iteration.
  void find_steps(int loop, BlockList& blocks) const;

 private:
  enum class Role { tile, loop, instance };
  // Which slots run through their iterations: loops from a number on, and instances that count.
  struct Running {
    int first_loop;
    int stepping_loop = kNoLoop;  // its first iteration is left out
  };

  std::int64_t tile_extent(std::int64_t remaining) const;
  bool runs(const Running& running, int slot) const;
  std::int64_t reach_below(const Running& running, int slot) const;
  void add_positions(const Running& running,
                     int slot,
                     std::int64_t remaining,
                     const Block& like,
                     BlockList& blocks) const;
  Block whole_block(int inside) const;
  Block last_block(int inside, std::int64_t& remaining) const;

  const FactorSlots* slots_ = nullptr;
  std::int64_t bound_ = 1;
  Instances instances_ = Instances::all;
  std::int64_t whole_tile_ = 1;
  std::int64_t tile_reach_ = 1;                     // positions from the tile's first to its last
  std::array<Role, 2 * kMaxLevels> roles_;          // of each slot
  std::array<int, 2 * kMaxLevels> loops_;           // numbers
  std::array<std::int64_t, 2 * kMaxLevels> steps_;  // by how much each loop moves the tile
};

class ImperfectNest {
 public:
  using Factors = ImperfectFactors;
  using Blocks = BlockList;

  ImperfectNest(const ImperfectFactors& factors, int level, int through);

  Blocks all_blocks(Dim dim) const {
    Blocks blocks;
    dims_[dim].find_blocks(0, blocks);
    return blocks;
  }
  void find_steps(int j, Blocks& blocks) const { at(j).find_steps(j, blocks); }
  void find_blocks(int j, Blocks& blocks) const { at(j).find_blocks(j + 1, blocks); }
  std::int64_t step(int j) const { return at(j).step(j); }
  std::int64_t whole_tile(Dim dim) const { return dims_[dim].whole_tile(); }

 private:
  const DimNest& at(int j) const { return dims_[factors_.loops[j].dim]; }

  const ImperfectFactors& factors_;
  PerDim<DimNest> dims_;
};

}  // namespace masala::model
