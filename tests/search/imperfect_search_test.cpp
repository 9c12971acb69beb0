// Searching tiles that do not divide their layer.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "search/moves/loop_sequence.h"
#include "search/moves/neighbourhood.h"
#include "search/space/hardware_space.h"
#include "search_test_support.h"

namespace masala::search {
namespace {

using model::Dim;
using model::Factors;
using Kind = FactorMove::Kind;

constexpr FactorSlot kInner{1, false};      // the accumulator's temporal loop
constexpr FactorSlot kRows{1, true};        // C across the array
constexpr FactorSlot kColumns{2, true};     // K across the array
constexpr FactorSlot kOutermost{3, false};  // DRAM

Problem imperfect_problem(const char* shape) {
  Problem problem = small_problem();
  problem.workload.layers = {masala::testing::layer_of(shape)};
  problem.factors = Factors::imperfect;
  return problem;
}

void expect_valid(const model::Mapping& mapping, const Problem& problem, std::size_t layer) {
  model::Machine machine =
      model::resolve(problem.accelerator, largest_hardware(problem.accelerator, {}));
  machine.capacity_words.fill(std::numeric_limits<std::int64_t>::max());
  const auto wrong = model::problems(
      mapping, problem.workload.layers[layer], problem.accelerator, machine, Factors::imperfect);
  EXPECT_TRUE(wrong.empty()) << wrong.front() << ": "
                             << model::to_text(mapping, problem.accelerator);
}

TEST(CoverBound, TheOutermostLoopRunsAsOftenAsItTakes) {
  const Problem problem = imperfect_problem("P7 C3 K36");
  const DiscreteSpace space(problem);
  model::Mapping mapping = outermost_mapping(space.mapspace(), space.layer(0));
  factor_at(mapping, Dim::K, kColumns) = 16;
  factor_at(mapping, Dim::P, kInner) = 4;
  factor_at(mapping, Dim::C, kRows) = 2;
  factor_at(mapping, Dim::C, kInner) = 5;
  for (Dim dim : {Dim::P, Dim::C, Dim::K})
    cover_bound(space.mapspace(), space.layer(0), dim, mapping);
  // K: ceil(36 / 16) = 3.  P: ceil(7 / 4) = 2.  C: two across the array, then at most ceil(3 / 2).
  EXPECT_EQ(factor_at(mapping, Dim::K, kOutermost), 3);
  EXPECT_EQ(factor_at(mapping, Dim::P, kOutermost), 2);
  EXPECT_EQ(factor_at(mapping, Dim::C, kInner), 2);
  EXPECT_EQ(factor_at(mapping, Dim::C, kOutermost), 1);
  expect_valid(mapping, problem, 0);
}

TEST(FactorMove, ResizesByOneOrByTrips) {
  const Problem problem = imperfect_problem("P100");
  const DiscreteSpace space(problem);
  const Neighbourhood neighbourhood(space.mapspace(), space.layer(0), problem.factors);
  model::Mapping start = outermost_mapping(space.mapspace(), space.layer(0));
  factor_at(start, Dim::P, kInner) = 30;
  cover_bound(space.mapspace(), space.layer(0), Dim::P, start);
  ASSERT_EQ(factor_at(start, Dim::P, kOutermost), 4);
  const struct {
    Kind kind;
    std::int64_t tile;
    std::int64_t trips;
  } cases[] = {{Kind::shorter, 29, 4},
               {Kind::longer, 31, 4},
               {Kind::fewer_trips, 34, 3},     // ceil(100 / 3)
               {Kind::more_trips, 20, 5},      // ceil(100 / 5)
               {Kind::halved_trips, 50, 2},    // ceil(100 / 2)
               {Kind::doubled_trips, 13, 8}};  // ceil(100 / 8)
  for (const auto& test : cases) {
    model::Mapping mapping = start;
    ASSERT_TRUE(neighbourhood.apply({test.kind, Dim::P, kInner, kInner, 1}, mapping));
    EXPECT_EQ(factor_at(mapping, Dim::P, kInner), test.tile);
    EXPECT_EQ(factor_at(mapping, Dim::P, kOutermost), test.trips);
  }
}

TEST(FactorMove, WhatChangesNothingIsNoMove) {
  const Problem problem = imperfect_problem("P3");
  const DiscreteSpace space(problem);
  const Neighbourhood neighbourhood(space.mapspace(), space.layer(0), problem.factors);
  model::Mapping mapping = outermost_mapping(space.mapspace(), space.layer(0));
  EXPECT_FALSE(neighbourhood.apply({Kind::shorter, Dim::P, kInner, kInner, 1}, mapping));
  factor_at(mapping, Dim::P, kInner) = 3;
  cover_bound(space.mapspace(), space.layer(0), Dim::P, mapping);
  EXPECT_FALSE(neighbourhood.apply({Kind::longer, Dim::P, kInner, kInner, 1}, mapping));
  EXPECT_FALSE(neighbourhood.apply({Kind::fewer_trips, Dim::P, kInner, kInner, 1}, mapping));
}

TEST(FactorMove, EveryMoveLeavesNoIterationWithoutWork) {
  Problem problem = imperfect_problem("R3 S3 P13 Q11 C23 K37 N2");
  problem.fixed.clear();
  const DiscreteSpace space(problem);
  const Neighbourhood neighbourhood(space.mapspace(), space.layer(0), problem.factors);
  std::mt19937_64 rng(3);
  model::Mapping mapping = outermost_mapping(space.mapspace(), space.layer(0));
  for (int step = 0; step < 2000; ++step) {
    const auto moves = neighbourhood.moves(mapping);
    neighbourhood.apply(moves[random_below(rng, moves.size())], mapping);
    for (Dim dim : model::kAllDims) {
      for (FactorSlot slot : space.mapspace().slots[dim]) {
        if (slot.spatial && factor_at(mapping, dim, slot) > 128) return;  // beyond any array
      }
    }
    expect_valid(mapping, problem, 0);
  }
}

TEST(FactorMove, PerfectFactorsStayPerfect) {
  Problem problem = imperfect_problem("P12 C32 K24");
  problem.factors = Factors::perfect;
  const DiscreteSpace space(problem);
  const Neighbourhood neighbourhood(space.mapspace(), space.layer(0), problem.factors);
  std::mt19937_64 rng(4);
  model::Mapping mapping = outermost_mapping(space.mapspace(), space.layer(0));
  for (int step = 0; step < 500; ++step) {
    const auto moves = neighbourhood.moves(mapping);
    ASSERT_TRUE(neighbourhood.apply(moves[random_below(rng, moves.size())], mapping));
    EXPECT_TRUE(model::is_perfect(mapping, space.layer(0)));
  }
}

TEST(ResizeLoop, KeepsTheOtherLoopsAndPutsPrimesInPlace) {
  std::mt19937_64 rng(6);
  bool became_longer = false;
  bool became_shorter = false;
  for (int trial = 0; trial < 50; ++trial) {
    LoopSequence sequence = {{Dim::C, 2}, {Dim::P, 7}, {Dim::K, 3}};
    resize_loop(sequence, rng);
    if (sequence.front().dim != Dim::C || sequence.front().bound != 2) continue;
    if (sequence.back().bound != 3) continue;
    const LoopSequence longer = {{Dim::C, 2}, {Dim::P, 2}, {Dim::P, 2}, {Dim::P, 2}, {Dim::K, 3}};
    const LoopSequence shorter = {{Dim::C, 2}, {Dim::P, 2}, {Dim::P, 3}, {Dim::K, 3}};
    became_longer = became_longer || sequence == longer;
    became_shorter = became_shorter || sequence == shorter;
    EXPECT_TRUE(sequence == longer || sequence == shorter);
  }
  EXPECT_TRUE(became_longer && became_shorter);
}

TEST(ResizeLoop, AnySequenceGivesAMappingThatRuns) {
  const Problem problem = imperfect_problem("R3 S3 P13 Q11 C23 K37");
  const DiscreteSpace space(problem);
  const model::Machine machine =
      model::resolve(problem.accelerator, model::default_hardware(problem.accelerator));
  const LayerSpace layer(space, 0, machine);
  const LoopAllocator allocator(layer);
  std::mt19937_64 rng(7);
  LoopSequence sequence = prime_loops(space.layer(0));
  for (int step = 0; step < 500; ++step) {
    resize_loop(sequence, rng);
    swap_loops(sequence, rng);
    const model::Mapping mapping = allocator.allocate(sequence);
    EXPECT_TRUE(space.evaluator().fits(mapping, space.layer(0), machine));
    expect_valid(mapping, problem, 0);
  }
}

class ImperfectMethod : public ::testing::TestWithParam<const char*> {
 protected:
  SearchSummary run(const Problem& problem, const SearchOptions& options) const {
    return find_method(GetParam())->run(problem, options, {});
  }
};

TEST_P(ImperfectMethod, FindsAValidDesignWithinTheBudgetWhateverTheThreads) {
  Problem problem = small_problem();
  problem.workload.layers = {masala::testing::layer_of("R3 S3 P13 Q13 C20 K36"),
                             masala::testing::layer_of("P61 C127 K90")};
  problem.factors = Factors::imperfect;
  for (std::int64_t budget : {2, 17, 300, 5000}) {
    SearchOptions options;
    options.budget = budget;
    const SearchSummary one = run(problem, options);
    EXPECT_LE(one.evaluations, budget);
    ASSERT_TRUE(one.best) << budget;
    options.threads = 2;
    const SearchSummary two = run(problem, options);
    EXPECT_EQ(one.history, two.history);
    for (std::size_t i = 0; i < 2; ++i) {
      expect_valid(one.best->mappings[i], problem, i);
      EXPECT_TRUE(model::rule_violations(one.best->mappings[i], problem.accelerator).empty());
    }
    const Design again = make_design(problem, one.best->hardware, one.best->mappings);
    EXPECT_NEAR(one.history.back().second / again.objective, 1.0, 1e-12);
  }
}

TEST_P(ImperfectMethod, FillsTheArrayWherePrimesDoNot) {
  // 127 channels are prime: perfect factors leave 15 of 16 rows of the array idle.
  Problem problem = imperfect_problem("P64 C127 K64");
  problem.objective = Objective::latency;
  SearchOptions options;
  options.budget = 3000;
  const double imperfect = run(problem, options).best->objective;
  problem.factors = Factors::perfect;
  const double perfect = run(problem, options).best->objective;
  EXPECT_EQ(perfect, 64.0 * 127 * 64 / 16);  // K across the columns alone
  // 8 steps over C and 4 over K take 64 * 8 * 4 = 2,048 cycles; every word once over DRAM's bus of
  // 8 a cycle takes longer.
  EXPECT_EQ(imperfect, (64 * 127 + 127 * 64 + 64 * 64) / 8.0);
}

INSTANTIATE_TEST_SUITE_P(Methods,
                         ImperfectMethod,
                         ::testing::Values("gradient", "annealing"),
                         [](const auto& parameter) { return std::string(parameter.param); });

// Every combination of inner factors, and every order: the least objective of a tiny layer.
double imperfect_optimum(const Problem& problem) {
  const DiscreteSpace space(problem);
  const model::Layer& layer = space.layer(0);
  model::Mapping mapping = outermost_mapping(space.mapspace(), layer);
  double best = std::numeric_limits<double>::infinity();
  EvaluationMeter meter;
  const auto cost = [&] {
    const auto hardware = space.hardware_for({{mapping, 0.0, 0.0}});
    if (!hardware) return;
    for (const LoopOrder& order : space.mapspace().choices[0].candidates) {
      mapping.levels[3].order = order;
      best = std::min(best, space.make_state(*hardware, {{mapping, 0.0, 0.0}}, meter).objective);
    }
  };
  std::function<void(std::size_t, std::size_t)> choose = [&](std::size_t d, std::size_t s) {
    if (d == model::kNumDims) return cost();
    const Dim dim = model::kAllDims[d];
    const auto& slots = space.mapspace().slots[dim];
    if (s + 1 == slots.size()) {
      const model::Mapping before = mapping;
      cover_bound(space.mapspace(), layer, dim, mapping);
      bool unchanged = true;  // otherwise another combination is the same mapping
      for (std::size_t i = 0; i + 1 < slots.size(); ++i) {
        unchanged =
            unchanged && factor_at(before, dim, slots[i]) == factor_at(mapping, dim, slots[i]);
      }
      if (unchanged) choose(d + 1, 0);
      mapping = before;
      return;
    }
    for (std::int64_t factor = 1; factor <= layer.bounds[dim]; ++factor) {
      factor_at(mapping, dim, slots[s]) = factor;
      choose(d, s + 1);
    }
    factor_at(mapping, dim, slots[s]) = 1;
  };
  choose(0, 0);
  return best;
}

TEST(ImperfectGradientSearch, ReachesTheOptimumOfTinyLayers) {
  for (const char* shape : {"P5 C7 K3", "R2 P7 Q3 C5", "P3 C11 K5"}) {
    Problem problem = imperfect_problem(shape);
    problem.fixed = {{"pe_dim", 4}};
    SearchOptions options;
    options.starts = 16;
    const SearchSummary summary = find_method("gradient")->run(problem, options, {});
    ASSERT_TRUE(summary.best);
    const double optimum = imperfect_optimum(problem);
    EXPECT_NEAR(summary.best->objective / optimum, 1.0, 1e-9) << shape;
    problem.factors = Factors::perfect;
    EXPECT_LE(optimum, brute_force_optimum(problem)) << shape;
  }
}

TEST(ImperfectGradientSearch, IsNeverWorseThanPerfectFactorsOfTheSameSeed) {
  Problem problem = small_problem();
  problem.workload.layers = {masala::testing::layer_of("R3 S3 P13 Q13 C20 K36"),
                             masala::testing::layer_of("P61 C127 K90")};
  SearchOptions options;
  options.starts = 4;
  problem.factors = Factors::perfect;
  const double perfect = find_method("gradient")->run(problem, options, {}).best->objective;
  problem.factors = Factors::imperfect;
  const double imperfect = find_method("gradient")->run(problem, options, {}).best->objective;
  EXPECT_LE(imperfect, perfect);
}

TEST(Problems, MethodsWithoutImperfectFactorsSaySo) {
  const Problem problem = imperfect_problem("P7 C7");
  for (const char* method : {"random", "bayesian", "genetic", "exact"}) {
    const auto found = problems(*find_method(method), problem, {});
    ASSERT_EQ(found.size(), 1U) << method;
    EXPECT_EQ(found[0],
              std::string("--factors imperfect: method ") + method +
                  " searches perfect factors only; expected --method gradient or annealing");
  }
  for (const char* method : {"gradient", "annealing"})
    EXPECT_TRUE(problems(*find_method(method), problem, {}).empty());
}

}  // namespace
}  // namespace masala::search
