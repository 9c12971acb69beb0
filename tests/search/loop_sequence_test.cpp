// Sequences of prime loops and their allocation to levels, and the annealing of one layer.
#include "search/moves/loop_sequence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "search/methods/layer_annealing.h"
#include "search_test_support.h"

namespace masala::search {
namespace {

using model::Dim;

Problem problem_of(const char* shape) {
  Problem problem = small_problem();
  problem.workload.layers = {masala::testing::layer_of(shape)};
  return problem;
}

// pe_dim 16, 256 KiB, 64 KiB.
model::Machine default_machine(const Problem& problem) {
  return model::resolve(problem.accelerator, model::default_hardware(problem.accelerator));
}

TEST(LoopSequence, HoldsThePrimeFactorsOfEveryBound) {
  const LoopSequence sequence = prime_loops(masala::testing::layer_of("P12 C2 K5"));
  const LoopSequence expected = {{Dim::P, 2}, {Dim::P, 2}, {Dim::P, 3}, {Dim::C, 2}, {Dim::K, 5}};
  EXPECT_EQ(sequence, expected);
}

TEST(LoopSequence, CountsDistinctPermutations) {
  const auto count = [](const char* shape, std::int64_t limit) {
    return count_permutations(prime_loops(masala::testing::layer_of(shape)), limit);
  };
  EXPECT_EQ(count("C8 K3", 1000), 4);       // 4! / 3!
  EXPECT_EQ(count("P12 C2 K5", 1000), 60);  // 5! / 2!
  EXPECT_EQ(count("P12 C2 K5", 60), 60);
  EXPECT_EQ(count("P12 C2 K5", 59), 59);
  EXPECT_EQ(count("P1024 C1024 K1024", 1 << 20), 1 << 20);
  EXPECT_EQ(count("R1", 1000), 1);
}

TEST(LoopAllocator, EveryLoopTakesTheFirstPlaceWhereItFits) {
  const Problem problem = problem_of("P4 C32 K32");
  const DiscreteSpace space(problem);
  model::Machine machine = default_machine(problem);
  machine.capacity_words[2] = 272;
  const LayerSpace layer(space, 0, machine);
  const LoopSequence sequence = prime_loops(space.layer(0));  // P P C C C C C K K K K K
  // P 4 inside; C 16 across the array, and 2 more inside: 128 inputs and 32 weights. K across the
  // array until the weights are 128: with 256 the scratchpad would overflow.
  EXPECT_EQ(model::to_text(LoopAllocator(layer).allocate(sequence), problem.accelerator),
            "L3[WIO] K8 - L2[WI] N1 K4X - L1[O] C2 P4 C16X - L0[W] N1");
}

TEST(LoopAllocator, TheFirstLoopThatIsLeftOverIsTheInnermost) {
  const Problem problem = problem_of("P4 C32 K32");
  const DiscreteSpace space(problem);
  model::Machine machine = default_machine(problem);
  machine.capacity_words[1] = 1;
  machine.capacity_words[2] = 2;
  machine.spatial_limit[1][Dim::C] = machine.spatial_limit[2][Dim::K] = 1;
  LoopSequence sequence = prime_loops(space.layer(0));
  const LayerSpace layer(space, 0, machine);
  const LoopAllocator allocator(layer);
  for (Dim dim : {Dim::P, Dim::C, Dim::K}) {
    std::stable_partition(
        sequence.begin(), sequence.end(), [&](const PrimeLoop& loop) { return loop.dim == dim; });
    EXPECT_EQ(allocator.allocate(sequence).levels[3].order.back(), dim);
  }
}

TEST(LoopAllocator, EverySequenceGivesAMappingThatFits) {
  const Problem problem = small_problem();
  const DiscreteSpace space(problem);
  const model::Machine machine = default_machine(problem);
  std::mt19937_64 rng(1);
  for (std::size_t i = 0; i < space.num_layers(); ++i) {
    const LayerSpace layer(space, i, machine);
    LoopSequence sequence = prime_loops(space.layer(i));
    for (int trial = 0; trial < 50; ++trial) {
      std::shuffle(sequence.begin(), sequence.end(), rng);
      const model::Mapping mapping = LoopAllocator(layer).allocate(sequence);
      EXPECT_TRUE(layer.fits(mapping));
      EXPECT_TRUE(model::is_perfect(mapping, space.layer(i)));
      EXPECT_TRUE(model::rule_violations(mapping, problem.accelerator).empty());
      LoopSequence back = sequence_of(mapping, space.mapspace());
      EXPECT_TRUE(std::is_permutation(back.begin(), back.end(), sequence.begin(), sequence.end()));
    }
  }
}

TEST(LoopAllocator, GivesBackAMappingThatFillsTheHardware) {
  const Problem problem = problem_of("R3 S3 P16 Q16 C32 K32");
  const DiscreteSpace space(problem);
  const char* text = "L3[WIO] C2 K2 Q4 P4 - L2[WI] K16X - L1[O] S3 R3 Q4 P4 C16X - L0[W] N1";
  const model::Mapping mapping = model::parse_mapping(text, problem.accelerator).mapping;
  const auto hardware = space.hardware_for({{mapping, 0.0, 0.0}});
  ASSERT_TRUE(hardware);
  const model::Machine machine = model::resolve(problem.accelerator, *hardware);
  const LoopSequence sequence = sequence_of(mapping, space.mapspace());
  const LayerSpace layer(space, 0, machine);
  EvaluationMeter meter;
  const CostedMapping before = layer.evaluate(mapping, meter);
  const CostedMapping after = layer.evaluate(LoopAllocator(layer).allocate(sequence), meter);
  EXPECT_LE(after.energy_pj * after.cycles, before.energy_pj * before.cycles);
}

TEST(Annealing, AcceptsBetterAlwaysAndWorseByTemperature) {
  std::mt19937_64 rng(1);
  const auto share_accepted = [&](double now, double next, double temperature) {
    int accepted = 0;
    for (int i = 0; i < 10000; ++i) {
      MetropolisRule rule(now, temperature, rng);
      accepted += rule.accepts(next) ? 1 : 0;
    }
    return accepted / 10000.0;
  };
  EXPECT_EQ(share_accepted(2.0, 1.0, 0.05), 1.0);
  EXPECT_EQ(share_accepted(1.0, 1.0, 0.05), 1.0);
  // exp((1 / 1.05 - 1) / 0.05) = exp(-0.952)
  EXPECT_NEAR(share_accepted(1.0, 1.05, 0.05), 0.386, 0.02);
  EXPECT_LT(share_accepted(1.0, 1.05, 0.005), 0.001);
}

TEST(Annealing, AValueIsJudgedLikeItsLowerBound) {
  // What is accepted at its lower bound is accepted or not by the same number.
  std::mt19937_64 rng(2);
  for (int i = 0; i < 1000; ++i) {
    MetropolisRule rule(1.0, 0.05, rng);
    const bool bound = rule.accepts(1.02);
    const bool value = rule.accepts(1.05);
    EXPECT_TRUE(bound || !value);
    EXPECT_EQ(rule.accepts(1.05), value);
  }
}

TEST(Annealing, CoolsFromTheFirstTemperatureToTheLast) {
  const AnnealingSchedule schedule;
  EXPECT_DOUBLE_EQ(schedule.temperature(0.0), 0.05);
  // SALSA's factor of 0.995 per iteration, 1,000 times.
  EXPECT_NEAR(schedule.temperature(1.0) / (0.05 * std::pow(0.995, 1000)), 1.0, 0.01);
}

class LayerAnnealing : public ::testing::Test {
 protected:
  // The value of the best sequence after so many iterations, and the evaluations used.
  std::pair<double, std::int64_t> anneal(const char* shape, std::int64_t iterations) const {
    const Problem problem = problem_of(shape);
    const DiscreteSpace space(problem);
    const model::Machine machine = default_machine(problem);
    EvaluationMeter meter;
    LoopSequence sequence = prime_loops(space.layer(0));
    std::reverse(sequence.begin(), sequence.end());
    const LayerSpace layer(space, 0, machine);
    const AnnealedLayer start = {sequence,
                                 layer.evaluate(LoopAllocator(layer).allocate(sequence), meter)};
    const LayerWeights weights = layer_weights(
        space, space.assemble(model::default_hardware(problem.accelerator), {start.point}));
    EXPECT_NEAR(weights.value(start.point), 2.0, 1e-9);  // energy's share + cycles' share
    AnnealingSchedule schedule;
    schedule.iterations = iterations;
    std::mt19937_64 rng(4);
    EvaluationMeter used;
    const Monitor monitor;
    const AnnealedLayer best =
        LayerAnnealer(layer, weights, monitor, used, rng).anneal_sequence(start, schedule);
    return {weights.value(best.point), used.used};
  }
};

TEST_F(LayerAnnealing, TriesEveryOrderOfAShortSequence) {
  // 7! / (4! 1! 2!) = 105 orders of P16 C3 K4.
  EXPECT_EQ(anneal("P16 C3 K4", 105).second, 105);
  const auto [annealed, used] = anneal("P16 C3 K4", 104);
  EXPECT_LE(used, 104);
  EXPECT_GE(annealed, anneal("P16 C3 K4", 105).first);
}

TEST_F(LayerAnnealing, GetsBetterWithIterations) {
  const char* shape = "R3 S3 P56 Q56 C192 K384";
  const auto [few, few_used] = anneal(shape, 30);
  const auto [many, many_used] = anneal(shape, 1000);
  EXPECT_LE(few_used, 30);
  EXPECT_LE(many_used, 1000);
  EXPECT_LT(few, 2.0);
  EXPECT_LT(many, few);
}

TEST(FactorAnnealing, NeverEndsWorseAndCountsWhatItCosts) {
  const Problem problem = problem_of("R3 S3 P28 Q28 C64 K96");
  const DiscreteSpace space(problem);
  const model::Machine machine = default_machine(problem);
  EvaluationMeter meter;
  const LayerSpace layer(space, 0, machine);
  const CostedMapping start = layer.evaluate(layer.smallest_tiles(), meter);
  const LayerWeights weights =
      layer_weights(space, space.assemble(model::default_hardware(problem.accelerator), {start}));
  double last = 2.0;  // the start's own
  for (std::int64_t iterations : {0, 20, 2000}) {
    AnnealingSchedule schedule;
    schedule.iterations = iterations;
    std::mt19937_64 rng(4);
    EvaluationMeter used;
    const Monitor monitor;
    const CostedMapping best =
        LayerAnnealer(layer, weights, monitor, used, rng).anneal_factors(start, schedule);
    EXPECT_LE(used.used, iterations);
    EXPECT_TRUE(layer.fits(best.mapping));
    EXPECT_LE(weights.value(best), last * (1.0 + 1e-9));
    last = weights.value(best);
    const CostedMapping again = layer.evaluate(best.mapping, meter);
    EXPECT_EQ(again.cycles, best.cycles);
    EXPECT_EQ(again.energy_pj, best.energy_pj);
  }
  EXPECT_LT(last, 1.0);
}

// Nothing but energy counts, and the hardware is given: the exact search knows the optimum.
TEST(FactorAnnealing, ReachesTheOptimumOfOneLayer) {
  for (const char* shape : {"R3 S3 P14 Q14 C32 K48", "P64 C96 K128"}) {
    Problem problem = problem_of(shape);
    problem.objective = Objective::energy;
    problem.fixed = {{"pe_dim", 16}, {"scratchpad_kib", 32}, {"accumulator_kib", 16}};
    const SearchSummary exact = find_method("exact")->run(problem, {}, {});
    ASSERT_TRUE(exact.best);
    const DiscreteSpace space(problem);
    const model::Machine machine = model::resolve(problem.accelerator, exact.best->hardware);
    EvaluationMeter meter;
    const LayerSpace layer(space, 0, machine);
    const CostedMapping start = layer.evaluate(layer.smallest_tiles(), meter);
    AnnealingSchedule schedule;
    schedule.iterations = 4000;
    double least_uj = std::numeric_limits<double>::infinity();
    for (unsigned seed = 0; seed < 4; ++seed) {
      std::mt19937_64 rng(seed);
      const LayerWeights energy{1.0, 0.0};
      const Monitor monitor;
      const CostedMapping best =
          LayerAnnealer(layer, energy, monitor, meter, rng).anneal_factors(start, schedule);
      least_uj = std::min(least_uj, 1e-6 * best.energy_pj);
    }
    EXPECT_NEAR(least_uj / exact.best->cost.energy_uj, 1.0, 1e-9) << shape;
  }
}

}  // namespace
}  // namespace masala::search
