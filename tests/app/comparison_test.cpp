#include "masala/app/comparison.h"

#include <gtest/gtest.h>

#include "support/builders.h"

namespace masala::app {
namespace {

// One layer that runs twice; predicted and judged cycles are of one execution.
Contender contender(const char* model, double predicted, double judged, double energy_uj) {
  Contender result;
  result.model = model;
  result.has_default_tiles = result.model == kDefault;
  model::LayerCost layer;
  layer.cycles = predicted;
  result.design.cost.layers = {layer};
  result.design.cost.cycles = 2.0 * predicted;
  result.design.cost.energy_uj = energy_uj;
  result.judged_cycles = {judged};
  return result;
}

Comparison example() {
  model::Workload workload;
  workload.layers = {masala::testing::layer_of("P4")};
  workload.layers[0].count = 2;
  Comparison comparison;
  comparison.workloads = {
      {workload, {contender(kDefault, 1.0, 100.0, 8.0), contender("roofline", 40.0, 50.0, 2.0)}},
      {workload, {contender(kDefault, 1.0, 300.0, 1.0), contender("roofline", 90.0, 600.0, 1.0)}}};
  return comparison;
}

TEST(Comparison, GainsAreJudgedOverTheDefault) {
  const Comparison comparison = example();
  const ComparedWorkload& first = comparison.workloads[0];
  const Gains gain = first.gains_of(first.contenders[1]);
  EXPECT_DOUBLE_EQ(gain.cycles, 2.0);
  EXPECT_DOUBLE_EQ(gain.energy, 4.0);
  EXPECT_DOUBLE_EQ(gain.edp, 8.0);
  EXPECT_DOUBLE_EQ(first.gains_of(first.contenders[0]).edp, 1.0);
}

TEST(Comparison, MeansAreOverTheWorkloads) {
  const Comparison comparison = example();
  ASSERT_EQ(comparison.num_models(), 2U);
  const std::size_t roofline = *comparison.find("roofline");
  EXPECT_EQ(comparison.model(roofline), "roofline");
  EXPECT_FALSE(comparison.find("hybrid"));
  // 2 and 1/2, 4 and 1, 8 and 1/2.
  const Gains mean = comparison.mean_gains(roofline);
  EXPECT_DOUBLE_EQ(mean.cycles, 1.0);
  EXPECT_DOUBLE_EQ(mean.energy, 2.0);
  EXPECT_DOUBLE_EQ(mean.edp, 2.0);
}

TEST(Comparison, ErrorsAreOfEveryLayerThatAModelPredicted) {
  const Comparison comparison = example();
  EXPECT_FALSE(comparison.error(*comparison.find(kDefault)));
  const auto error = comparison.error(*comparison.find("roofline"));
  ASSERT_TRUE(error);
  EXPECT_DOUBLE_EQ(error->median_percent, 52.5);  // of 20 % and 85 %
  EXPECT_DOUBLE_EQ(error->max_percent, 85.0);
}

}  // namespace
}  // namespace masala::app
