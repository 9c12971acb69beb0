// The exact search against trying everything.
#include "search/exact/exact_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

#include "masala/model/batched_cost.h"
#include "masala/model/latency_model.h"
#include "naive_search.h"
#include "search/space/discrete_space.h"
#include "search/space/mapspace.h"
#include "support/accelerators.h"
#include "support/builders.h"

namespace masala::search {
namespace {

using masala::testing::layer_of;

// DRAM by the word, so that every word of tiny layers counts.
void count_single_words(model::Accelerator& accelerator) {
  model::Level& dram = accelerator.levels.back();
  dram.block_words = model::Scaled{1.0};
  dram.energy.per_access_pj = 100.0;
}

// The Gemmini template with words so wide that tiny layers fill kilobytes, and a small grid.
model::Accelerator tiny_gemmini() {
  model::Accelerator accelerator = masala::testing::gemmini();
  accelerator.parameters[0].range = {2, 4, 1, false, 2};
  accelerator.levels[1].kib = model::Range{1, 9, 2, false, 1};
  accelerator.levels[1].word_bits = 2048;
  accelerator.levels[2].kib = model::Range{1, 16, 1, true, 1};
  accelerator.levels[2].word_bits = 1024;
  count_single_words(accelerator);
  return accelerator;
}

// Inputs have a buffer of their own below the shared one: halos at two levels.
model::Accelerator tiny_eyeriss() {
  model::Accelerator accelerator = masala::testing::eyeriss_like();
  accelerator.levels[0].capacity_words = 14;
  accelerator.levels[1].kib = model::Range{1, 4, 1, false, 1};
  accelerator.levels[1].word_bits = 512;
  accelerator.levels[1].spatial = {{model::Dim::S, model::Scaled{2.0}}};
  accelerator.levels[1].block_words = model::Scaled{1.0};
  count_single_words(accelerator);
  return accelerator;
}

Problem problem_of(const model::Accelerator& accelerator,
                   std::initializer_list<model::Layer> layers,
                   Objective objective = Objective::edp) {
  Problem problem;
  problem.accelerator = accelerator;
  problem.workload = {"tiny", layers};
  problem.objective = objective;
  return problem;
}

SearchSummary solve(const Problem& problem, int threads = 1) {
  SearchOptions options;
  options.threads = threads;
  return exact_search(problem, options, {});
}

void expect_optimal(const Problem& problem) {
  const double naive = naive_optimum(problem);
  const SearchSummary summary = solve(problem);
  ASSERT_EQ(summary.best.has_value(), std::isfinite(naive));
  if (!summary.best) return;
  ASSERT_TRUE(summary.bound);
  EXPECT_NEAR(*summary.bound / naive, 1.0, 1e-9);
  if (model::is_roofline(*problem.latency)) {
    EXPECT_NEAR(summary.best->objective / naive, 1.0, 1e-9);
  }
  const model::Machine machine = model::resolve(problem.accelerator, summary.best->hardware);
  for (std::size_t i = 0; i < summary.best->mappings.size(); ++i) {
    const model::Mapping& mapping = summary.best->mappings[i];
    EXPECT_TRUE(
        model::problems(mapping, problem.workload.layers[i], problem.accelerator, machine).empty());
    EXPECT_TRUE(model::rule_violations(mapping, problem.accelerator).empty());
  }
}

model::Layer strided(const char* shape, std::int64_t stride, std::int64_t dilation) {
  model::Layer layer = layer_of(shape);
  layer.stride_w = layer.stride_h = stride;
  layer.dilation_w = layer.dilation_h = dilation;
  return layer;
}

model::Layer random_layer(std::mt19937_64& rng) {
  model::Layer layer;
  const auto draw = [&](std::initializer_list<std::int64_t> values) {
    return values.begin()[random_below(rng, values.size())];
  };
  layer.bounds[model::Dim::R] = draw({1, 2, 3});
  layer.bounds[model::Dim::P] = draw({1, 2, 3, 4});
  layer.bounds[model::Dim::Q] = draw({1, 1, 2});
  layer.bounds[model::Dim::S] = layer.bounds[model::Dim::Q] > 1 ? 1 : draw({1, 2});
  layer.bounds[model::Dim::C] = draw({1, 2, 4});
  layer.bounds[model::Dim::K] = draw({1, 2, 4});
  layer.bounds[model::Dim::N] = draw({1, 1, 2});
  layer.stride_w = draw({1, 1, 2});
  layer.dilation_w = draw({1, 1, 2});
  layer.count = draw({1, 3});
  return layer;
}

class EveryObjective : public ::testing::TestWithParam<Objective> {};

TEST_P(EveryObjective, OneLayerOfGemmini) {
  for (const char* shape : {"R3 P4 C2 K2", "P8 C4 K4", "R2 P4 S2 Q2 K2"})
    expect_optimal(problem_of(tiny_gemmini(), {layer_of(shape)}, GetParam()));
}

TEST_P(EveryObjective, TwoLayersOfGemmini) {
  model::Layer first = layer_of("P6 C4 K2");
  first.count = 3;
  expect_optimal(problem_of(tiny_gemmini(), {first, layer_of("R3 P2 C2 K4")}, GetParam()));
}

TEST_P(EveryObjective, UnderAnAreaLimit) {
  Problem problem =
      problem_of(tiny_gemmini(), {layer_of("P6 C4 K4"), layer_of("R2 P4 C2 K4")}, GetParam());
  for (double limit : {0.01, 0.024, 0.035, 0.06}) {
    problem.max_area_mm2 = limit;
    expect_optimal(problem);
  }
}

INSTANTIATE_TEST_SUITE_P(Objectives,
                         EveryObjective,
                         ::testing::ValuesIn(kAllObjectives),
                         [](const auto& parameter) { return std::string(name(parameter.param)); });

TEST(ExactSearch, RandomLayersOfGemmini) {
  std::mt19937_64 rng(11);
  for (int i = 0; i < 25; ++i) {
    const Objective objective = kAllObjectives[random_below(rng, kAllObjectives.size())];
    SCOPED_TRACE(i);
    expect_optimal(problem_of(tiny_gemmini(), {random_layer(rng)}, objective));
  }
}

TEST(ExactSearch, RandomPairsOfLayers) {
  std::mt19937_64 rng(12);
  for (int i = 0; i < 10; ++i) {
    SCOPED_TRACE(i);
    const Objective objective = kAllObjectives[random_below(rng, kAllObjectives.size())];
    expect_optimal(problem_of(tiny_gemmini(), {random_layer(rng), random_layer(rng)}, objective));
  }
}

TEST(ExactSearch, OrdersWithCoincidingHalos) {
  // Steps of P and R along the inputs are equal, or one is twice the other.
  for (const model::Layer& layer : {layer_of("R3 P3 C2 K2"),
                                    strided("R4 P4 K2", 1, 2),
                                    strided("R2 P4 K4", 2, 1),
                                    strided("R2 S2 P2 Q2 K2", 1, 1)}) {
    for (Objective objective : {Objective::energy, Objective::edp})
      expect_optimal(problem_of(tiny_gemmini(), {layer}, objective));
  }
}

TEST(ExactSearch, OtherHierarchies) {
  for (const char* shape : {"R2 P4 K2", "S2 Q4 C2", "R2 P2 S2 K2"}) {
    SCOPED_TRACE(shape);
    expect_optimal(problem_of(tiny_eyeriss(), {layer_of(shape)}));
    expect_optimal(problem_of(tiny_eyeriss(), {strided(shape, 2, 1)}, Objective::energy));
  }
  model::Accelerator five_levels = masala::testing::five_level_toy();
  count_single_words(five_levels);
  for (const char* shape : {"R2 P4 K2", "P2 R3 C2"}) {
    SCOPED_TRACE(shape);
    expect_optimal(problem_of(five_levels, {layer_of(shape)}));
  }
}

TEST(ExactSearch, KeepsFixedValues) {
  Problem problem = problem_of(tiny_gemmini(), {layer_of("P6 C4 K4")});
  problem.fixed = {{"pe_dim", 3}, {"scratchpad_kib", 8}};
  expect_optimal(problem);
  EXPECT_EQ(solve(problem).best->hardware.kib[2], 8.0);
}

TEST(ExactSearch, MergesLayersOfOneShape) {
  model::Layer twice = layer_of("P6 C4 K2");
  Problem problem = problem_of(tiny_gemmini(), {twice, layer_of("P4 C4 K4"), twice});
  const SearchSummary three = solve(problem);
  twice.count = 2;
  problem.workload.layers = {twice, layer_of("P4 C4 K4")};
  EXPECT_NEAR(three.best->objective / naive_optimum(problem), 1.0, 1e-9);
}

TEST(ExactSearch, RepeatsWhateverTheThreads) {
  const Problem problem =
      problem_of(tiny_gemmini(), {layer_of("R3 P12 C8 K4"), layer_of("P16 C8 K8")});
  const SearchSummary one = solve(problem, 1);
  const SearchSummary two = solve(problem, 2);
  EXPECT_EQ(one.evaluations, two.evaluations);
  EXPECT_EQ(one.history, two.history);
  EXPECT_EQ(one.best->hardware.kib, two.best->hardware.kib);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(model::to_text(one.best->mappings[i], problem.accelerator),
              model::to_text(two.best->mappings[i], problem.accelerator));
  }
}

TEST(ExactSearch, StopsOnRequestWithoutACertificate) {
  const std::atomic<bool> stop{true};
  Monitor monitor;
  monitor.stop = &stop;
  const Problem problem = problem_of(tiny_gemmini(), {layer_of("P6 C4 K2")});
  const SearchSummary summary = exact_search(problem, {}, monitor);
  EXPECT_TRUE(summary.interrupted);
  EXPECT_FALSE(summary.bound);
  EXPECT_FALSE(certified_gap(problem, *solve(problem).best, {}, monitor));
}

TEST(CertifiedGap, IsTheDistanceToTheOptimum) {
  const Problem problem = problem_of(tiny_gemmini(), {layer_of("P6 C4 K4"), layer_of("R3 P4 K2")});
  const Design best = *solve(problem).best;
  const auto none = certified_gap(problem, best, {}, {});
  EXPECT_NEAR(none->bound / best.objective, 1.0, 1e-9);
  EXPECT_NEAR(none->gap_percent, 0.0, 1e-7);

  // The same mappings on the largest sizes, and everything outermost.
  const DiscreteSpace space(problem);
  std::vector<model::Mapping> outermost;
  for (const CostedMapping& point : space.smallest_tiles()) outermost.push_back(point.mapping);
  model::Hardware hardware = best.hardware;
  hardware.kib[1] = 9.0;
  hardware.kib[2] = 16.0;
  for (const auto& mappings : {best.mappings, outermost}) {
    const Design worse = make_design(problem, hardware, mappings);
    const auto gap = certified_gap(problem, worse, {}, {});
    EXPECT_NEAR(gap->bound / best.objective, 1.0, 1e-9);
    EXPECT_NEAR(gap->gap_percent, 100.0 * (worse.objective / best.objective - 1.0), 1e-6);
    EXPECT_GT(gap->gap_percent, 1.0);
  }
}

// Cycles that grow with the iterations at the outermost level, and less certain the more there are.
class FakeLatency : public model::LatencyModel {
 public:
  std::string_view tier() const override { return "fake"; }

  model::LatencyEstimate estimate(const model::Mapping& mapping,
                                  const model::Layer&,
                                  const model::Machine& machine,
                                  const model::LayerCost& roofline) const override {
    ++calls;
    double iterations = 1.0;
    for (std::int64_t factor : mapping.levels[machine.num_levels - 1].temporal.values)
      iterations *= static_cast<double>(factor);
    const double overhead = 3.0 * iterations * std::sqrt(machine.bandwidth_words_per_cycle[2]);
    return {static_cast<double>(roofline.compute_cycles) + 0.5 * roofline.cycles + overhead,
            0.01 * std::sqrt(iterations),
            true};
  }

  model::LatencyBatch estimate(const model::MappingBatch&,
                               const model::LayerBatch&,
                               const model::HardwareBatch&,
                               const model::TrafficBatch&,
                               const model::CostBatch&) const override {
    throw std::logic_error("not needed by an exact search");
  }

  double lower_bound_cycles(const model::Layer& /*layer*/,
                            const model::Machine& /*machine*/,
                            double compute_cycles,
                            double /*roofline_cycles*/) const override {
    return 1.5 * compute_cycles;
  }

  mutable std::atomic<std::int64_t> calls{0};
};

TEST(ExactSearch, MinimisesUnderALatencyModel) {
  for (Objective objective : kAllObjectives) {
    for (double caution : {0.0, 2.0}) {
      Problem problem =
          problem_of(tiny_gemmini(), {layer_of("P6 C4 K4"), layer_of("R2 P4 C2 K4")}, objective);
      problem.latency = std::make_shared<FakeLatency>();
      problem.caution = caution;
      expect_optimal(problem);
    }
  }
}

TEST(ExactSearch, EstimatesOnlyWhatTheBoundLeavesOpen) {
  // The roofline's optimum rules most mappings out before their cycles are estimated.
  Problem problem = problem_of(masala::testing::gemmini(), {layer_of("P64 C32 K64")});
  problem.fixed = {{"pe_dim", 16}};
  const auto latency = std::make_shared<FakeLatency>();
  problem.latency = latency;
  const SearchSummary summary = solve(problem);
  EXPECT_GT(latency->calls, 0);
  EXPECT_LT(latency->calls, summary.evaluations / 10);
}

TEST(ExactSearch, MakesRoomForTheDriver) {
  Problem problem = problem_of(tiny_gemmini(), {layer_of("P6 C4 K4"), layer_of("R2 P4 C2 K2")});
  const double words_alone = naive_optimum(problem);
  problem.driver_words =
      [](const model::Mapping& mapping, const model::Layer& layer, const model::Machine& machine) {
        // Three tiles in whole rows, and a word for every outer loop over K.
        auto words = model::words_needed(mapping, layer, tiny_gemmini());
        const auto row = static_cast<std::int64_t>(machine.block_words[2]);
        words[2] = (3 * words[2] + row - 1) / row * row + mapping.levels[3].temporal[model::Dim::K];
        return words;
      };
  expect_optimal(problem);
  EXPECT_GT(*solve(problem).bound, words_alone);
}

TEST(ExactProblems, NameWhatIsTooLargeOrUnfit) {
  Problem problem = problem_of(masala::testing::gemmini(), {layer_of("P64 C64 K64")});
  EXPECT_TRUE(exact_problems(problem, {}).empty());
  SearchOptions options;
  options.budget = 100;
  EXPECT_EQ(exact_problems(problem, options).size(), 1U);

  problem.accelerator.levels[1].energy.slope_per_kib = -0.1;
  ASSERT_EQ(exact_problems(problem, {}).size(), 1U);
  EXPECT_EQ(exact_problems(problem, {})[0],
            "--method exact: energy or area falls as accumulator_kib grows; expected costs that "
            "grow with every size");

  problem =
      problem_of(masala::testing::eyeriss_like(), {layer_of("R3 S3 P112 Q112 C512 K512 N16")});
  ASSERT_EQ(exact_problems(problem, {}).size(), 1U);
  EXPECT_EQ(exact_problems(problem, {})[0].find("--method exact: too large: "), 0U);
}

}  // namespace
}  // namespace masala::search
