#include "model/imperfect_nest.h"

#include <algorithm>

namespace masala::model {
namespace {

void add_block(BlockList& blocks, const Block& block) {
  for (Block& known : blocks) {
    const bool alike = known.extent == block.extent && known.rewound == block.rewound &&
                       known.innermost == block.innermost;
    if (!alike) continue;
    known.count += block.count;
    return;
  }
  blocks.push_back(block);
}

}  // namespace

FactorSlots factor_slots(const Mapping& mapping, Dim dim) {
  FactorSlots list;
  std::int64_t stride = 1;
  const auto append = [&](std::int64_t factor, int level, bool is_spatial) {
    if (factor == 1) return;
    list.slots[static_cast<std::size_t>(list.size++)] = {factor, stride, level, is_spatial};
    stride *= factor;
  };
  const bool deals_out = !slides(dim);
  for (int level = 0; deals_out && level < mapping.num_levels; ++level) {
    append(mapping.levels[level].spatial[dim], level, true);
  }
  for (int level = 0; level < mapping.num_levels; ++level) {
    if (!deals_out) append(mapping.levels[level].spatial[dim], level, true);
    append(mapping.levels[level].temporal[dim], level, false);
  }
  return list;
}

ImperfectFactors::ImperfectFactors(const Mapping& mapping, const Layer& layer, Instances which)
    : loops(mapping), bounds(layer.bounds), instances(which) {
  for (Dim dim : kAllDims) slots[dim] = factor_slots(mapping, dim);
}

std::int64_t ImperfectFactors::combinations(Operand operand, int level, bool all_steps) const {
  std::int64_t product = 1;
  for (Dim dim : kAllDims) {
    product *= count_positions(slots[dim], bounds[dim], [&](int i) {
      const FactorSlot& slot = slots[dim][i];
      if (slot.is_spatial && slot.level > level) return instances == Instances::all;
      return is_indexed_by(operand, dim) || (all_steps && !slot.is_spatial);
    });
  }
  return product;
}

void DimNest::reset(
    const FactorSlots& slots, std::int64_t bound, int level, int through, Instances which) {
  slots_ = &slots;
  bound_ = bound;
  instances_ = which;
  whole_tile_ = 1;
  tile_reach_ = 1;
  for (int i = 0; i < slots.size; ++i) {
    const FactorSlot& slot = slots[i];
    loops_[i] = kNoLoop;
    const bool in_tile = slot.level <= level || (slot.is_spatial && slot.level <= through);
    roles_[i] = in_tile ? Role::tile : slot.is_spatial ? Role::instance : Role::loop;
    if (!in_tile) continue;
    whole_tile_ *= slot.factor;
    tile_reach_ += (slot.factor - 1) * slot.stride;
  }
}

void DimNest::number_loop(int level, int loop) {
  int i = 0;
  while ((*slots_)[i].level != level || (*slots_)[i].is_spatial) ++i;
  loops_[i] = loop;
  // Instances that belong to the tile but are unrolled outside the loop count as neighbours.
  steps_[i] = (*slots_)[i].stride;
  for (int m = i + 1; m < slots_->size; ++m) {
    if (roles_[m] == Role::tile) steps_[i] *= (*slots_)[m].factor;
  }
}

std::int64_t DimNest::step(int loop) const {
  return steps_[std::find(loops_.begin(), loops_.begin() + slots_->size, loop) - loops_.begin()];
}

// Of a tile with `remaining` positions from its first one to the bound.
std::int64_t DimNest::tile_extent(std::int64_t remaining) const {
  if (remaining >= tile_reach_) return whole_tile_;
  return count_positions(*slots_, remaining, [this](int i) { return roles_[i] == Role::tile; });
}

bool DimNest::runs(const Running& running, int slot) const {
  if (roles_[slot] == Role::instance) return instances_ == Instances::all;
  return roles_[slot] == Role::loop && loops_[slot] >= running.first_loop;
}

// Positions that the tile, instances outside `slot` included, and the running slots inside it
// extend over.
std::int64_t DimNest::reach_below(const Running& running, int slot) const {
  std::int64_t positions = tile_reach_;
  for (int m = 0; m < slot; ++m) {
    if (runs(running, m)) positions += ((*slots_)[m].factor - 1) * (*slots_)[m].stride;
  }
  return positions;
}

// Adds a block like `like`, with the extent of the tile there, for each position that the running
// slots up to `slot` reach, with `remaining` positions to go to the bound.
void DimNest::add_positions(const Running& running,
                            int slot,
                            std::int64_t remaining,
                            const Block& like,
                            BlockList& blocks) const {
  while (slot >= 0 && !runs(running, slot)) --slot;
  Block block = like;
  if (slot < 0) {
    block.extent = tile_extent(remaining);
    return add_block(blocks, block);
  }
  const auto [factor, stride, level, is_spatial] = (*slots_)[slot];
  const bool skips_first = roles_[slot] == Role::loop && loops_[slot] == running.stepping_loop;
  std::int64_t k = skips_first ? 1 : 0;
  // Iterations far enough from the bound for nothing inside them to be clipped are alike.
  const std::int64_t enough = reach_below(running, slot);
  if (remaining - k * stride >= enough) {
    const std::int64_t end = std::min(factor, (remaining - enough) / stride + 1);
    block.count = like.count * (end - k);
    if (end > k) add_positions(running, slot - 1, enough, block, blocks);
    k = end;
  }
  for (; k < factor && k * stride < remaining; ++k) {
    add_positions(running, slot - 1, remaining - k * stride, like, blocks);
  }
}

// What goes back at the end of a block that is not clipped: every loop in it.
Block DimNest::whole_block(int inside) const {
  Block block;
  for (int i = slots_->size - 1; i >= 0; --i) {
    if (roles_[i] != Role::loop || loops_[i] >= inside) continue;
    block.rewound += steps_[i];
    block.innermost = loops_[i];
  }
  return block;
}

// What goes back at the end of the last block of the first instance: the loops that are past their
// first iteration there. `remaining`: positions from the start of the block to the bound.
Block DimNest::last_block(int inside, std::int64_t& remaining) const {
  Block block;
  remaining = bound_;
  std::int64_t to_bound = bound_;
  for (int i = slots_->size - 1; i >= 0; --i) {
    if (roles_[i] != Role::loop) continue;
    const std::int64_t last =
        std::min((*slots_)[i].factor - 1, (to_bound - 1) / (*slots_)[i].stride);
    to_bound -= last * (*slots_)[i].stride;
    if (loops_[i] >= inside) {
      remaining = to_bound;
    } else if (last > 0) {
      block.rewound += steps_[i];
      block.innermost = loops_[i];
    }
  }
  return block;
}

void DimNest::find_blocks(int inside, BlockList& blocks) const {
  blocks.clear();
  Block whole = whole_block(inside);
  const int outermost = slots_->size - 1;
  add_positions({inside}, outermost, bound_, whole, blocks);
  // All instances step together, so the first one tells what goes back, and of its blocks only the
  // last can be clipped. Replace that one, and what the other instances do at the same time.
  std::int64_t remaining = 0;
  const Block last = last_block(inside, remaining);
  if (last.rewound == whole.rewound) return;
  whole.count = -1;
  add_positions({kNoLoop}, outermost, remaining, whole, blocks);
  add_positions({kNoLoop}, outermost, remaining, last, blocks);
  blocks.erase(
      std::remove_if(
          blocks.begin(), blocks.end(), [](const Block& block) { return block.count == 0; }),
      blocks.end());
}

void DimNest::find_steps(int loop, BlockList& blocks) const {
  blocks.clear();
  // A loop only goes on after a block that is not clipped.
  add_positions({loop, loop}, slots_->size - 1, bound_, whole_block(loop), blocks);
}

ImperfectNest::ImperfectNest(const ImperfectFactors& factors, int level, int through)
    : factors_(factors) {
  for (Dim dim : kAllDims) {
    dims_[dim].reset(factors.slots[dim], factors.bounds[dim], level, through, factors.instances);
  }
  for (int j = factors.loops.first_outside[level]; j < factors.loops.size; ++j) {
    dims_[factors.loops[j].dim].number_loop(factors.loops[j].level, j);
  }
}

}  // namespace masala::model
