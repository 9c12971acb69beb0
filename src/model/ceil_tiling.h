// One dimension of a layer, cut by factors whose product may exceed its bound: blocks that reach
// beyond the bound are clipped, those that start beyond it do not exist. Internal to the model.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "model/accelerator.h"
#include "model/layer.h"
#include "model/mapping.h"

namespace masala::model {

// One factor above 1 of a dimension. Its iterations start `stride` positions apart, the product of
// the factors inside it.
struct Slot {
  std::int64_t factor = 1;
  std::int64_t stride = 1;
  int level = 0;
  bool is_spatial = false;
};

// Inner to outer.
struct SlotList {
  std::array<Slot, 2 * kMaxLevels> slots;
  int size = 0;

  const Slot& operator[](int i) const { return slots[i]; }
  // Product of all factors.
  std::int64_t span() const {
    return size == 0 ? 1 : slots[size - 1].factor * slots[size - 1].stride;
  }
};

// Whether the dimension runs along an axis on which input tiles overlap.
constexpr bool slides(Dim dim) {
  return dim == Dim::R || dim == Dim::S || dim == Dim::P || dim == Dim::Q;
}

// Along C, K and N, spatial factors come first: positions are dealt out to the instances one by
// one, so that an edge tile fills as many of them as it can. Along R, S, P and Q, factors nest
// level by level, the spatial one of a level first: each instance has a contiguous piece, with its
// halo.
SlotList slots_of(const Mapping& mapping, Dim dim);
PerDim<SlotList> slots_of(const Mapping& mapping);

// How many positions below `bound` the slots with is_free(index) reach, all of their iterations
// taken together, while the other slots stay at their first iteration.
template <class Predicate>
std::int64_t count_positions(const SlotList& slots, std::int64_t bound, const Predicate& is_free) {
  if (bound <= 0) return 0;
  // At every slot there are whole blocks and at most one that is clipped.
  std::int64_t whole = 0;
  std::int64_t clipped = std::min(bound, slots.span());
  for (int i = slots.size - 1; i >= 0; --i) {
    const Slot& slot = slots[i];
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

// The extent of the largest tile of a level, which is the first one of its first instance.
// `temporal` and `spatial` are the products of the tile's factors, `dealt_out` that of the spatial
// factors of all levels.
std::int64_t clipped_extent(Dim dim,
                            std::int64_t temporal,
                            std::int64_t spatial,
                            std::int64_t dealt_out,
                            std::int64_t bound);

// Which instances of a level count: all together, or the first one alone. Clipping takes from the
// last instances, so that the first is always (one of) the busiest.
enum class Instances { all, first };

inline constexpr int kNoLoop = std::numeric_limits<int>::max();

// Blocks of one dimension that are alike, each around what the loops inside some loop cover.
struct Block {
  std::int64_t count = 1;
  std::int64_t extent = 0;   // of the first tile in the block
  std::int64_t rewound = 0;  // steps of the loops that go back at its end, one step of each, summed
  int innermost = kNoLoop;   // the innermost of them
};
using Blocks = std::vector<Block>;

// One dimension of a tile (all factors up to `level`, spatial ones up to `through`) and of the
// loops outside it. Loops are known by their number in the nest of all dimensions, inner to outer.
class DimNest {
 public:
  // Keeps a pointer to the slots.
  void reset(const SlotList& slots, std::int64_t bound, int level, int through);

  // Says which loop of the nest the temporal factor of `level` is. Returns by how much it moves the
  // tile, in positions.
  std::int64_t number_loop(int level, int loop);

  // Extent of a tile that is not clipped.
  std::int64_t whole_tile() const { return whole_tile_; }

  // The blocks around the loops with numbers below `inside`.
  void find_blocks(int inside, Instances instances, Blocks& blocks) const;

  // Those that are reached by a step of `loop`, one of this dimension: not at its first iteration.
  void find_steps(int loop, Instances instances, Blocks& blocks) const;

 private:
  enum class Role { tile, loop, instance };
  // Which slots run through their iterations: loops from a number on, and instances.
  struct Running {
    int first_loop;
    Instances instances;
    int stepping_loop = kNoLoop;  // its first iteration is left out
  };

  std::int64_t tile_extent(std::int64_t remaining) const;
  bool runs(const Running& running, int slot) const;
  std::int64_t reach_below(const Running& running, int slot) const;
  void add_positions(const Running& running,
                     int slot,
                     std::int64_t remaining,
                     const Block& like,
                     Blocks& blocks) const;
  Block whole_block(int inside) const;
  Block last_block(int inside, std::int64_t& remaining) const;

  const SlotList* slots_ = nullptr;
  std::int64_t bound_ = 1;
  std::int64_t whole_tile_ = 1;
  std::int64_t tile_reach_ = 1;                     // positions from the tile's first to its last
  std::array<Role, 2 * kMaxLevels> roles_;          // of each slot
  std::array<int, 2 * kMaxLevels> loops_;           // numbers
  std::array<std::int64_t, 2 * kMaxLevels> steps_;  // by how much each loop moves the tile
};

}  // namespace masala::model
