#include "search_test_support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "masala/model/cost.h"

namespace masala::search {
namespace {

// Every way to split the bound over the slots of a dimension.
void for_each_split(model::Mapping& mapping,
                    const Mapspace& mapspace,
                    model::Dim dim,
                    std::size_t slot,
                    std::int64_t left,
                    const std::function<void()>& visit) {
  const auto& slots = mapspace.slots[dim];
  if (slot + 1 == slots.size()) {
    factor_at(mapping, dim, slots[slot]) = left;
    visit();
    return;
  }
  for (std::int64_t factor : divisors(left)) {
    factor_at(mapping, dim, slots[slot]) = factor;
    for_each_split(mapping, mapspace, dim, slot + 1, left / factor, visit);
  }
}

}  // namespace

SearchOptions small_options(std::uint64_t seed) {
  SearchOptions options;
  options.starts = 4;
  options.seed = seed;
  return options;
}

void expect_same(const SearchSummary& a, const SearchSummary& b, const Problem& problem) {
  ASSERT_TRUE(a.best && b.best);
  EXPECT_EQ(a.evaluations, b.evaluations);
  EXPECT_EQ(a.history, b.history);
  EXPECT_EQ(a.best->hardware.kib, b.best->hardware.kib);
  EXPECT_EQ(a.best->hardware.parameters, b.best->hardware.parameters);
  for (std::size_t i = 0; i < a.best->mappings.size(); ++i) {
    EXPECT_EQ(model::to_text(a.best->mappings[i], problem.accelerator),
              model::to_text(b.best->mappings[i], problem.accelerator));
  }
}

void expect_valid(const Design& design, const Problem& problem) {
  const model::Machine machine = model::resolve(problem.accelerator, design.hardware);
  for (std::size_t i = 0; i < design.mappings.size(); ++i) {
    EXPECT_TRUE(model::problems(
                    design.mappings[i], problem.workload.layers[i], problem.accelerator, machine)
                    .empty());
    EXPECT_TRUE(model::rule_violations(design.mappings[i], problem.accelerator).empty());
  }
  for (const std::string& key : model::hardware_keys(problem.accelerator)) {
    const double value = *model::hardware_value(problem.accelerator, design.hardware, key);
    EXPECT_TRUE(
        model::hardware_range(problem.accelerator, key)->contains(static_cast<std::int64_t>(value)))
        << key;
  }
  for (const model::FixedValue& fixed : problem.fixed) {
    EXPECT_EQ(*model::hardware_value(problem.accelerator, design.hardware, fixed.key), fixed.value);
  }
}

double brute_force_optimum(const Problem& problem) {
  const DiscreteSpace space(problem);
  const model::Layer& layer = space.layer(0);
  model::Mapping mapping = outermost_mapping(space.mapspace(), layer);
  double best = std::numeric_limits<double>::infinity();
  EvaluationMeter meter;
  // With one layer the smallest hardware that fits is the best for the mapping: energy and area
  // grow with every size, and cycles do not depend on it.
  const auto cost = [&] {
    const auto hardware = space.hardware_for({{mapping, 0.0, 0.0}});
    if (!hardware) return;
    for (const LoopOrder& order : space.mapspace().choices[0].candidates) {
      mapping.levels[3].order = order;
      best = std::min(best, space.make_state(*hardware, {{mapping, 0.0, 0.0}}, meter).objective);
    }
  };
  std::function<void(std::size_t)> split_from = [&](std::size_t d) {
    if (d == model::kNumDims) return cost();
    const model::Dim dim = model::kAllDims[d];
    for_each_split(
        mapping, space.mapspace(), dim, 0, layer.bounds[dim], [&] { split_from(d + 1); });
  };
  split_from(0);
  return best;
}

}  // namespace masala::search
