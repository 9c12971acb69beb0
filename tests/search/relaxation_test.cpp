#include "search/methods/relaxation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "search_test_support.h"
#include "support/gradient_check.h"

namespace masala::search {
namespace {

using torch::Tensor;

struct Encoded {
  DesignState state;
  Tensor logs;
  Tensor order;
};

Encoded random_state(const DiscreteSpace& space, const Relaxation& relaxation, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  EvaluationMeter meter;
  const model::Machine machine = model::resolve(
      space.problem().accelerator, model::default_hardware(space.problem().accelerator));
  std::vector<CostedMapping> points;
  for (std::size_t i = 0; i < space.num_layers(); ++i) {
    points.push_back({random_mapping(space.mapspace(), space.layer(i), machine, rng), 0.0, 0.0});
  }
  Encoded encoded;
  encoded.state = space.make_state(*space.hardware_for(points), points, meter);
  encoded.logs =
      torch::zeros({relaxation.num_variables(), relaxation.size()}, model::real_options());
  encoded.order = relaxation.default_order();
  relaxation.encode(points, 0, encoded.logs, encoded.order);
  return encoded;
}

TEST(Relaxation, RoundingAnEncodedMappingGivesItBack) {
  const DiscreteSpace space(small_problem());
  const Relaxation relaxation(space, 1);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Encoded encoded = random_state(space, relaxation, seed);
    const std::vector<CostedMapping> rounded = relaxation.round(encoded.logs, encoded.order, 0);
    for (std::size_t i = 0; i < rounded.size(); ++i) {
      EXPECT_EQ(model::to_text(rounded[i].mapping, space.problem().accelerator),
                model::to_text(encoded.state.layers[i].mapping, space.problem().accelerator));
    }
  }
}

TEST(Relaxation, LossAtIntegerPointsIsTheLogObjectiveOfUnroundedBuffers) {
  // Buffers are not rounded to the step in the relaxation, so its loss is at most the exact one,
  // and above the exact one at sizes a step smaller. exp(log n) may miss an integer by one ulp,
  // which a ceiling turns into a whole block: hence the tolerance.
  constexpr double kOneBlock = 1e-4;
  const DiscreteSpace space(small_problem());
  const Relaxation relaxation(space, 1);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Encoded encoded = random_state(space, relaxation, seed);
    const double loss =
        relaxation.loss(encoded.logs, encoded.order)[0].item<double>() - std::log(1e6);
    const double exact = std::log(encoded.state.objective);
    EXPECT_LE(loss, exact + kOneBlock);
    model::Hardware smaller = encoded.state.hardware;
    for (double& kib : smaller.kib) kib = std::max(0.0, kib - 1.0);
    EvaluationMeter meter;
    const DesignState bound = space.make_state(smaller, encoded.state.layers, meter);
    EXPECT_GE(loss, std::log(bound.objective) - kOneBlock);
  }
}

TEST(Relaxation, LossGradientAgreesWithFiniteDifferences) {
  for (Objective objective : kAllObjectives) {
    // Large layers: many blocks per step of the difference, so that ceilings average out.
    Problem problem = small_problem(objective);
    problem.workload.layers = {masala::testing::layer_of("R3 S3 P112 Q112 C256 K512"),
                               masala::testing::layer_of("P4096 C4096 K4096")};
    const DiscreteSpace space(problem);
    const Relaxation relaxation(space, 1);
    const Encoded encoded = random_state(space, relaxation, 11);
    Tensor logs = encoded.logs * 0.93 + 0.08;
    relaxation.project(logs);
    // The ceilings' steps must stay small next to the difference: a wide step, a loose tolerance.
    const auto loss = [&](const Tensor& x) { return relaxation.loss(x, encoded.order).sum(); };
    const int checked = masala::testing::expect_gradient_matches(loss, logs, 1e-3, 2e-2);
    EXPECT_GE(checked, logs.numel() / 4) << name(objective);
  }
}

TEST(Relaxation, ProjectionKeepsFactorsInsideTheBounds) {
  const DiscreteSpace space(small_problem());
  const Relaxation relaxation(space, 3);
  torch::manual_seed(1);
  Tensor logs =
      8.0 * torch::rand({relaxation.num_variables(), relaxation.size()}, model::real_options()) -
      2.0;
  relaxation.project(logs);
  EXPECT_GE(logs.min().item<double>(), 0.0);
  for (std::int64_t s = 0; s < 3; ++s) {
    for (const CostedMapping& point : relaxation.round(logs, relaxation.default_order(), s)) {
      EXPECT_LE(point.mapping.levels[2].spatial[model::Dim::K], 16);
      EXPECT_LE(point.mapping.levels[1].spatial[model::Dim::C], 16);
    }
  }
}

TEST(Relaxation, ChosenOrdersAreNeverWorse) {
  const DiscreteSpace space(small_problem());
  const Relaxation relaxation(space, 1);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Encoded encoded = random_state(space, relaxation, seed);
    const double before = relaxation.loss(encoded.logs, encoded.order)[0].item<double>();
    Tensor order = encoded.order.clone();
    EXPECT_EQ(relaxation.choose_orders(encoded.logs, order), 8 * relaxation.size());
    EXPECT_LE(relaxation.loss(encoded.logs, order)[0].item<double>(), before + 1e-12);
  }
}

TEST(Relaxation, CapacityAboveTheRangeIsPenalised) {
  Problem problem = small_problem();
  const DiscreteSpace free_space(problem);
  problem.fixed.push_back({"scratchpad_kib", 1});
  const DiscreteSpace tight_space(problem);
  const Relaxation free_relaxation(free_space, 1);
  const Relaxation tight_relaxation(tight_space, 1);
  // Everything in one tile: far above 1 KiB.
  Tensor logs = torch::full(
      {free_relaxation.num_variables(), free_relaxation.size()}, 10.0, model::real_options());
  free_relaxation.project(logs);
  const Tensor order = free_relaxation.default_order();
  EXPECT_GT(tight_relaxation.loss(logs, order)[0].item<double>(),
            free_relaxation.loss(logs, order)[0].item<double>() + 1.0);
}

}  // namespace
}  // namespace masala::search
