// The methods that others are compared with: at least as strong as published.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "search/methods/sequence_annealing.h"
#include "search/space/hardware_cube.h"
#include "search/space/hardware_draw.h"
#include "search/space/hardware_space.h"
#include "search_test_support.h"

namespace masala::search {
namespace {

constexpr std::int64_t kLayers = 2;  // of small_problem()

SearchSummary run(const std::string& method, const Problem& problem, std::int64_t budget) {
  SearchOptions options;
  options.budget = budget;
  return find_method(method)->run(problem, options, {});
}

// Geometric mean over seeds.
double mean_objective(const std::string& method, const Problem& problem, std::int64_t budget) {
  constexpr int kSeeds = 4;
  double logs = 0.0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    SearchOptions options;
    options.budget = budget;
    options.seed = static_cast<std::uint64_t>(seed);
    logs += std::log(find_method(method)->run(problem, options, {}).best->objective);
  }
  return std::exp(logs / kSeeds);
}

Problem free_array() {
  Problem problem = small_problem();
  problem.fixed.clear();
  return problem;
}

TEST(RandomSearch, TriesTenPointsWithAThousandMappingsPerLayer) {
  const SearchSummary summary = run("random", free_array(), 0);
  EXPECT_EQ(summary.starts, 10);
  EXPECT_EQ(summary.evaluations, 10 * 1000 * kLayers);
}

TEST(BayesianSearch, TriesAHundredPointsWithAHundredMappingsPerLayer) {
  const SearchSummary summary = run("bayesian", free_array(), 0);
  EXPECT_EQ(summary.starts, 100);
  EXPECT_EQ(summary.evaluations, 100 * 100 * kLayers);
}

TEST(AnnealingSearch, AnnealsEveryLayerForAThousandIterationsOnTheBestHardware) {
  const ChainPlan plan;
  EXPECT_EQ(plan.samples, 10000);
  EXPECT_EQ(plan.final_iterations, 1000);
  EXPECT_EQ(chain_plan(10000).final_iterations, 1000);
  const SearchSummary summary = run("annealing", free_array(), 0);
  EXPECT_LE(summary.evaluations, 10000 * kLayers);
  EXPECT_GE(summary.evaluations, 9000 * kLayers);
}

TEST(GeneticSearch, BreedsAHundredDesignsOverAsManyEvaluationsAsAHundredGenerations) {
  const SearchSummary summary = run("genetic", free_array(), 0);
  EXPECT_EQ(summary.starts, 100);
  EXPECT_LE(summary.evaluations, 100 * 100 * kLayers);
  EXPECT_GT(summary.evaluations, (100 * 100 - 1) * kLayers);
}

class Baseline : public ::testing::TestWithParam<const char*> {};

TEST_P(Baseline, GetsBetterWithItsBudget) {
  EXPECT_LT(mean_objective(GetParam(), free_array(), 2000 * kLayers),
            mean_objective(GetParam(), free_array(), 50 * kLayers));
}

TEST_P(Baseline, BeatsRandomAtTheSameBudget) {
  if (GetParam() == std::string("random")) return;
  const double random = mean_objective("random", free_array(), 4000 * kLayers);
  EXPECT_LT(mean_objective(GetParam(), free_array(), 4000 * kLayers), 0.9 * random);
}

INSTANTIATE_TEST_SUITE_P(Methods,
                         Baseline,
                         ::testing::Values("random", "bayesian", "annealing", "genetic"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(EverySearch, MapsOnFixedHardware) {
  Problem problem = small_problem();
  problem.fixed = {{"pe_dim", 16}, {"scratchpad_kib", 128}, {"accumulator_kib", 32}};
  double best = std::numeric_limits<double>::infinity();
  double worst = 0.0;
  for (const Method& method : methods()) {
    if (method.problems != nullptr) continue;  // exact search has no budget and tests of its own
    const SearchSummary summary = run(method.name, problem, 4000 * kLayers);
    ASSERT_TRUE(summary.best) << method.name;
    EXPECT_LE(summary.evaluations, 4000 * kLayers) << method.name;
    for (const model::FixedValue& fixed : problem.fixed) {
      EXPECT_EQ(*model::hardware_value(problem.accelerator, summary.best->hardware, fixed.key),
                fixed.value)
          << method.name;
    }
    best = std::min(best, summary.best->objective);
    worst = std::max(worst, summary.best->objective);
  }
  EXPECT_LT(worst, 2.0 * best);  // random mappings are the worst
}

TEST(RandomSearch, IsAMapperWhereTheHardwareIsFixed) {
  Problem problem = small_problem();
  problem.fixed = {{"pe_dim", 16}, {"scratchpad_kib", 128}, {"accumulator_kib", 32}};
  for (const char* method : {"random", "bayesian"}) {
    const SearchSummary summary = run(method, problem, 0);
    EXPECT_EQ(summary.starts, 1) << method;  // a layer keeps the best of all its mappings
    EXPECT_EQ(summary.evaluations, 10000 * kLayers) << method;
  }
}

TEST(HardwareDraw, StaysOnTheGridAndKeepsFixedValues) {
  Problem problem = free_array();
  problem.accelerator.levels[1].kib->powers_of_two = true;
  problem.fixed = {{"pe_dim", 24}};
  problem.max_area_mm2 = 0.5;
  const DiscreteSpace space(problem);
  std::mt19937_64 rng(1);
  for (int i = 0; i < 100; ++i) {
    const auto hardware = draw_hardware(space, rng);
    ASSERT_TRUE(hardware);
    EXPECT_TRUE(is_usable(space, *hardware));
    EXPECT_LE(model::area_mm2(problem.accelerator, *hardware), 0.5);
    EXPECT_EQ(*model::hardware_value(problem.accelerator, *hardware, "pe_dim"), 24);
    for (const std::string& key : free_keys(problem)) {
      const double value = *model::hardware_value(problem.accelerator, *hardware, key);
      EXPECT_TRUE(model::hardware_range(problem.accelerator, key)
                      ->contains(static_cast<std::int64_t>(value)));
    }
  }
}

TEST(HardwareDraw, LowersADrawWhereTheAreaAllowsAlmostNothing) {
  Problem problem = free_array();
  problem.max_area_mm2 = 0.0170;  // the smallest takes 0.0162
  const DiscreteSpace space(problem);
  std::mt19937_64 rng(1);
  const auto hardware = draw_hardware(space, rng);
  ASSERT_TRUE(hardware);
  EXPECT_TRUE(is_usable(space, *hardware));
}

TEST(HardwareCube, PlacesHardwareByTheLogarithm) {
  Problem problem = small_problem();  // pe_dim fixed
  const DiscreteSpace space(problem);
  const HardwareCube cube(space);
  ASSERT_EQ(cube.num_dimensions(), 2U);
  const model::Hardware hardware = cube.at({0.5, 1.0});
  // Scratchpad 1 to 4096 KiB, accumulator 1 to 2048 KiB: which comes first is the file's choice.
  EXPECT_EQ(cube.place(hardware).size(), 2U);
  EXPECT_NEAR(cube.place(hardware)[0], 0.5, 0.01);
  EXPECT_DOUBLE_EQ(cube.place(hardware)[1], 1.0);
  EXPECT_EQ(cube.place(cube.at({-3.0, 2.0})), (std::vector<double>{0.0, 1.0}));
}

TEST(HardwareCube, NeighboursAreNearAndUsable) {
  Problem problem = free_array();
  problem.max_area_mm2 = 1.0;
  const DiscreteSpace space(problem);
  const HardwareCube cube(space);
  std::mt19937_64 rng(2);
  const auto start = draw_hardware(space, rng);
  ASSERT_TRUE(start);
  for (double distance : {0.3, 0.05}) {
    for (int i = 0; i < 50; ++i) {
      const auto near = cube.neighbour(*start, distance, rng);
      ASSERT_TRUE(near);
      EXPECT_TRUE(is_usable(space, *near));
      EXPECT_NE(cube.place(*near), cube.place(*start));
    }
  }
  problem.fixed = {{"pe_dim", 16}, {"scratchpad_kib", 128}, {"accumulator_kib", 32}};
  const DiscreteSpace one_point(problem);
  EXPECT_FALSE(HardwareCube(one_point).neighbour(*start, 0.3, rng));
}

TEST(HardwareCube, ShortStepsOnCoarseGridsGoBothWays) {
  Problem problem = small_problem();
  for (model::Level& level : problem.accelerator.levels) {
    if (level.kib) level.kib = model::Range{16, 1024, 1, true, 128};
  }
  const DiscreteSpace space(problem);
  const HardwareCube cube(space);
  model::Hardware start = model::default_hardware(problem.accelerator);
  model::set_hardware_value(problem.accelerator, start, "scratchpad_kib", 128);
  model::set_hardware_value(problem.accelerator, start, "accumulator_kib", 128);
  std::mt19937_64 rng(7);
  std::set<double> met;
  for (int i = 0; i < 200; ++i) {
    const auto near = cube.neighbour(start, 0.01, rng);
    ASSERT_TRUE(near);
    met.insert(*model::hardware_value(problem.accelerator, *near, "scratchpad_kib"));
  }
  EXPECT_EQ(met, (std::set<double>{64, 128, 256}));
}

}  // namespace
}  // namespace masala::search
