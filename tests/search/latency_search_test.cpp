// Searches whose cycles come from a latency model, and whose mappings a driver must be able to run.
#include <gtest/gtest.h>

#include <cmath>

#include "fake_latency.h"
#include "search/methods/relaxation.h"
#include "search/moves/repair.h"
#include "search/space/hardware_space.h"
#include "search_test_support.h"
#include "support/gradient_check.h"
#include "targets/gemmini/program/driver_program.h"
#include "targets/gemmini/program/driver_words.h"

namespace masala::search {
namespace {

using masala::testing::layer_of;
using torch::Tensor;

Problem fake_problem(double caution = 0.0) {
  Problem problem = small_problem();
  problem.latency = std::make_shared<FakeLatency>();
  problem.caution = caution;
  return problem;
}

Problem driven_problem() {
  Problem problem = small_problem();
  problem.accelerator = masala::testing::gemmini_rtl();
  problem.driver_words = gemmini::driver_words(problem.accelerator);
  // 3 input channels take a row of 16; 30 x 29 columns leave few even tiles.
  problem.workload.layers.push_back(layer_of("R3 S3 P30 Q29 C3 K24"));
  problem.workload.layers.push_back(layer_of("P30 C70 K50"));
  problem.workload.layers.back().stride_w = 2;
  return problem;
}

std::vector<CostedMapping> random_points(const DiscreteSpace& space, std::mt19937_64& rng) {
  const model::Accelerator& accelerator = space.problem().accelerator;
  const model::Machine machine = model::resolve(accelerator, model::default_hardware(accelerator));
  std::vector<CostedMapping> points;
  for (std::size_t i = 0; i < space.num_layers(); ++i) {
    points.push_back({random_mapping(space.mapspace(), space.layer(i), machine, rng), 0.0, 0.0});
  }
  return points;
}

struct Encoded {
  DesignState state;
  Tensor logs;
  Tensor order;
};

Encoded random_state(const DiscreteSpace& space, const Relaxation& relaxation, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  EvaluationMeter meter;
  const std::vector<CostedMapping> points = random_points(space, rng);
  Encoded encoded;
  encoded.state = space.make_state(*space.hardware_for(points), points, meter);
  encoded.logs =
      torch::zeros({relaxation.num_variables(), relaxation.size()}, model::real_options());
  encoded.order = relaxation.default_order();
  relaxation.encode(points, 0, encoded.logs, encoded.order);
  return encoded;
}

TEST(LatencySearch, CostsAreTheModelsWithCaution) {
  // One tile, then four: 1 + 0.5 / 8 of the roofline, 40 cycles per tile, std 0.1 ln 4.
  Problem problem = fake_problem(2.0);
  problem.workload.layers = {layer_of("P8 C16 K64")};
  const DiscreteSpace space(problem);
  const model::Machine machine =
      model::resolve(problem.accelerator, model::default_hardware(problem.accelerator));
  EvaluationMeter meter;
  const auto cycles_of = [&](const char* text) {
    const model::Mapping mapping = masala::testing::mapping_of(text, problem.accelerator);
    return std::pair(model::cost_of(mapping, space.layer(0), machine).cycles,
                     space.evaluator().evaluate(mapping, space.layer(0), machine, meter).cycles);
  };
  const auto [one, one_cost] = cycles_of("L3[WIO] N1 - L2[WI] K16X - L1[O] K4 P8 C16X - L0[W] N1");
  EXPECT_DOUBLE_EQ(one_cost, one * 1.0625 + 40.0);
  const auto [four, four_cost] = cycles_of("L3[WIO] K4 - L2[WI] K16X - L1[O] P8 C16X - L0[W] N1");
  EXPECT_DOUBLE_EQ(four_cost, (four * 1.0625 + 160.0) * std::exp(2.0 * 0.1 * std::log(4.0)));
  EXPECT_EQ(meter.used, 2);
}

TEST(LatencySearch, TheDesignReportsTheModelsMean) {
  const Problem problem = fake_problem(3.0);
  SearchOptions options;
  options.starts = 4;
  for (const Method& method : methods()) {
    const SearchSummary summary = method.run(problem, options, {});
    ASSERT_TRUE(summary.best) << method.name;
    const Design& design = *summary.best;
    const model::Machine machine = model::resolve(problem.accelerator, design.hardware);
    ASSERT_EQ(design.estimates.size(), problem.workload.layers.size());
    double cycles = 0.0;
    double cautious_cycles = 0.0;
    for (std::size_t i = 0; i < design.estimates.size(); ++i) {
      const model::Layer& layer = problem.workload.layers[i];
      const model::LayerCost roofline = model::cost_of(design.mappings[i], layer, machine);
      const model::LatencyEstimate expected =
          problem.latency->estimate(design.mappings[i], layer, machine, roofline);
      EXPECT_EQ(design.estimates[i].cycles, expected.cycles);
      EXPECT_EQ(design.estimates[i].log_std, expected.log_std);
      EXPECT_EQ(design.estimates[i].in_range, expected.in_range);
      EXPECT_EQ(design.cost.layers[i].cycles, expected.cycles);
      EXPECT_EQ(design.cost.layers[i].energy_pj, roofline.energy_pj);
      const auto executions = static_cast<double>(layer.executions());
      cycles += executions * expected.cycles;
      cautious_cycles += executions * expected.cycles * std::exp(3.0 * expected.log_std);
    }
    EXPECT_DOUBLE_EQ(design.cost.cycles, cycles);
    EXPECT_DOUBLE_EQ(design.objective, cycles * design.cost.energy_uj);
    // The history is of what was minimised.
    EXPECT_NEAR(
        summary.history.back().second / (cautious_cycles * design.cost.energy_uj), 1.0, 1e-9)
        << method.name;
  }
}

TEST(LatencySearch, LossAgreesWithTheScalarCostAtIntegerPoints) {
  // Buffers at their minimum, so that the relaxation's are not below the grid's: see
  // Relaxation.LossAtIntegerPointsIsTheLogObjectiveOfUnroundedBuffers for the others.
  Problem problem = fake_problem(1.5);
  problem.fixed = {{"pe_dim", 16}, {"scratchpad_kib", 4096}, {"accumulator_kib", 2048}};
  const DiscreteSpace space(problem);
  const Relaxation relaxation(space, 1);
  constexpr double kOneBlock = 1e-4;  // an ulp of exp(log n) may cost a whole block
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Encoded encoded = random_state(space, relaxation, seed);
    EXPECT_NEAR(relaxation.loss(encoded.logs, encoded.order)[0].item<double>() - std::log(1e6),
                std::log(encoded.state.objective),
                kOneBlock);
  }
}

TEST(LatencySearch, LossGradientGoesThroughTheModel) {
  Problem problem = fake_problem(1.0);
  problem.objective = Objective::latency;
  problem.workload.layers = {layer_of("R3 S3 P112 Q112 C256 K512"), layer_of("P4096 C4096 K4096")};
  const auto model = std::make_shared<FakeLatency>();
  model->issue_cycles = 1e5;  // so that its terms are not lost next to the roofline
  problem.latency = model;
  const DiscreteSpace space(problem);
  const Relaxation relaxation(space, 1);
  const Encoded encoded = random_state(space, relaxation, 11);
  Tensor logs = encoded.logs * 0.93 + 0.08;
  relaxation.project(logs);
  const auto loss = [&](const Tensor& x) { return relaxation.loss(x, encoded.order).sum(); };
  const int checked = masala::testing::expect_gradient_matches(loss, logs, 1e-3, 2e-2);
  EXPECT_GE(checked, logs.numel() / 4);
  Problem without = problem;
  without.latency = model::roofline();
  const DiscreteSpace plain_space(without);
  EXPECT_GT(loss(logs).item<double>(),
            Relaxation(plain_space, 1).loss(logs, encoded.order).item<double>() + 0.1);
}

TEST(LatencySearch, SkippedEstimatesChangeNothing) {
  // A model whose bound promises everything is asked about every neighbour.
  struct Unbounded : FakeLatency {
    double lower_bound_cycles(const model::Layer& /*layer*/,
                              const model::Machine& /*machine*/,
                              double /*compute_cycles*/,
                              double /*roofline_cycles*/) const override {
      return 0.0;
    }
  };
  Problem problem = fake_problem();
  SearchOptions options;
  options.starts = 4;
  const SearchSummary bounded = find_method("gradient")->run(problem, options, {});
  problem.latency = std::make_shared<Unbounded>();
  const SearchSummary unbounded = find_method("gradient")->run(problem, options, {});
  EXPECT_EQ(bounded.evaluations, unbounded.evaluations);
  EXPECT_EQ(bounded.history, unbounded.history);
  EXPECT_EQ(bounded.best->objective, unbounded.best->objective);
}

TEST(LatencySearch, ReachesTheOptimumOfTheModel) {
  for (const char* shape : {"R3 P8 Q4 C8 K8", "P32 C64 K16"}) {
    for (double caution : {0.0, 2.0}) {
      Problem problem = fake_problem(caution);
      problem.workload.layers = {layer_of(shape)};
      SearchOptions options;
      options.starts = 16;
      const SearchSummary summary = find_method("gradient")->run(problem, options, {});
      ASSERT_TRUE(summary.best);
      EXPECT_NEAR(summary.history.back().second / brute_force_optimum(problem), 1.0, 1e-9)
          << shape << " caution " << caution;
    }
  }
}

// Where memories come in few sizes, all layers have to move at once to use the next one.
TEST(LatencySearch, IsNearTheCertifiedOptimumOnPowersOfTwo) {
  Problem problem = driven_problem();
  problem.latency = std::make_shared<FakeLatency>();
  const SearchSummary exact = find_method("exact")->run(problem, {}, {});
  ASSERT_TRUE(exact.bound);
  for (std::uint64_t seed : {0, 1}) {
    SearchOptions options;
    options.seed = seed;
    options.starts = 8;
    const SearchSummary found = find_method("gradient")->run(problem, options, {});
    ASSERT_TRUE(found.best);
    EXPECT_LT(found.best->objective / *exact.bound, 1.001) << "seed " << seed;
    EXPECT_GT(found.best->objective / *exact.bound, 1.0 - 1e-9) << "seed " << seed;
  }
}

TEST(LatencySearch, CautionPrefersWhatTheModelIsSureOf) {
  const auto log_stds = [](double caution) {
    Problem problem = fake_problem(caution);
    auto model = std::make_shared<FakeLatency>();
    model->issue_cycles = 0.0;  // many tiles cost nothing but certainty
    problem.latency = model;
    SearchOptions options;
    options.starts = 8;
    const SearchSummary summary = find_method("gradient")->run(problem, options, {});
    double sum = 0.0;
    for (const model::LatencyEstimate& estimate : summary.best->estimates) sum += estimate.log_std;
    return std::pair(sum, summary.best->objective);
  };
  const auto [bold_std, bold] = log_stds(0.0);
  const auto [cautious_std, cautious] = log_stds(3.0);
  EXPECT_LT(cautious_std, bold_std);
  EXPECT_GE(cautious, bold);  // without caution the mean is all that counts
}

TEST(DriverWords, FoundDesignsRunOnPowersOfTwo) {
  const Problem problem = driven_problem();
  ASSERT_TRUE(problem.driver_words);
  ASSERT_TRUE(problems(problem, {}).empty());
  SearchOptions options;
  options.budget = 20000;
  for (const Method& method : methods()) {
    const SearchSummary summary = method.run(problem, options, {});
    ASSERT_TRUE(summary.best) << method.name;
    const Design& design = *summary.best;
    for (const std::string& key : model::hardware_keys(problem.accelerator)) {
      const double value = *model::hardware_value(problem.accelerator, design.hardware, key);
      EXPECT_TRUE(model::hardware_range(problem.accelerator, key)
                      ->contains(static_cast<std::int64_t>(value)))
          << key << " " << value;
    }
    const double scratchpad =
        *model::hardware_value(problem.accelerator, design.hardware, "scratchpad_kib");
    const double accumulator =
        *model::hardware_value(problem.accelerator, design.hardware, "accumulator_kib");
    for (std::size_t i = 0; i < design.mappings.size(); ++i) {
      const model::Layer& layer = problem.workload.layers[i];
      const auto program = gemmini::make_program(
          gemmini::tiling_of(design.mappings[i], layer, gemmini::ProgramKind::clean),
          layer,
          16,
          gemmini::ProgramKind::clean);
      EXPECT_EQ(gemmini::legality_problems(program, scratchpad, accumulator),
                std::vector<std::string>{})
          << method.name << " " << model::to_text(design.mappings[i], problem.accelerator);
      EXPECT_TRUE(model::problems(design.mappings[i],
                                  layer,
                                  problem.accelerator,
                                  model::resolve(problem.accelerator, design.hardware))
                      .empty());
    }
  }
}

TEST(DriverWords, DecidesWhatFitsAndWhichHardwareIsSmallest) {
  const Problem problem = driven_problem();
  const DiscreteSpace space(problem);
  std::mt19937_64 rng(17);
  int runnable = 0;  // on the largest hardware; the others must be made to fit anyway
  int grown = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<CostedMapping> points = random_points(space, rng);
    model::HardwareNeed tiles;
    for (std::size_t i = 0; i < points.size(); ++i) {
      tiles = model::max_of(
          tiles, model::hardware_need(points[i].mapping, space.layer(i), problem.accelerator));
    }
    const auto without_driver = model::smallest_hardware(tiles, problem.accelerator, {});
    const auto hardware = space.hardware_for(points);
    if (hardware) {
      ++runnable;
      const model::Machine machine = model::resolve(problem.accelerator, *hardware);
      for (std::size_t i = 0; i < points.size(); ++i) {
        EXPECT_TRUE(space.evaluator().fits(points[i].mapping, space.layer(i), machine));
      }
      if (hardware->kib != without_driver->kib) ++grown;
    }
    // On the least hardware, factors move outwards until the driver is content.
    const model::Machine least =
        model::resolve(problem.accelerator,
                       masala::testing::hardware_of(
                           problem.accelerator, {{"scratchpad_kib", 16}, {"accumulator_kib", 16}}));
    ASSERT_TRUE(repair(space, least, points));
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_TRUE(space.evaluator().fits(points[i].mapping, space.layer(i), least));
    }
  }
  EXPECT_GT(runnable, 50);
  EXPECT_GT(grown, 0);
}

TEST(DriverWords, IsNamedWhereNothingFits) {
  Problem problem = driven_problem();
  problem.workload.layers = {layer_of("R128 S128 C16")};
  problem.workload.layers[0].name = "wide";
  problem.driver_words = [](const model::Mapping&, const model::Layer&, const model::Machine&) {
    model::PerLevel<std::int64_t> words{};
    words[2] = std::int64_t{1} << 40;
    return words;
  };
  EXPECT_EQ(problems(problem, {}),
            (std::vector<std::string>{"layer wide: its smallest tile takes 1099511627776 words of "
                                      "scratchpad; expected at most 4194304"}));
}

TEST(Problems, RefusesNegativeCaution) {
  Problem problem = fake_problem(-1.0);
  EXPECT_EQ(problems(problem, {}), (std::vector<std::string>{"--caution: expected >= 0"}));
}

}  // namespace
}  // namespace masala::search
