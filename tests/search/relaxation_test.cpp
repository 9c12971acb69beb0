#include "search/relaxation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "search/soft_orders.h"
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
    EXPECT_EQ(relaxation.choose_orders(encoded.logs, order, OrderCriterion::whole_design),
              8 * relaxation.size());
    EXPECT_LE(relaxation.loss(encoded.logs, order)[0].item<double>(), before + 1e-12);
  }
}

TEST(Relaxation, OrdersChosenForLayersAloneAreTheBestOfEachLayer) {
  const DiscreteSpace space(small_problem());
  const Relaxation relaxation(space, 1);
  const OrderChoice& choice = space.mapspace().choices.at(0);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Encoded encoded = random_state(space, relaxation, seed);
    Tensor chosen = encoded.order.clone();
    EXPECT_EQ(relaxation.choose_orders(encoded.logs, chosen, OrderCriterion::layer_alone),
              8 * relaxation.size());
    const auto edp = [&](const Tensor& order) {  // [B]
      const RelaxedCost cost = relaxation.cost(encoded.logs, order);
      return cost.energy_pj * cost.cycles;
    };
    for (const LoopOrder& candidate : choice.candidates) {
      Tensor order = encoded.order.clone();
      order[choice.level].copy_(order_column(candidate).expand_as(order[choice.level]));
      EXPECT_TRUE((edp(chosen) <= edp(order) * (1.0 + 1e-12)).all().item<bool>());
    }
  }
}

TEST(SoftOrders, LossGradientAgreesWithFiniteDifferences) {
  for (Objective objective : kAllObjectives) {
    // As above. Different layers prefer different orders, so that the weights have a gradient.
    Problem problem = small_problem(objective);
    problem.workload.layers = {masala::testing::layer_of("R3 S3 P112 Q112 C256 K512"),
                               masala::testing::layer_of("P4096 C4096 K4096")};
    const DiscreteSpace space(problem);
    const Relaxation relaxation(space, 1);
    const SoftOrders soft(space, relaxation);
    const Encoded encoded = random_state(space, relaxation, 11);
    Tensor logs = encoded.logs * 0.93 + 0.08;
    relaxation.project(logs);
    const auto loss = [&](const Tensor& x) { return soft.loss(x, encoded.order).sum(); };
    const int checked = masala::testing::expect_gradient_matches(loss, logs, 1e-3, 2e-2);
    EXPECT_GE(checked, logs.numel() / 4) << name(objective);
  }
}

TEST(SoftOrders, OneCandidateWithAllTheWeightGivesTheHardLoss) {
  constexpr double kHard = 1e6;
  const DiscreteSpace space(small_problem());
  const Relaxation relaxation(space, 2);
  const SoftOrders soft(space, relaxation, kHard);
  EXPECT_EQ(soft.evaluations(), 7 * relaxation.size());
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Encoded encoded = random_state(space, relaxation, seed);
    const Encoded other = random_state(space, Relaxation(space, 1), seed + 100);
    relaxation.encode(other.state.layers, 1, encoded.logs, encoded.order);
    Tensor best = encoded.order.clone();
    relaxation.choose_orders(encoded.logs, best, OrderCriterion::layer_alone);
    const Tensor expected = relaxation.loss(encoded.logs, best);
    EXPECT_TRUE(torch::allclose(soft.loss(encoded.logs, encoded.order), expected, 0.0, 1e-6));
  }
}

TEST(SoftOrders, LossLiesBetweenThoseOfTheBestAndTheWorstOrder) {
  const DiscreteSpace space(small_problem());
  const Relaxation relaxation(space, 1);
  const SoftOrders soft(space, relaxation);
  const OrderChoice& choice = space.mapspace().choices.at(0);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Encoded encoded = random_state(space, relaxation, seed);
    std::vector<Tensor> energies;
    std::vector<Tensor> cycles;
    for (const LoopOrder& candidate : choice.candidates) {
      Tensor order = encoded.order.clone();
      order[choice.level].copy_(order_column(candidate).expand_as(order[choice.level]));
      const RelaxedCost cost = relaxation.cost(encoded.logs, order);
      energies.push_back(cost.energy_pj);
      cycles.push_back(cost.cycles);
    }
    const auto log_edp = [](const Tensor& energy_pj, const Tensor& all_cycles) {
      return (energy_pj.sum().log() + all_cycles.sum().log()).item<double>();
    };
    const Tensor energy = torch::stack(energies);
    const Tensor time = torch::stack(cycles);
    const double loss = soft.loss(encoded.logs, encoded.order)[0].item<double>();
    EXPECT_GE(loss, log_edp(energy.amin(0), time.amin(0)) - 1e-9);
    EXPECT_LE(loss, log_edp(energy.amax(0), time.amax(0)) + 1e-9);
  }
}

TEST(SoftOrders, WhereOrdersDoNotMatterItIsTheHardLoss) {
  const DiscreteSpace space(small_problem());
  const Relaxation relaxation(space, 1);
  const SoftOrders soft(space, relaxation);
  // Everything in one tile: no loop has more than one iteration at a level with a choice.
  Tensor logs =
      torch::full({relaxation.num_variables(), relaxation.size()}, 10.0, model::real_options());
  relaxation.project(logs);
  const Tensor order = relaxation.default_order();
  EXPECT_NEAR(soft.loss(logs, order)[0].item<double>(),
              relaxation.loss(logs, order)[0].item<double>(),
              1e-9);
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
