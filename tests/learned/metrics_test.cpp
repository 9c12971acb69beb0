#include "learned/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace masala::learned {
namespace {

TEST(Spearman, RanksWithTies) {
  EXPECT_DOUBLE_EQ(spearman({1, 2, 3}, {10, 20, 1000}), 1.0);
  EXPECT_DOUBLE_EQ(spearman({1, 2, 3}, {3, 2, 1}), -1.0);
  // ranks 0 1 2 3 against 0 1.5 1.5 3: covariance 4.5, variances 5 and 4.5.
  EXPECT_DOUBLE_EQ(spearman({1, 2, 3, 4}, {1, 2, 2, 3}), 4.5 / std::sqrt(5.0 * 4.5));
}

TEST(Kendall, CountsPairs) {
  // pairs of (1 2 3) against (1 3 2): two agree, one does not.
  EXPECT_DOUBLE_EQ(kendall({1, 2, 3}, {1, 3, 2}), 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(kendall({1, 2}, {2, 1}), -1.0);
}

TEST(Quantile, Interpolates) {
  EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2.0);
  EXPECT_DOUBLE_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_DOUBLE_EQ(quantile({0, 10}, 0.9), 9.0);
  EXPECT_TRUE(std::isnan(median({})));
}

TEST(Metrics, WorkedByHand) {
  // Errors 10 %, 0 %, 50 %, 20 %; ratios 1.1, 1, 0.5, 0.8.
  const Metrics m = compute_metrics({110, 200, 50, 80}, {100, 200, 100, 100}, {"a", "a", "b", "b"});
  EXPECT_DOUBLE_EQ(m.mape_percent, 20.0);
  EXPECT_DOUBLE_EQ(m.median_ape_percent, 15.0);
  EXPECT_DOUBLE_EQ(m.bias, 0.9);
  EXPECT_EQ(m.rows, 4U);
  EXPECT_EQ(m.layers, 2U);
  // One pair of layer a is measured apart, and ordered right; those of b are equal.
  EXPECT_DOUBLE_EQ(m.pair_accuracy, 1.0);
  EXPECT_TRUE(std::isnan(m.within_layer_spearman));  // no layer has five rows
}

TEST(Metrics, WithinLayerIsTheMeanOverLayers) {
  std::vector<double> predicted;
  std::vector<double> measured;
  std::vector<std::string> layer;
  for (int i = 0; i < 5; ++i) {
    predicted.push_back(i + 1);
    measured.push_back(100 + 10 * i);
    layer.emplace_back("rising");
  }
  for (int i = 0; i < 10; ++i) {
    predicted.push_back(20 - i);
    measured.push_back(1000 + 100 * i);
    layer.emplace_back("falling");
  }
  EXPECT_DOUBLE_EQ(compute_metrics(predicted, measured, layer).within_layer_spearman, 0.0);
}

TEST(Metrics, PerfectPredictionsAreRecognised) {
  const std::vector<double> y = {1, 10, 100, 1000, 10000};
  const Metrics m = compute_metrics(y, y, {"a", "a", "a", "a", "a"});
  EXPECT_DOUBLE_EQ(m.log_r2, 1.0);
  EXPECT_DOUBLE_EQ(m.spearman, 1.0);
  EXPECT_DOUBLE_EQ(m.kendall, 1.0);
  EXPECT_DOUBLE_EQ(m.within_layer_spearman, 1.0);
  EXPECT_DOUBLE_EQ(m.mape_percent, 0.0);
}

}  // namespace
}  // namespace masala::learned
