// No loop order has a word count below those of all the orders that the exact search costs.
#include "search/exact/order_enumerator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "masala/model/traffic.h"
#include "support/accelerators.h"
#include "support/builders.h"

namespace masala::search {
namespace {

using masala::testing::layer_of;
using model::Dim;
using model::kAllDims;
using Counts = std::vector<std::int64_t>;

Counts counts_of(const model::Mapping& mapping,
                 const model::Layer& layer,
                 const model::Machine& machine) {
  const model::Traffic traffic = model::count_traffic(mapping, layer, machine);
  Counts counts;
  for (const auto* actions : {&traffic.reads, &traffic.fills, &traffic.updates}) {
    for (const auto& words : *actions)
      counts.insert(counts.end(), words.values.begin(), words.values.end());
  }
  return counts;
}

bool is_at_most(const Counts& a, const Counts& b) {
  return std::equal(a.begin(), a.end(), b.begin(), std::less_equal<>());
}

// Every order of the loops with a bound above 1 that the rules allow.
void for_each_order(model::Mapping& mapping,
                    const model::Accelerator& accelerator,
                    int level,
                    const std::function<void()>& visit) {
  if (level == mapping.num_levels) {
    if (model::rule_violations(mapping, accelerator).empty()) visit();
    return;
  }
  std::vector<Dim> loops;
  std::vector<Dim> others;
  for (Dim dim : kAllDims)
    (mapping.levels[level].temporal[dim] > 1 ? loops : others).push_back(dim);
  do {
    const auto end = std::copy(others.begin(), others.end(), mapping.levels[level].order.begin());
    std::copy(loops.begin(), loops.end(), end);
    for_each_order(mapping, accelerator, level + 1, visit);
  } while (std::next_permutation(loops.begin(), loops.end()));
}

struct Tally {
  int mappings = 0;
  int missed_by_candidates = 0;  // some order beats the mapspace's candidates in some count
};

// Both ways: every order is matched, and every enumerated one is allowed.
void check_mapping(const model::Accelerator& accelerator,
                   const Mapspace& mapspace,
                   const model::Layer& layer,
                   model::Mapping mapping,
                   Tally& tally) {
  const model::Machine machine = model::resolve(accelerator, model::default_hardware(accelerator));
  std::set<Counts> enumerated;
  const OrderEnumerator orders(accelerator, mapspace, layer, CandidateOrders::undominated);
  orders.for_each(mapping, [&] {
    EXPECT_TRUE(model::rule_violations(mapping, accelerator).empty());
    enumerated.insert(counts_of(mapping, layer, machine));
  });
  std::set<Counts> all;
  for_each_order(mapping, accelerator, 0, [&] { all.insert(counts_of(mapping, layer, machine)); });
  std::set<Counts> candidates;
  const std::function<void(std::size_t)> choose = [&](std::size_t c) {
    if (c == mapspace.choices.size()) {
      candidates.insert(counts_of(mapping, layer, machine));
      return;
    }
    for (const LoopOrder& order : mapspace.choices[c].candidates) {
      mapping.levels[mapspace.choices[c].level].order = order;
      choose(c + 1);
    }
  };
  for (int l = 0; l < mapspace.num_levels; ++l)
    mapping.levels[l].order = mapspace.default_order[static_cast<std::size_t>(l)];
  choose(0);
  const auto matched_in = [](const std::set<Counts>& found, const Counts& counts) {
    return std::any_of(
        found.begin(), found.end(), [&](const Counts& other) { return is_at_most(other, counts); });
  };
  bool missed = false;
  for (const Counts& counts : all) {
    EXPECT_TRUE(matched_in(enumerated, counts)) << model::to_text(mapping, accelerator);
    missed = missed || !matched_in(candidates, counts);
  }
  ++tally.mappings;
  tally.missed_by_candidates += missed ? 1 : 0;
}

Tally check(const model::Accelerator& accelerator,
            std::initializer_list<model::Layer> layers,
            int mappings_per_layer) {
  const Mapspace mapspace = make_mapspace(accelerator);
  const model::Machine machine = model::resolve(accelerator, model::default_hardware(accelerator));
  std::mt19937_64 rng(3);
  Tally tally;
  for (const model::Layer& layer : layers) {
    for (int i = 0; i < mappings_per_layer; ++i) {
      check_mapping(
          accelerator, mapspace, layer, random_mapping(mapspace, layer, machine, rng), tally);
    }
  }
  return tally;
}

model::Layer strided(const char* shape, std::int64_t stride, std::int64_t dilation) {
  model::Layer layer = layer_of(shape);
  layer.stride_w = layer.stride_h = stride;
  layer.dilation_w = layer.dilation_h = dilation;
  return layer;
}

TEST(OrderEnumerator, MatchesEveryOrderOnGemmini) {
  const Tally tally = check(masala::testing::gemmini(),
                            {layer_of("R3 P4 C2 K4"),
                             layer_of("R3 S3 P4 Q4 K4"),
                             strided("R4 P4 C2 K2", 1, 2),
                             strided("R2 S2 P4 Q2 K2", 2, 1)},
                            80);
  EXPECT_GT(tally.missed_by_candidates, 20);
}

TEST(OrderEnumerator, MatchesEveryOrderWhereInputsHaveTwoBuffers) {
  const Tally tally = check(masala::testing::eyeriss_like(),
                            {layer_of("R3 P4 C2 K4"),
                             layer_of("R2 S2 P4 Q4 K2"),
                             strided("R4 P4 K4", 1, 2),
                             strided("R2 P8 N2 K2", 2, 1)},
                            60);
  EXPECT_GT(tally.missed_by_candidates, 20);
}

TEST(OrderEnumerator, MatchesEveryOrderOfFiveLevels) {
  const Tally tally = check(
      masala::testing::five_level_toy(), {layer_of("R4 P8 K4"), strided("R4 P4 C2 K4", 1, 2)}, 100);
  EXPECT_GT(tally.missed_by_candidates, 8);
}

}  // namespace
}  // namespace masala::search
