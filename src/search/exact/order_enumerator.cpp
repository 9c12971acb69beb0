#include "search/exact/order_enumerator.h"

#include <algorithm>

#include "model/operand_tile.h"

namespace masala::search {

using model::Dim;
using model::kAllDims;
using model::kAllOperands;
using model::Operand;

namespace {

// Whether some of the values add up to the target.
bool is_subset_sum(std::int64_t target, const std::int64_t* values, int count) {
  if (target == 0) return true;
  if (target < 0 || count == 0) return false;
  return is_subset_sum(target - values[0], values + 1, count - 1) ||
         is_subset_sum(target, values + 1, count - 1);
}

}  // namespace

// The loops of one level with a bound above 1.
struct OrderEnumerator::Loops {
  int level = 0;
  unsigned present = 0;
  std::vector<Dim> tail;  // inner to outer, fixed by the rules
  std::vector<Dim> free;
  std::vector<std::pair<std::size_t, model::PerDim<TileShift>>>
      shifts;  // of the input tiles inside
};

// An innermost part of an order.
struct OrderEnumerator::Prefix {
  std::vector<Dim> loops;  // inner to outer
  Trajectories trajectories;
  bool coincided = false;

  bool contains(Dim dim) const { return std::find(loops.begin(), loops.end(), dim) != loops.end(); }
};

bool OrderEnumerator::Trajectory::coincides(const TileShift& shift) const {
  return started && !sum.leaves_tile && !shift.leaves_tile && shift.w - sum.w == first.w &&
         shift.h - sum.h == first.h;
}

void OrderEnumerator::Trajectory::advance(const TileShift& shift) {
  if (!started) first = shift;
  started = true;
  sum = {sum.w + shift.w, sum.h + shift.h, sum.leaves_tile || shift.leaves_tile};
}

OrderEnumerator::OrderEnumerator(const model::Accelerator& accelerator,
                                 const Mapspace& mapspace,
                                 const model::Layer& layer,
                                 CandidateOrders needed)
    : accelerator_(accelerator), mapspace_(mapspace), layer_(layer) {
  for (int level = 0; level < mapspace.num_levels; ++level) {
    if (!accelerator.levels[level].keeps[Operand::inputs]) continue;
    const auto parent = accelerator.parent(level, Operand::inputs);
    if (!parent) continue;
    tiles_.push_back({level, level});
    // Without a level in between both move alike.
    if (*parent > level + 1) tiles_.push_back({level, *parent});
  }
  candidates_.resize(static_cast<std::size_t>(mapspace.num_levels));
  for (int level = 0; level < mapspace.num_levels; ++level) {
    for (unsigned present = 0; present < (1U << model::kNumDims); ++present)
      candidates_[static_cast<std::size_t>(level)].push_back(
          order_candidates(mapspace, level, present, needed));
  }
}

void OrderEnumerator::for_each(model::Mapping& mapping, const std::function<void()>& visit) const {
  visit_level(0, mapping, Trajectories(tiles_.size()), visit);
}

OrderEnumerator::Loops OrderEnumerator::loops_at(int level,
                                                 unsigned present,
                                                 const model::Mapping& mapping) const {
  Loops loops;
  loops.level = level;
  loops.present = present;
  const std::vector<Dim>& innermost = accelerator_.levels[level].rules.innermost;
  for (auto it = innermost.rbegin(); it != innermost.rend(); ++it) {
    if ((loops.present & bit(*it)) != 0) loops.tail.push_back(*it);
  }
  for (Dim dim : kAllDims) {
    const bool is_tail = std::find(innermost.begin(), innermost.end(), dim) != innermost.end();
    if (!is_tail && (loops.present & bit(dim)) != 0) loops.free.push_back(dim);
  }
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    if (tiles_[t].level >= level) continue;
    const auto below = [&](Dim dim) { return extent_below(mapping, level, tiles_[t], dim); };
    model::PerDim<TileShift> shifts;
    for (Dim dim : kAllDims) {
      const auto shift = model::input_shift(dim, model::slides(dim) ? below(dim) : 0, layer_);
      shifts[dim] = {shift.w, shift.h, model::leaves_tile(Operand::inputs, dim)};
    }
    loops.shifts.emplace_back(t, shifts);
  }
  return loops;
}

OrderEnumerator::Trajectories OrderEnumerator::advanced(Trajectories trajectories,
                                                        const Loops& loops,
                                                        const LoopOrder& order) const {
  for (const auto& [tile, shifts] : loops.shifts) {
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
      if ((loops.present & bit(*it)) != 0) trajectories[tile].advance(shifts[*it]);
    }
  }
  return trajectories;
}

// Prefix and tail innermost, then what keeps the operand in place that they keep, if any.
LoopOrder OrderEnumerator::completed(const Loops& loops, const std::vector<Dim>& inner) const {
  const auto is_kept = [&](Operand operand) {
    const auto lacks = [&](Dim dim) { return !model::is_indexed_by(operand, dim); };
    return std::all_of(inner.begin(), inner.end(), lacks) &&
           std::all_of(loops.tail.begin(), loops.tail.end(), lacks);
  };
  std::vector<Dim> order = accelerator_.levels[loops.level].rules.innermost;  // outer to inner
  order.insert(order.begin(), inner.rbegin(), inner.rend());
  const auto add_outside = [&](bool kept) {
    for (Dim dim : kAllDims) {
      if (std::find(order.begin(), order.end(), dim) != order.end()) continue;
      const bool stays =
          std::any_of(kAllOperands.begin(), kAllOperands.end(), [&](Operand operand) {
            return !model::is_indexed_by(operand, dim) && is_kept(operand);
          });
      if (stays == kept) order.insert(order.begin(), dim);
    }
  };
  add_outside(true);
  add_outside(false);
  LoopOrder result{};
  std::copy(order.begin(), order.end(), result.begin());
  return result;
}

// Depth first over innermost parts, as long as another coincidence may follow.
void OrderEnumerator::extend(const Loops& loops,
                             const Prefix& prefix,
                             const std::function<void(const LoopOrder&)>& emit) const {
  const auto may_coincide = [&](const Trajectory& trajectory,
                                const model::PerDim<TileShift>& shifts) {
    if (!trajectory.started) return true;
    if (trajectory.sum.leaves_tile) return false;
    for (Dim last : loops.free) {
      if (prefix.contains(last) || shifts[last].leaves_tile) continue;
      std::int64_t across[model::kNumDims];
      std::int64_t down[model::kNumDims];
      int num_across = 0;
      int num_down = 0;
      for (Dim between : loops.free) {
        if (between == last || prefix.contains(between)) continue;
        if (shifts[between].w > 0) across[num_across++] = shifts[between].w;
        if (shifts[between].h > 0) down[num_down++] = shifts[between].h;
      }
      const TileShift& shift = shifts[last];
      if (is_subset_sum(shift.w - trajectory.first.w - trajectory.sum.w, across, num_across) &&
          is_subset_sum(shift.h - trajectory.first.h - trajectory.sum.h, down, num_down)) {
        return true;
      }
    }
    return false;
  };
  const bool open = std::any_of(loops.shifts.begin(), loops.shifts.end(), [&](const auto& entry) {
    return may_coincide(prefix.trajectories[entry.first], entry.second);
  });
  if (!open || prefix.loops.size() == loops.free.size()) {
    if (prefix.coincided && !prefix.loops.empty()) emit(completed(loops, prefix.loops));
    return;
  }
  for (Dim dim : loops.free) {
    if (prefix.contains(dim)) continue;
    Prefix longer = prefix;
    longer.loops.push_back(dim);
    for (const auto& [tile, shifts] : loops.shifts) {
      Trajectory& trajectory = longer.trajectories[tile];
      longer.coincided = longer.coincided || trajectory.coincides(shifts[dim]);
      trajectory.advance(shifts[dim]);
    }
    extend(loops, longer, emit);
  }
}

void OrderEnumerator::visit_level(int level,
                                  model::Mapping& mapping,
                                  const Trajectories& trajectories,
                                  const std::function<void()>& visit) const {
  if (level == mapspace_.num_levels) return visit();
  unsigned present = 0;
  for (Dim dim : kAllDims) {
    if (mapping.levels[level].temporal[dim] > 1) present |= bit(dim);
  }
  const std::vector<LoopOrder>& orders = candidates_[static_cast<std::size_t>(level)][present];
  const bool is_last = level + 1 == mapspace_.num_levels;
  const bool moves_inputs = present != 0 && !tiles_.empty() && tiles_.front().level < level;
  if (!moves_inputs || (is_last && !may_coincide(level, present, mapping, trajectories))) {
    for (const LoopOrder& order : orders) {
      mapping.levels[level].order = order;
      visit_level(level + 1, mapping, trajectories, visit);
    }
    return;
  }
  const Loops loops = loops_at(level, present, mapping);
  const auto take = [&](const LoopOrder& order) {
    mapping.levels[level].order = order;
    visit_level(level + 1, mapping, advanced(trajectories, loops, order), visit);
  };
  for (const LoopOrder& order : orders) take(order);
  Prefix prefix;
  prefix.trajectories = trajectories;
  for (const auto& [tile, shifts] : loops.shifts) {
    for (Dim dim : loops.tail) prefix.trajectories[tile].advance(shifts[dim]);
  }
  extend(loops, prefix, take);
}

// A quick answer for most mappings. Where no loop lies inside the level, two loops coincide along
// an axis only if they move the tile by as much, or one by twice as much as the other.
bool OrderEnumerator::may_coincide(int level,
                                   unsigned present,
                                   const model::Mapping& mapping,
                                   const Trajectories& trajectories) const {
  for (const Trajectory& trajectory : trajectories) {
    if (trajectory.started) return true;
  }
  const auto may_along = [&](Dim window, Dim filter, std::int64_t stride, std::int64_t dilation) {
    if ((present & bit(window)) == 0 || (present & bit(filter)) == 0) return false;
    for (const InputTile& tile : tiles_) {
      if (tile.level >= level) continue;
      const std::int64_t a = extent_below(mapping, level, tile, window) * stride;
      const std::int64_t b = extent_below(mapping, level, tile, filter) * dilation;
      if (a == b || a == 2 * b || b == 2 * a) return true;
    }
    return false;
  };
  return may_along(Dim::P, Dim::R, layer_.stride_w, layer_.dilation_w) ||
         may_along(Dim::Q, Dim::S, layer_.stride_h, layer_.dilation_h);
}

// T of the dimension below the level's loops, with the spatial factors that belong to the tile.
std::int64_t OrderEnumerator::extent_below(const model::Mapping& mapping,
                                           int level,
                                           const InputTile& tile,
                                           Dim dim) const {
  std::int64_t extent = 1;
  for (int m = 0; m < level; ++m) extent *= mapping.levels[m].temporal[dim];
  for (int m = 0; m <= std::max(level, tile.through); ++m) extent *= mapping.levels[m].spatial[dim];
  return extent;
}

}  // namespace masala::search
