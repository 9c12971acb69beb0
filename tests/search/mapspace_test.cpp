#include "search/space/mapspace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "masala/model/cost.h"
#include "support/accelerators.h"
#include "support/builders.h"

namespace masala::search {
namespace {

using masala::testing::layer_of;
using model::Dim;

TEST(PrimeFactors, AreAscendingWithMultiplicity) {
  EXPECT_EQ(prime_factors(1), (std::vector<std::int64_t>{}));
  EXPECT_EQ(prime_factors(360), (std::vector<std::int64_t>{2, 2, 2, 3, 3, 5}));
  EXPECT_EQ(prime_factors(11008), (std::vector<std::int64_t>{2, 2, 2, 2, 2, 2, 2, 2, 43}));
}

TEST(Divisors, AreAllAndAscending) {
  EXPECT_EQ(divisors(1), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(divisors(12), (std::vector<std::int64_t>{1, 2, 3, 4, 6, 12}));
  EXPECT_EQ(divisors(49), (std::vector<std::int64_t>{1, 7, 49}));
}

TEST(Mapspace, LeavesOutRedundantRegisterLoops) {
  // Level 0 holds one weight; its P, Q, N loops equal the innermost ones of level 1.
  const Mapspace mapspace = make_mapspace(masala::testing::gemmini());
  EXPECT_EQ(mapspace.loop_levels, (std::vector<int>{1, 3}));
  EXPECT_EQ(mapspace.slots[Dim::P].size(), 2U);  // accumulator, dram
  EXPECT_EQ(mapspace.slots[Dim::C].size(), 3U);  // spatial, accumulator, dram
  EXPECT_TRUE(mapspace.slots[Dim::C].front().spatial);
  EXPECT_EQ(mapspace.slots[Dim::C].back().level, 3);
}

TEST(Mapspace, OnlyDramHasAChoiceOfOrders) {
  const Mapspace mapspace = make_mapspace(masala::testing::gemmini());
  ASSERT_EQ(mapspace.choices.size(), 1U);
  EXPECT_EQ(mapspace.choices[0].level, 3);
  EXPECT_EQ(mapspace.choices[0].candidates.size(), 7U);
}

TEST(Mapspace, DefaultOrderKeepsTheInnermostRule) {
  const Mapspace mapspace = make_mapspace(masala::testing::gemmini());
  const LoopOrder& order = mapspace.default_order[1];
  EXPECT_EQ(order[4], Dim::N);
  EXPECT_EQ(order[5], Dim::Q);
  EXPECT_EQ(order[6], Dim::P);
}

// The candidates against all 5,040 orders of the DRAM loops. A coinciding halo (docs/model.md) can
// make another order a little better; these layers have none.
TEST(Mapspace, CandidatesIncludeTheBestOfAllOrders) {
  const model::Accelerator gemmini = masala::testing::gemmini();
  const Mapspace mapspace = make_mapspace(gemmini);
  const model::Machine machine = model::resolve(gemmini, model::default_hardware(gemmini));
  const struct {
    const char* layer;
    const char* mapping;
  } kCases[] = {
      {"R3 S3 P8 Q8 C8 K8 N2",
       "L3[WIO] R3 S3 P2 Q2 C2 K2 N2 - L2[WI] K4X - L1[O] P4 Q4 C4X - L0[W] N1"},
      {"R3 S3 P28 Q28 C32 K32",
       "L3[WIO] R3 S3 P7 Q4 C4 K4 - L2[WI] K8X - L1[O] P4 Q7 C8X - L0[W] N1"},
      {"P64 C64 K64", "L3[WIO] P16 C4 K8 - L2[WI] K8X - L1[O] P4 C16X - L0[W] N1"},
  };
  for (const auto& c : kCases) {
    const model::Layer layer = layer_of(c.layer);
    model::Mapping mapping = masala::testing::mapping_of(c.mapping, gemmini);
    const auto edp = [&](const LoopOrder& order) {
      mapping.levels[3].order = order;
      const model::LayerCost cost = model::cost_of(mapping, layer, machine);
      return cost.energy_pj * cost.cycles;
    };
    double best_candidate = std::numeric_limits<double>::infinity();
    for (const LoopOrder& order : mapspace.choices[0].candidates)
      best_candidate = std::min(best_candidate, edp(order));
    double best = std::numeric_limits<double>::infinity();
    LoopOrder order = model::kAllDims;
    do {
      best = std::min(best, edp(order));
    } while (std::next_permutation(order.begin(), order.end()));
    EXPECT_DOUBLE_EQ(best_candidate, best) << c.layer;
  }
}

TEST(RandomMapping, HasTheLayersFactorsAndKeepsTheRules) {
  const model::Accelerator gemmini = masala::testing::gemmini();
  const Mapspace mapspace = make_mapspace(gemmini);
  const model::Machine machine = model::resolve(gemmini, model::default_hardware(gemmini));
  const model::Layer layer = layer_of("R3 S3 P28 Q14 C96 K60 N2");
  std::mt19937_64 rng(1);
  for (int i = 0; i < 500; ++i) {
    const model::Mapping mapping = random_mapping(mapspace, layer, machine, rng);
    for (Dim dim : model::kAllDims)
      EXPECT_EQ(model::factor_product(mapping, dim), layer.bounds[dim]);
    EXPECT_LE(mapping.levels[1].spatial[Dim::C], 16);
    EXPECT_TRUE(model::rule_violations(mapping, gemmini).empty());
  }
}

TEST(RandomBelow, IsUniformEnough) {
  std::mt19937_64 rng(3);
  std::array<int, 7> counts{};
  constexpr int kDraws = 70000;
  for (int i = 0; i < kDraws; ++i) ++counts[random_below(rng, 7)];
  for (int count : counts) EXPECT_NEAR(count, kDraws / 7, 500);  // five standard deviations
}

}  // namespace
}  // namespace masala::search
