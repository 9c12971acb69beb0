// The gradient method: what it reaches, its ways to order loops, its ingredients.
#include <gtest/gtest.h>

#include "search/descent.h"
#include "search_test_support.h"

namespace masala::search {
namespace {

TEST(GradientSearch, ReachesTheOptimumOfTinyLayers) {
  for (const char* shape : {"R3 P8 Q4 C8 K8", "P32 C64 K16", "S3 P6 Q6 C4 K12 N2"}) {
    Problem problem = small_problem();
    problem.workload.layers = {masala::testing::layer_of(shape)};
    SearchOptions options;
    options.starts = 16;
    const SearchSummary summary = find_method("gradient")->run(problem, options, {});
    ASSERT_TRUE(summary.best);
    EXPECT_NEAR(summary.best->objective / brute_force_optimum(problem), 1.0, 1e-9) << shape;
  }
}

TEST(GradientSearch, BeatsRandomAtTheSameBudget) {
  const Problem problem = small_problem();
  SearchOptions options;
  options.budget = 4000;
  const double gradient = find_method("gradient")->run(problem, options, {}).best->objective;
  const double random = find_method("random")->run(problem, options, {}).best->objective;
  EXPECT_LT(gradient, random);
}

TEST(GradientSearch, TradesHardwareUnderAnAreaLimit) {
  // A larger array pays although the buffers must shrink for it: never worse than a fixed array.
  Problem problem = small_problem();
  problem.max_area_mm2 = 0.1;
  SearchOptions options = small_options();
  options.starts = 8;
  problem.fixed = {{"pe_dim", 4}};
  const double small_array = find_method("gradient")->run(problem, options, {}).best->objective;
  problem.fixed.clear();
  EXPECT_LT(find_method("gradient")->run(problem, options, {}).best->objective, small_array);
}

TEST(GradientSearch, SearchesOtherHierarchies) {
  for (const model::Accelerator& accelerator :
       {masala::testing::eyeriss_like(), masala::testing::five_level_toy()}) {
    Problem problem = small_problem();
    problem.fixed.clear();
    problem.accelerator = accelerator;
    problem.workload.layers = {masala::testing::layer_of("R3 S3 P12 Q12 C8 K16")};
    SearchOptions options;
    options.starts = 4;
    const SearchSummary summary = find_method("gradient")->run(problem, options, {});
    ASSERT_TRUE(summary.best) << accelerator.name;
    expect_valid(*summary.best, problem);
  }
}

class EveryOrderSearch : public ::testing::TestWithParam<OrderSearch> {
 protected:
  static SearchSummary run(const Problem& problem, SearchOptions options) {
    options.gradient.orders = GetParam();
    return find_method("gradient")->run(problem, options, {});
  }
};

TEST_P(EveryOrderSearch, FindsAValidDesignWhateverTheThreads) {
  const Problem problem = small_problem();
  SearchOptions options = small_options(3);
  options.starts = 2;
  const SearchSummary one = run(problem, options);
  ASSERT_TRUE(one.best);
  expect_valid(*one.best, problem);
  options.threads = 2;
  expect_same(one, run(problem, options), problem);
}

TEST_P(EveryOrderSearch, NeverExceedsTheBudget) {
  for (const model::Accelerator& accelerator :
       {masala::testing::gemmini(), masala::testing::five_level_toy()}) {
    Problem problem = small_problem();
    problem.accelerator = accelerator;
    problem.fixed.clear();
    problem.workload.layers.resize(1);
    for (std::int64_t budget : {1, 17, 150, 1000}) {
      SearchOptions options;
      options.budget = budget;
      const SearchSummary summary = run(problem, options);
      EXPECT_LE(summary.evaluations, budget) << accelerator.name;
      ASSERT_TRUE(summary.best) << accelerator.name << " " << budget;
      expect_valid(*summary.best, problem);
    }
  }
}

TEST_P(EveryOrderSearch, CountsTheDescentAsPlanned) {
  // One start, nothing after the descent: 3 rounds of 100 steps and a rounded design each.
  const Problem problem = small_problem();
  const std::int64_t layers = 2;
  const std::int64_t candidates = 7;
  SearchOptions options;
  options.starts = 1;
  options.gradient.annealing = false;
  options.gradient.refinement = false;
  std::int64_t per_round = 100 + 1;
  if (GetParam() == OrderSearch::softmax) per_round = 100 * candidates + (1 + candidates) + 1;
  if (GetParam() == OrderSearch::iterate || GetParam() == OrderSearch::coupled)
    per_round += 100 / 20 * (1 + candidates);
  EXPECT_EQ(run(problem, options).evaluations, 3 * per_round * layers);
}

INSTANTIATE_TEST_SUITE_P(Orders,
                         EveryOrderSearch,
                         ::testing::ValuesIn(kAllOrderSearches),
                         [](const auto& parameter) { return std::string(name(parameter.param)); });

TEST(GradientOptions, EveryIngredientCanBeLeftOut) {
  const Problem problem = small_problem();
  const auto run = [&](const GradientOptions& gradient, std::int64_t budget = 0) {
    SearchOptions options;
    options.starts = 1;
    options.budget = budget;
    options.gradient = gradient;
    const SearchSummary summary = find_method("gradient")->run(problem, options, {});
    EXPECT_TRUE(summary.best);
    if (summary.best) expect_valid(*summary.best, problem);
    return summary.evaluations;
  };
  const struct {
    const char* what;
    bool GradientOptions::*ingredient;
  } cases[] = {{"descent", &GradientOptions::descent},
               {"rounding", &GradientOptions::rounding},
               {"annealing", &GradientOptions::annealing},
               {"refinement", &GradientOptions::refinement}};
  const std::int64_t all = run({});
  for (const auto& c : cases) {
    GradientOptions without;
    without.*c.ingredient = false;
    EXPECT_NE(run(without), all) << c.what;
    EXPECT_LE(run(without, 1000), 1000) << c.what;
  }
  GradientOptions without;
  without.moves = {false, true};
  EXPECT_LT(run(without), all);
  without.moves = {true, false};
  EXPECT_LT(run(without), all);
}

TEST(GradientOptions, WithoutCoolingTheDescentEndsElsewhere) {
  Problem problem = small_problem();
  problem.workload.layers = {masala::testing::layer_of("R7 S7 P112 Q112 C3 K64"),
                             masala::testing::layer_of("R3 S3 P28 Q28 C60 K90"),
                             masala::testing::layer_of("P120 C720 K360")};
  SearchOptions options = small_options();
  options.gradient.annealing = options.gradient.refinement = false;
  const SearchSummary with = find_method("gradient")->run(problem, options, {});
  options.gradient.cooling = false;
  const SearchSummary without = find_method("gradient")->run(problem, options, {});
  EXPECT_EQ(with.evaluations, without.evaluations);
  EXPECT_NE(with.history, without.history);
}

TEST(GradientOptions, WithoutDescentStartsAreRoundedAsTheyAre) {
  GradientOptions gradient;
  gradient.descent = gradient.annealing = gradient.refinement = false;
  for (OrderSearch orders : kAllOrderSearches) {
    gradient.orders = orders;
    SearchOptions options = small_options();
    options.gradient = gradient;
    const SearchSummary summary = find_method("gradient")->run(small_problem(), options, {});
    EXPECT_EQ(summary.evaluations, 4 * 2) << name(orders);
  }
}

TEST(Descent, StartsDependOnAllBitsOfTheSeed) {
  const DiscreteSpace space(small_problem());
  DescentPlan plan;
  plan.rounds = 1;
  plan.steps_per_round = 0;
  const auto start = [&](std::uint64_t seed) {
    const Monitor monitor;
    ProgressTracker tracker(monitor, 1.0);
    const TaskResult result = descend(space, plan, seed, 0, 1, monitor, tracker);
    return model::to_text(result.designs[0].layers[0].mapping, space.problem().accelerator);
  };
  EXPECT_EQ(start(5), start(5));
  EXPECT_NE(start(5), start((std::uint64_t{1} << 63) + 5));
}

TEST(OrderSearch, NamesAreReadBack) {
  for (OrderSearch orders : kAllOrderSearches)
    EXPECT_EQ(order_search_from_name(name(orders)), orders);
  EXPECT_FALSE(order_search_from_name("coupling"));
}

}  // namespace
}  // namespace masala::search
