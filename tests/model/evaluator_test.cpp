#include "masala/model/evaluator.h"

#include <gtest/gtest.h>

#include <cmath>

#include "masala/model/batch.h"
#include "masala/model/batched_cost.h"
#include "masala/model/batched_traffic.h"
#include "masala/model/latency_model.h"
#include "masala/model/roofline.h"
#include "support/accelerators.h"
#include "support/builders.h"

namespace masala::model {
namespace {

using masala::testing::gemmini;
using masala::testing::hardware_of;
using masala::testing::layer_of;
using masala::testing::mapping_of;

// Three times the roofline, with a standard deviation of 1/2; no fewer than twice the roofline.
class Slow : public LatencyModel {
 public:
  std::string_view tier() const override { return "slow"; }
  LatencyEstimate estimate(const Mapping& /*mapping*/,
                           const Layer& /*layer*/,
                           const Machine& /*machine*/,
                           const LayerCost& roofline) const override {
    ++calls;
    return {3.0 * roofline.cycles, 0.5, true};
  }
  LatencyBatch estimate(const MappingBatch& /*mapping*/,
                        const LayerBatch& /*layers*/,
                        const HardwareBatch& /*hardware*/,
                        const TrafficBatch& /*traffic*/,
                        const CostBatch& roofline) const override {
    return {3.0 * roofline.cycles, torch::full_like(roofline.cycles, 0.5)};
  }
  double lower_bound_cycles(const Layer& /*layer*/,
                            const Machine& /*machine*/,
                            double /*compute_cycles*/,
                            double roofline_cycles) const override {
    return 2.0 * roofline_cycles;
  }

  mutable int calls = 0;
};

class EvaluatorTest : public ::testing::Test {
 protected:
  const Accelerator accelerator_ = gemmini();
  const Machine machine_ =
      resolve(accelerator_, hardware_of(accelerator_, {{"scratchpad_kib", 1}}));
  const Layer layer_ = layer_of("P48 C16 K16");
  const Mapping mapping_ =
      mapping_of("L3[WIO] N1 - L2[WI] K16X - L1[O] P48 C16X - L0[W] N1", accelerator_);
  const LayerCost roofline_ = cost_of(mapping_, layer_, machine_);
  const std::shared_ptr<Slow> slow_ = std::make_shared<Slow>();
  EvaluationMeter meter_;
};

TEST_F(EvaluatorTest, TilesFitExactlyAtTheCapacity) {
  // scratchpad_kib 1: 1,024 words. Tile of weights 16 x 16 and inputs P x 16: 256 + 768.
  const Evaluator evaluator(accelerator_);
  EXPECT_TRUE(evaluator.tiles_fit(mapping_, layer_, machine_));
  EXPECT_TRUE(evaluator.fits(mapping_, layer_, machine_));
  const Mapping one_column_more =
      mapping_of("L3[WIO] N1 - L2[WI] K16X - L1[O] P49 C16X - L0[W] N1", accelerator_);
  EXPECT_FALSE(evaluator.tiles_fit(one_column_more, layer_of("P49 C16 K16"), machine_));
  EXPECT_FALSE(evaluator.fits(one_column_more, layer_of("P49 C16 K16"), machine_));
}

TEST_F(EvaluatorTest, TheDriverAddsToWhatIsNeeded) {
  const Evaluator alone(accelerator_);
  EXPECT_FALSE(alone.has_driver());
  EXPECT_TRUE(alone.is_analytical());
  const auto tiles = alone.words_needed(mapping_, layer_, machine_);
  const auto driven = [&](std::int64_t words) {
    return Evaluator(accelerator_, roofline(), 0.0, [=](const auto&, const auto&, const auto&) {
      PerLevel<std::int64_t> needed{};
      needed[2] = words;
      return needed;
    });
  };
  EXPECT_TRUE(driven(1024).has_driver());
  EXPECT_FALSE(driven(1024).is_analytical());
  EXPECT_EQ(driven(1000).words_needed(mapping_, layer_, machine_), tiles);
  EXPECT_EQ(driven(1025).words_needed(mapping_, layer_, machine_)[2], 1025);
  EXPECT_EQ(driven(1025).words_needed(mapping_, layer_, machine_)[1], tiles[1]);
  EXPECT_TRUE(driven(1024).fits(mapping_, layer_, machine_));
  EXPECT_FALSE(driven(1025).fits(mapping_, layer_, machine_));
  EXPECT_TRUE(driven(1025).tiles_fit(mapping_, layer_, machine_));
}

TEST_F(EvaluatorTest, CostsAreTheRooflinesOrTheModelsWithCaution) {
  const CostedMapping plain = Evaluator(accelerator_).evaluate(mapping_, layer_, machine_, meter_);
  EXPECT_EQ(plain.cycles, roofline_.cycles);
  EXPECT_EQ(plain.energy_pj, roofline_.energy_pj);
  const Evaluator cautious(accelerator_, slow_, 2.0);
  EXPECT_FALSE(cautious.is_analytical());
  const CostedMapping slow = cautious.evaluate(mapping_, layer_, machine_, meter_);
  EXPECT_DOUBLE_EQ(slow.cycles, 3.0 * roofline_.cycles * std::exp(2.0 * 0.5));
  EXPECT_EQ(slow.energy_pj, roofline_.energy_pj);
  EXPECT_EQ(cautious.estimate(mapping_, layer_, machine_, roofline_).cycles,
            3.0 * roofline_.cycles);
  EXPECT_EQ(meter_.used, 2);
}

TEST_F(EvaluatorTest, AsksTheModelOnlyWhereTheLowerBoundIsAccepted) {
  const Evaluator evaluator(accelerator_, slow_);
  const auto below = [&](double times) {
    return evaluator.evaluate_if(
        [&](double energy_pj, double cycles) {
          EXPECT_EQ(energy_pj, roofline_.energy_pj);
          return cycles < times * roofline_.cycles;
        },
        mapping_,
        layer_,
        machine_,
        meter_);
  };
  EXPECT_FALSE(below(1.9));
  EXPECT_EQ(slow_->calls, 0);
  EXPECT_FALSE(below(2.9));
  EXPECT_EQ(slow_->calls, 1);
  ASSERT_TRUE(below(3.1));
  EXPECT_EQ(below(3.1)->cycles, 3.0 * roofline_.cycles);
  EXPECT_EQ(meter_.used, 4);
}

TEST_F(EvaluatorTest, BatchesCostWhatSingleMappingsDo) {
  const LayerBatch layers = make_layer_batch({layer_}, {0});
  const MappingBatch mappings = make_mapping_batch({mapping_});
  const HardwareBatch hardware =
      make_hardware_batch(accelerator_, {hardware_of(accelerator_, {{"scratchpad_kib", 1}})});
  const TrafficBatch traffic = count_traffic(mappings, layers, accelerator_);
  const CostBatch cost = cost_of(traffic, layers, hardware, accelerator_);
  const auto cycles = [&](const Evaluator& evaluator) {
    return evaluator.cycles(mappings, layers, hardware, traffic, cost)[0].item<double>();
  };
  EXPECT_DOUBLE_EQ(cycles(Evaluator(accelerator_)), roofline_.cycles);
  EXPECT_DOUBLE_EQ(cycles(Evaluator(accelerator_, slow_, 2.0)),
                   3.0 * roofline_.cycles * std::exp(1.0));
}

TEST_F(EvaluatorTest, TheRooflineIsSureOfItself) {
  const LatencyModel& model = *roofline();
  EXPECT_EQ(model.tier(), "roofline");
  EXPECT_TRUE(is_roofline(model));
  EXPECT_FALSE(is_roofline(*slow_));
  const LatencyEstimate estimate = model.estimate(mapping_, layer_, machine_, roofline_);
  EXPECT_EQ(estimate.cycles, roofline_.cycles);
  EXPECT_EQ(estimate.log_std, 0.0);
  EXPECT_TRUE(estimate.in_range);
  EXPECT_EQ(model.lower_bound_cycles(layer_, machine_, 2.0, 3.0), 3.0);
}

}  // namespace
}  // namespace masala::model
