// All perfect factors of a layer under the mapping rules, as a product of per-dimension choices.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "search/mapspace.h"

namespace masala::search {

// Every mapping is one split of the bound over the slots per dimension. Mappings are visited in
// tasks of about equal size, independent of one another; together they are the whole space.
class FactorSpace {
 public:
  using Splits = model::PerDim<std::uint32_t>;  // the chosen split of each dimension

  // Spatial factors stay within the limits of the machine.
  FactorSpace(const Mapspace& mapspace, const model::Layer& layer, const model::Machine& machine);

  double size() const;  // mappings
  int num_tasks() const { return num_tasks_; }

  model::Mapping mapping(const Splits& splits) const;

  // Whether to go on from a mapping whose remaining dimensions are all outermost. `unrolled`: the
  // spatial factors are final. Not asked of complete mappings.
  using Keep = std::function<bool(const model::Mapping& mapping, bool unrolled)>;
  // A complete mapping. Its orders are anything; Visit may change them.
  using Visit = std::function<void(model::Mapping& mapping, const Splits& splits)>;
  void for_each(int task, const Keep& keep, const Visit& visit) const;

 private:
  using Split = std::vector<std::int64_t>;  // a factor per slot
  struct Walk;

  void set(model::Mapping& mapping, model::Dim dim, const Split& split) const;
  void descend(Walk& walk, std::size_t depth) const;

  const Mapspace& mapspace_;
  model::Mapping outermost_;
  model::PerDim<std::vector<Split>> splits_;
  std::array<model::Dim, model::kNumDims> sequence_;  // unrolled dimensions first
  std::size_t num_unrolled_ = 0;
  std::size_t task_depth_ = 0;  // dimensions that a task fixes
  int num_tasks_ = 1;
};

}  // namespace masala::search
