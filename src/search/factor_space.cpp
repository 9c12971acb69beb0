#include "search/factor_space.h"

#include <algorithm>

namespace masala::search {

using model::Dim;
using model::kAllDims;

namespace {

constexpr int kLeastTasks = 64;  // per layer, where it has as many mappings

bool has_spatial_slot(const Mapspace& mapspace, Dim dim) {
  const auto& slots = mapspace.slots[dim];
  return std::any_of(slots.begin(), slots.end(), [](Slot slot) { return slot.spatial; });
}

}  // namespace

struct FactorSpace::Walk {
  int task = 0;  // remaining digits of the task
  model::Mapping mapping;
  Splits splits;
  const Keep& keep;
  const Visit& visit;
};

FactorSpace::FactorSpace(const Mapspace& mapspace,
                         const model::Layer& layer,
                         const model::Machine& machine)
    : mapspace_(mapspace), outermost_(outermost_mapping(mapspace, layer)), sequence_(kAllDims) {
  for (Dim dim : kAllDims) {
    const std::vector<Slot>& slots = mapspace.slots[dim];
    const std::function<void(Split, std::int64_t)> split_rest = [&](Split split,
                                                                    std::int64_t left) {
      const Slot slot = slots[split.size()];
      if (split.size() + 1 == slots.size()) {
        split.push_back(left);
        splits_[dim].push_back(std::move(split));
        return;
      }
      for (std::int64_t factor : divisors(left)) {
        if (slot.spatial && factor > machine.spatial_limit[slot.level][dim]) break;
        Split longer = split;
        longer.push_back(factor);
        split_rest(std::move(longer), left / factor);
      }
    };
    split_rest({}, layer.bounds[dim]);
  }
  std::stable_sort(sequence_.begin(), sequence_.end(), [&](Dim a, Dim b) {
    return has_spatial_slot(mapspace, a) && !has_spatial_slot(mapspace, b);
  });
  num_unrolled_ = static_cast<std::size_t>(std::count_if(
      kAllDims.begin(), kAllDims.end(), [&](Dim dim) { return has_spatial_slot(mapspace, dim); }));
  while (task_depth_ < sequence_.size() && num_tasks_ < kLeastTasks) {
    num_tasks_ *= static_cast<int>(splits_[sequence_[task_depth_]].size());
    ++task_depth_;
  }
}

double FactorSpace::size() const {
  double size = 1.0;
  for (Dim dim : kAllDims) size *= static_cast<double>(splits_[dim].size());
  return size;
}

void FactorSpace::set(model::Mapping& mapping, Dim dim, const Split& split) const {
  const std::vector<Slot>& slots = mapspace_.slots[dim];
  for (std::size_t i = 0; i < slots.size(); ++i) factor_at(mapping, dim, slots[i]) = split[i];
}

model::Mapping FactorSpace::mapping(const Splits& splits) const {
  model::Mapping mapping = outermost_;
  for (Dim dim : kAllDims) set(mapping, dim, splits_[dim][splits[dim]]);
  return mapping;
}

void FactorSpace::for_each(int task, const Keep& keep, const Visit& visit) const {
  Walk walk{task, outermost_, {}, keep, visit};
  descend(walk, 0);
}

void FactorSpace::descend(Walk& walk, std::size_t depth) const {
  if (depth == sequence_.size()) return walk.visit(walk.mapping, walk.splits);
  const Dim dim = sequence_[depth];
  const std::vector<Split>& splits = splits_[dim];
  const auto take = [&](std::size_t index) {
    walk.splits[dim] = static_cast<std::uint32_t>(index);
    set(walk.mapping, dim, splits[index]);
    const bool complete = depth + 1 == sequence_.size();
    if (complete || walk.keep(walk.mapping, depth + 1 >= num_unrolled_)) descend(walk, depth + 1);
  };
  if (depth < task_depth_) {
    // A digit of the task's number.
    const int digits = walk.task;
    const int base = static_cast<int>(splits.size());
    walk.task = digits / base;
    take(static_cast<std::size_t>(digits % base));
  } else {
    for (std::size_t i = 0; i < splits.size(); ++i) take(i);
  }
  for (Slot slot : mapspace_.slots[dim]) {
    factor_at(walk.mapping, dim, slot) = factor_at(outermost_, dim, slot);
  }
}

}  // namespace masala::search
