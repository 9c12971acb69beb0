// All perfect factors of a layer under the mapping rules, as a product of per-dimension choices.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "search/space/mapspace.h"

namespace masala::search {

// How large the FactorSpace of a layer is, in closed form: nothing is listed.
struct FactorCount {
  double mappings = 1.0;
  // What a FactorSpace keeps in memory: the splits of every dimension, and those of the dimension
  // that has most.
  double splits = 0.0;
  double most_splits = 0.0;
  model::Dim most_split = model::Dim::R;
};
FactorCount count_factors(const Mapspace& mapspace,
                          const model::Layer& layer,
                          const model::Machine& machine);

// Splits to keep in memory at once, at most: a quarter of a gigabyte where dimensions have 16
// slots.
inline constexpr double kMostSplits = 2e6;

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
  struct Traversal;

  void list_splits(model::Dim dim, std::int64_t bound, const model::Machine& machine);
  std::size_t num_splits(model::Dim dim) const;
  void set(model::Mapping& mapping, model::Dim dim, std::size_t split) const;
  void descend(Traversal& traversal, std::size_t depth) const;

  const Mapspace& mapspace_;
  model::Mapping outermost_;
  model::PerDim<std::vector<std::int64_t>> splits_;   // one after the other, a factor per slot
  std::array<model::Dim, model::kNumDims> sequence_;  // unrolled dimensions first
  std::size_t num_unrolled_ = 0;
  // Digits of a task's number, which fix the first dimensions of the sequence: one for every split,
  // or for several in a row.
  std::vector<std::size_t> task_digits_;
  int num_tasks_ = 1;
};

}  // namespace masala::search
