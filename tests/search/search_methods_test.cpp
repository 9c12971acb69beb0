// What every search method promises, and the refinement behind the gradient one.
#include <gtest/gtest.h>

#include <cmath>

#include "search/refinement.h"
#include "search_test_support.h"

namespace masala::search {
namespace {

SearchOptions small_options(std::uint64_t seed = 0) {
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

INSTANTIATE_TEST_SUITE_P(
    Methods,
    EveryMethod,
    ::testing::Values("gradient", "random", "bayesian", "annealing", "genetic"),
    [](const auto& parameter) { return std::string(parameter.param); });

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

TEST(Refiner, NeverMakesADesignWorseAndEndsAtALocalOptimum) {
  const DiscreteSpace space(small_problem());
  EvaluationMeter meter;
  const Monitor monitor;
  const Refiner refiner(space, meter, monitor);
  std::mt19937_64 rng(5);
  const model::Hardware hardware = model::default_hardware(space.problem().accelerator);
  const model::Machine machine = model::resolve(space.problem().accelerator, hardware);
  for (int trial = 0; trial < 5; ++trial) {
    std::vector<LayerPoint> points;
    for (std::size_t i = 0; i < space.num_layers(); ++i) {
      points.push_back({random_mapping(space.mapspace(), space.layer(i), machine, rng), 0.0, 0.0});
    }
    ASSERT_TRUE(refiner.fit(points, machine));
    DesignState state = space.make_state(hardware, points, meter);
    const double start = state.objective;
    refiner.respond(state);
    EXPECT_LE(state.objective, start);
    const double responded = state.objective;
    refiner.respond(state);
    EXPECT_DOUBLE_EQ(state.objective, responded);
    refiner.improve(state);
    EXPECT_LE(state.objective, responded);
    // The running totals are those of the mappings.
    const Design exact = make_design(space.problem(), state.hardware, mappings_of(state));
    EXPECT_NEAR(exact.objective / state.objective, 1.0, 1e-9);
  }
}

TEST(Refiner, ShakesOnEveryHardwarePoint) {
  const DiscreteSpace space(small_problem());
  EvaluationMeter meter;
  const Monitor monitor;
  Refiner refiner(space, meter, monitor);
  std::vector<model::Hardware> shaken;
  refiner.shake_with([&](DesignState& state) { shaken.push_back(state.hardware); });
  const model::Hardware hardware = model::default_hardware(space.problem().accelerator);
  DesignState state = space.make_state(hardware, space.smallest_tiles(), meter);
  refiner.settle(state);
  EXPECT_EQ(shaken.size(), 1U);
  const double settled = state.objective;
  refiner.improve(state);
  EXPECT_GT(shaken.size(), 10U);
  EXPECT_LE(state.objective, settled);
}

TEST(Refiner, ReportsWhatCannotFit) {
  Problem problem = small_problem();
  problem.accelerator.levels[0].capacity_words = 1;
  const DiscreteSpace space(problem);
  EvaluationMeter meter;
  const Monitor monitor;
  const Refiner refiner(space, meter, monitor);
  model::Machine machine =
      model::resolve(problem.accelerator, model::default_hardware(problem.accelerator));
  machine.capacity_words[2] = 1;  // less than one weight and one input
  std::vector<LayerPoint> points;
  for (std::size_t i = 0; i < space.num_layers(); ++i)
    points.push_back({outermost_mapping(space.mapspace(), space.layer(i)), 0.0, 0.0});
  EXPECT_FALSE(refiner.fit(points, machine));
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

TEST(OrderSearch, NamesAreReadBack) {
  for (OrderSearch orders : kAllOrderSearches)
    EXPECT_EQ(order_search_from_name(name(orders)), orders);
  EXPECT_FALSE(order_search_from_name("coupling"));
}

TEST(Objective, ValuesFollowTheExponents) {
  EXPECT_DOUBLE_EQ(value(Objective::edp, 2.0, 3.0, 5.0), 6.0);
  EXPECT_DOUBLE_EQ(value(Objective::energy, 2.0, 3.0, 5.0), 2.0);
  EXPECT_DOUBLE_EQ(value(Objective::latency, 2.0, 3.0, 5.0), 3.0);
  EXPECT_DOUBLE_EQ(value(Objective::ed2p, 2.0, 3.0, 5.0), 18.0);
  EXPECT_DOUBLE_EQ(value(Objective::edap, 2.0, 3.0, 5.0), 30.0);
}

}  // namespace
}  // namespace masala::search
