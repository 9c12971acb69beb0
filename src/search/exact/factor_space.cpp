#include "search/exact/factor_space.h"

#include <algorithm>
#include <map>
#include <utility>

namespace masala::search {

using model::Dim;
using model::kAllDims;

namespace {

// Tasks per layer, where it has as many mappings.
constexpr int kLeastTasks = 64;
constexpr int kMostTasks = 1 << 14;

bool has_spatial_slot(const Mapspace& mapspace, Dim dim) {
  const auto& slots = mapspace.slots[dim];
  return std::any_of(slots.begin(), slots.end(), [](FactorSlot slot) { return slot.spatial; });
}

// Ways to write n as a product of so many factors in a row: every prime falls on them on its own,
// a times the prime as a balls in so many boxes.
double count_products(std::int64_t n, std::size_t factors) {
  double count = 1.0;
  std::int64_t previous = 1;
  std::size_t times = 0;  // that the prime has been met
  for (std::int64_t prime : prime_factors(n)) {
    times = prime == previous ? times + 1 : 1;
    previous = prime;
    count = count * static_cast<double>(factors + times - 1) / static_cast<double>(times);
  }
  return count;
}

double count_splits(const std::vector<FactorSlot>& slots,
                    Dim dim,
                    std::int64_t bound,
                    const model::Machine& machine) {
  // Only spatial factors are limited: what they leave of the bound, and in how many ways.
  std::map<std::int64_t, double> left = {{bound, 1.0}};
  std::size_t unlimited = 0;
  for (FactorSlot slot : slots) {
    if (!slot.spatial) {
      ++unlimited;
      continue;
    }
    std::map<std::int64_t, double> next;
    for (const auto& [rest, ways] : left) {
      for (std::int64_t factor : divisors(rest)) {
        if (factor > machine.spatial_limit[slot.level][dim]) break;
        next[rest / factor] += ways;
      }
    }
    left = std::move(next);
  }
  double count = 0.0;
  for (const auto& [rest, ways] : left) count += ways * count_products(rest, unlimited);
  return count;
}

}  // namespace

FactorCount count_factors(const Mapspace& mapspace,
                          const model::Layer& layer,
                          const model::Machine& machine) {
  FactorCount count;
  for (Dim dim : kAllDims) {
    const double splits = count_splits(mapspace.slots[dim], dim, layer.bounds[dim], machine);
    count.mappings *= splits;
    count.splits += splits;
    if (splits <= count.most_splits) continue;
    count.most_splits = splits;
    count.most_split = dim;
  }
  return count;
}

struct FactorSpace::Traversal {
  std::size_t task = 0;  // remaining digits of the task
  model::Mapping mapping;
  Splits splits;
  const Keep& keep;
  const Visit& visit;
};

FactorSpace::FactorSpace(const Mapspace& mapspace,
                         const model::Layer& layer,
                         const model::Machine& machine)
    : mapspace_(mapspace), outermost_(outermost_mapping(mapspace, layer)), sequence_(kAllDims) {
  for (Dim dim : kAllDims) list_splits(dim, layer.bounds[dim], machine);
  std::stable_sort(sequence_.begin(), sequence_.end(), [&](Dim a, Dim b) {
    return has_spatial_slot(mapspace, a) && !has_spatial_slot(mapspace, b);
  });
  num_unrolled_ = static_cast<std::size_t>(std::count_if(
      kAllDims.begin(), kAllDims.end(), [&](Dim dim) { return has_spatial_slot(mapspace, dim); }));
  while (task_digits_.size() < sequence_.size() && num_tasks_ < kLeastTasks) {
    const Dim dim = sequence_[task_digits_.size()];
    const auto most = static_cast<std::size_t>(kMostTasks / num_tasks_);
    task_digits_.push_back(std::min(num_splits(dim), most));
    num_tasks_ *= static_cast<int>(task_digits_.back());
  }
}

void FactorSpace::list_splits(Dim dim, std::int64_t bound, const model::Machine& machine) {
  const std::vector<FactorSlot>& slots = mapspace_.slots[dim];
  const double count = count_splits(slots, dim, bound, machine);
  splits_[dim].reserve(static_cast<std::size_t>(count) * slots.size());
  std::vector<std::int64_t> split(slots.size(), 1);
  const std::function<void(std::size_t, std::int64_t)> split_rest = [&](std::size_t at,
                                                                        std::int64_t left) {
    if (at + 1 == slots.size()) {
      split[at] = left;
      splits_[dim].insert(splits_[dim].end(), split.begin(), split.end());
      return;
    }
    for (std::int64_t factor : divisors(left)) {
      if (slots[at].spatial && factor > machine.spatial_limit[slots[at].level][dim]) break;
      split[at] = factor;
      split_rest(at + 1, left / factor);
    }
  };
  split_rest(0, bound);
}

std::size_t FactorSpace::num_splits(Dim dim) const {
  return splits_[dim].size() / mapspace_.slots[dim].size();
}

double FactorSpace::size() const {
  double size = 1.0;
  for (Dim dim : kAllDims) size *= static_cast<double>(num_splits(dim));
  return size;
}

void FactorSpace::set(model::Mapping& mapping, Dim dim, std::size_t split) const {
  const std::vector<FactorSlot>& slots = mapspace_.slots[dim];
  const std::int64_t* factors = &splits_[dim][split * slots.size()];
  for (std::size_t i = 0; i < slots.size(); ++i) factor_at(mapping, dim, slots[i]) = factors[i];
}

model::Mapping FactorSpace::mapping(const Splits& splits) const {
  model::Mapping mapping = outermost_;
  for (Dim dim : kAllDims) set(mapping, dim, splits[dim]);
  return mapping;
}

void FactorSpace::for_each(int task, const Keep& keep, const Visit& visit) const {
  Traversal traversal{static_cast<std::size_t>(task), outermost_, {}, keep, visit};
  descend(traversal, 0);
}

void FactorSpace::descend(Traversal& traversal, std::size_t depth) const {
  if (depth == sequence_.size()) return traversal.visit(traversal.mapping, traversal.splits);
  const Dim dim = sequence_[depth];
  const std::size_t count = num_splits(dim);
  std::size_t first = 0;
  std::size_t end = count;
  if (depth < task_digits_.size()) {
    const std::size_t digits = task_digits_[depth];
    const std::size_t digit = traversal.task % digits;
    traversal.task /= digits;
    first = digit * count / digits;
    end = (digit + 1) * count / digits;
  }
  for (std::size_t split = first; split < end; ++split) {
    traversal.splits[dim] = static_cast<std::uint32_t>(split);
    set(traversal.mapping, dim, split);
    const bool complete = depth + 1 == sequence_.size();
    if (complete || traversal.keep(traversal.mapping, depth + 1 >= num_unrolled_))
      descend(traversal, depth + 1);
  }
  for (FactorSlot slot : mapspace_.slots[dim]) {
    factor_at(traversal.mapping, dim, slot) = factor_at(outermost_, dim, slot);
  }
}

}  // namespace masala::search
