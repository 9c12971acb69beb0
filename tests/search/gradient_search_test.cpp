// The gradient method: what it reaches and what it counts.
#include <gtest/gtest.h>

#include "search/methods/descent.h"
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

TEST(GradientSearch, NeverExceedsASmallBudget) {
  for (const model::Accelerator& accelerator :
       {masala::testing::gemmini(), masala::testing::five_level_toy()}) {
    Problem problem = small_problem();
    problem.accelerator = accelerator;
    problem.fixed.clear();
    problem.workload.layers.resize(1);
    for (std::int64_t budget : {1, 17, 150, 1000}) {
      SearchOptions options;
      options.budget = budget;
      const SearchSummary summary = find_method("gradient")->run(problem, options, {});
      EXPECT_LE(summary.evaluations, budget) << accelerator.name;
      ASSERT_TRUE(summary.best) << accelerator.name << " " << budget;
      expect_valid(*summary.best, problem);
    }
  }
}

TEST(Descent, CountsWhatIsPlanned) {
  // 3 rounds of 100 steps, 5 choices among the present orders and 7 candidates, a rounded design.
  const DiscreteSpace space(small_problem());
  const DescentPlan plan;
  const Monitor monitor;
  ProgressTracker tracker(monitor, 1.0);
  const TaskResult result = descend(space, plan, 0, 0, 2, monitor, tracker);
  const std::int64_t samples = 3 * (100 + 5 * (1 + 7) + 1);
  EXPECT_EQ(samples_per_start(plan, space.mapspace()), samples);
  EXPECT_EQ(result.meter.used, 2 * 2 * samples);
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

}  // namespace
}  // namespace masala::search
