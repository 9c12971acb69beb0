// What every search method promises.
#include <gtest/gtest.h>

#include "search_test_support.h"

namespace masala::search {
namespace {

class EveryMethod : public ::testing::TestWithParam<const char*> {
 protected:
  SearchSummary run(const Problem& problem,
                    const SearchOptions& options,
                    const Monitor& monitor = {}) const {
    return find_method(GetParam())->run(problem, options, monitor);
  }
};

TEST_P(EveryMethod, FindsAValidDesignAndReportsItsExactCost) {
  const Problem problem = small_problem();
  const SearchSummary summary = run(problem, small_options());
  ASSERT_TRUE(summary.best);
  expect_valid(*summary.best, problem);
  const Design again = make_design(problem, summary.best->hardware, summary.best->mappings);
  EXPECT_EQ(again.cost.edp_uj_cycles(), summary.best->cost.edp_uj_cycles());
  EXPECT_NEAR(summary.history.back().second / summary.best->objective, 1.0, 1e-12);
  EXPECT_LE(summary.history.back().first, summary.evaluations);
}

TEST_P(EveryMethod, RepeatsUnderASeedWhateverTheThreads) {
  const Problem problem = small_problem();
  SearchOptions options = small_options(7);
  const SearchSummary one = run(problem, options);
  options.threads = 2;
  expect_same(one, run(problem, options), problem);
}

TEST_P(EveryMethod, NeverExceedsTheBudget) {
  const Problem problem = small_problem();
  for (std::int64_t budget : {2, 3, 17, 100, 1000, 5000}) {
    SearchOptions options;
    options.budget = budget;
    const SearchSummary summary = run(problem, options);
    EXPECT_LE(summary.evaluations, budget);
    ASSERT_TRUE(summary.best) << budget;
    expect_valid(*summary.best, problem);
  }
}

TEST_P(EveryMethod, KeepsFixedValuesAndTheAreaLimit) {
  Problem problem = small_problem();
  problem.fixed = {{"pe_dim", 8}, {"scratchpad_kib", 32}};
  problem.max_area_mm2 = 0.6;
  SearchOptions options = small_options();
  options.starts = 12;
  const SearchSummary summary = run(problem, options);
  ASSERT_TRUE(summary.best);
  expect_valid(*summary.best, problem);
  EXPECT_LE(summary.best->area_mm2, 0.6);
}

TEST_P(EveryMethod, FindsADesignUnderEveryAreaThatAllowsOne) {
  Problem problem = small_problem();
  problem.fixed.clear();
  // From the area of the smallest hardware to one that allows most.
  for (double limit : {0.01623, 0.02, 0.03, 0.05, 0.1, 2.0}) {
    problem.max_area_mm2 = limit;
    ASSERT_TRUE(problems(problem, {}).empty());
    SearchOptions options;
    options.budget = 2000;
    const SearchSummary summary = run(problem, options);
    ASSERT_TRUE(summary.best) << limit;
    expect_valid(*summary.best, problem);
    EXPECT_LE(summary.best->area_mm2, limit);
  }
}

TEST_P(EveryMethod, FindsNothingWhereNothingIsAllowed) {
  Problem problem = small_problem();
  problem.max_area_mm2 = 0.01;
  SearchOptions options;
  options.budget = 500;
  EXPECT_FALSE(run(problem, options).best);
}

TEST_P(EveryMethod, StopsOnRequest) {
  const Problem problem = small_problem();
  const std::atomic<bool> stop{true};
  Monitor monitor;
  monitor.stop = &stop;
  SearchOptions options = small_options();
  options.starts = 64;
  const SearchSummary summary = run(problem, options, monitor);
  EXPECT_TRUE(summary.interrupted);
}

TEST_P(EveryMethod, MinimisesTheObjectiveItIsGiven) {
  // The winner under each objective is at least as good there as the winner of every other one.
  std::vector<Design> winners;
  for (Objective objective : {Objective::energy, Objective::latency}) {
    const Problem problem = small_problem(objective);
    SearchOptions options = small_options();
    options.starts = 8;
    winners.push_back(*run(problem, options).best);
  }
  EXPECT_LE(winners[0].cost.energy_uj, winners[1].cost.energy_uj);
  EXPECT_LE(winners[1].cost.cycles, winners[0].cost.cycles);
}

TEST_P(EveryMethod, DependsOnAllBitsOfTheSeed) {
  const Problem problem = small_problem();
  SearchOptions options = small_options(5);
  options.budget = 500;
  const SearchSummary one = run(problem, options);
  options.seed += std::uint64_t{1} << 63;
  EXPECT_NE(one.history, run(problem, options).history);
}

// All but `exact`, which has no budget and tests of its own.
std::vector<const char*> heuristic_methods() {
  std::vector<const char*> names;
  for (const Method& method : methods()) {
    if (method.problems == nullptr) names.push_back(method.name);
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Methods,
                         EveryMethod,
                         ::testing::ValuesIn(heuristic_methods()),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(RandomSearch, SpreadsABudgetOverPointsAndLayers) {
  const Problem problem = small_problem();  // two layers
  const struct {
    std::int64_t budget;
    int starts;
    int points;
    std::int64_t evaluations;
  } cases[] = {{2, 0, 1, 2},
               {7, 0, 1, 6},
               {1999, 0, 9, 1998},     // 9 points x 111 mappings x 2 layers
               {6100, 0, 10, 6100},    // 10 x 305 x 2
               {26100, 0, 13, 26078},  // 13 x 1,003 x 2
               {100, 5, 5, 100},
               {8, 5, 4, 8}};
  for (const auto& test : cases) {
    SearchOptions options;
    options.budget = test.budget;
    options.starts = test.starts;
    const SearchSummary summary = find_method("random")->run(problem, options, {});
    EXPECT_EQ(summary.starts, test.points) << test.budget;
    EXPECT_EQ(summary.evaluations, test.evaluations) << test.budget;
  }
}

TEST(Problems, NamesEveryUnusableOption) {
  Problem problem = small_problem();
  SearchOptions options;
  EXPECT_TRUE(problems(problem, options).empty());
  const auto only = [&](const std::string& expected) {
    const std::vector<std::string> found = problems(problem, options);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0], expected);
  };
  problem.fixed = {{"pe_dims", 16}};
  only(
      "--fix pe_dims: unknown hardware key; expected one of pe_dim, scratchpad_kib, "
      "accumulator_kib");
  problem.fixed = {{"pe_dim", 129}};
  only("--fix pe_dim: got 129; expected an integer from 2 to 128");
  model::Range& range = *problem.accelerator.levels[2].kib;
  range.step = 4;
  problem.fixed = {{"scratchpad_kib", 6}};
  only("--fix scratchpad_kib: got 6; expected an integer from 1 to 4096 in steps of 4");
  range.powers_of_two = true;
  only("--fix scratchpad_kib: got 6; expected a power of two from 1 to 4096");
  range.step = 1;
  range.min = range.max = 8;
  only("--fix scratchpad_kib: got 6; expected 8, which the accelerator fixes");
  range = {1, 4096, 1, false, 256};
  problem.fixed.clear();
  options.budget = 1;
  only("--budget: got 1; expected at least 2 evaluations, one per layer");
  options.budget = 0;
  options.threads = 0;
  only("--threads: expected >= 1");
  options.threads = 1;
  problem.accelerator.area.clear();
  problem.objective = Objective::edap;
  only(
      "--objective edap: accelerator gemmini has no area model; expected an `area` section in its "
      "file");
}

}  // namespace
}  // namespace masala::search
