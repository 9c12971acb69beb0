// Local search over mappings and hardware.
#include <gtest/gtest.h>

#include "search/methods/refinement.h"
#include "search/moves/repair.h"
#include "search_test_support.h"

namespace masala::search {
namespace {

TEST(Refiner, NeverMakesADesignWorseAndEndsAtALocalOptimum) {
  const DiscreteSpace space(small_problem());
  EvaluationMeter meter;
  const Monitor monitor;
  const BestResponse response(space, meter, monitor);
  const Refiner refiner(space, meter, monitor);
  std::mt19937_64 rng(5);
  const model::Hardware hardware = model::default_hardware(space.problem().accelerator);
  const model::Machine machine = model::resolve(space.problem().accelerator, hardware);
  for (int trial = 0; trial < 5; ++trial) {
    std::vector<CostedMapping> points;
    for (std::size_t i = 0; i < space.num_layers(); ++i) {
      points.push_back({random_mapping(space.mapspace(), space.layer(i), machine, rng), 0.0, 0.0});
    }
    ASSERT_TRUE(repair(space, machine, points));
    DesignState state = space.make_state(hardware, points, meter);
    const double start = state.objective;
    response.improve(state);
    EXPECT_LE(state.objective, start);
    const double responded = state.objective;
    response.improve(state);
    EXPECT_DOUBLE_EQ(state.objective, responded);
    refiner.improve(state);
    EXPECT_LE(state.objective, responded);
    // The running totals are those of the mappings.
    const Design exact = make_design(space.problem(), state.hardware, mappings_of(state));
    EXPECT_NEAR(exact.objective / state.objective, 1.0, 1e-9);
  }
}

TEST(Refiner, MakesOnlyTheMovesThatItMay) {
  const DiscreteSpace space(small_problem());
  const model::Hardware hardware = model::default_hardware(space.problem().accelerator);
  const auto evaluations = [&](RefinementMoves moves) {
    EvaluationMeter meter;
    const Monitor monitor;
    DesignState state = space.make_state(hardware, space.smallest_tiles(), meter);
    Refiner(space, meter, monitor, moves).improve(state);
    return meter.used;
  };
  const std::int64_t all = evaluations({});
  EXPECT_LT(evaluations({false, true}), all);
  EXPECT_LT(evaluations({true, false}), all);
}

TEST(Refiner, SearchesTheLayersOnEveryHardwarePoint) {
  const DiscreteSpace space(small_problem());
  EvaluationMeter meter;
  const Monitor monitor;
  Refiner refiner(space, meter, monitor);
  std::vector<model::Hardware> searched;
  refiner.search_layers_with([&](DesignState& state) { searched.push_back(state.hardware); });
  const model::Hardware hardware = model::default_hardware(space.problem().accelerator);
  DesignState state = space.make_state(hardware, space.smallest_tiles(), meter);
  refiner.improve_mappings(state);
  EXPECT_EQ(searched.size(), 1U);
  const double improved = state.objective;
  refiner.improve(state);
  EXPECT_GT(searched.size(), 10U);
  EXPECT_LE(state.objective, improved);
}

TEST(Repair, ReportsWhatCannotFit) {
  Problem problem = small_problem();
  problem.accelerator.levels[0].capacity_words = 1;
  const DiscreteSpace space(problem);
  model::Machine machine =
      model::resolve(problem.accelerator, model::default_hardware(problem.accelerator));
  machine.capacity_words[2] = 1;  // less than one weight and one input
  std::vector<CostedMapping> points;
  for (std::size_t i = 0; i < space.num_layers(); ++i)
    points.push_back({outermost_mapping(space.mapspace(), space.layer(i)), 0.0, 0.0});
  EXPECT_FALSE(repair(space, machine, points));
}

}  // namespace
}  // namespace masala::search
