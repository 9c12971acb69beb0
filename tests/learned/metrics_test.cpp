#include "masala/learned/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

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

int sign(double x) {
  return (x > 0.0) - (x < 0.0);
}

double kendall_by_definition(const std::vector<double>& a, const std::vector<double>& b) {
  double concordance = 0.0;
  double distinct_a = 0.0;
  double distinct_b = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const int in_a = sign(a[i] - a[j]);
      const int in_b = sign(b[i] - b[j]);
      concordance += in_a * in_b;
      distinct_a += in_a * in_a;
      distinct_b += in_b * in_b;
    }
  }
  return concordance / std::sqrt(distinct_a * distinct_b);
}

PairCounts pairs_by_definition(const std::vector<double>& predicted,
                               const std::vector<double>& measured) {
  PairCounts counts;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double larger = std::max(measured[i], measured[j]);
      if (larger <= 1.05 * std::min(measured[i], measured[j])) continue;
      const int agreement = sign(predicted[i] - predicted[j]) * sign(measured[i] - measured[j]);
      counts += {1, agreement > 0 ? 1 : 0, agreement == 0 ? 1 : 0};
    }
  }
  return counts;
}

// Few distinct values, many ties; of all signs where `least` is negative.
std::vector<double> random_values(std::size_t count, int least, int most, std::mt19937_64& rng) {
  std::vector<double> values;
  while (values.size() < count)
    values.push_back(least + static_cast<double>(rng() % static_cast<unsigned>(most - least + 1)));
  return values;
}

struct Sample {
  std::vector<double> a;
  std::vector<double> b;
};

std::vector<Sample> random_samples() {
  std::mt19937_64 rng(17);
  std::vector<Sample> samples;
  for (std::size_t count : {0, 1, 2, 3, 7, 40, 200}) {
    for (const auto& [least, most] : {std::pair(1, 5), {1, 1000}, {-30, 30}, {0, 2}, {-2, -1}}) {
      for (int repeat = 0; repeat < 4; ++repeat)
        samples.push_back(
            {random_values(count, least, most, rng), random_values(count, least, most, rng)});
    }
  }
  samples.push_back({{-0.0, 0.0, 1e-320, 0.0}, {2.0, 1.0, -0.0, 1e308}});
  return samples;
}

TEST(Kendall, IsItsDefinitionToTheBit) {
  for (const Sample& sample : random_samples()) {
    const double expected = kendall_by_definition(sample.a, sample.b);
    const double found = kendall(sample.a, sample.b);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(found));
    } else {
      EXPECT_EQ(found, expected) << sample.a.size();
    }
  }
}

TEST(CountPairs, IsItsDefinition) {
  for (const Sample& sample : random_samples()) {
    const PairCounts expected = pairs_by_definition(sample.a, sample.b);
    const PairCounts found = count_pairs(sample.a, sample.b);
    EXPECT_EQ(found.pairs, expected.pairs);
    EXPECT_EQ(found.right, expected.right);
    EXPECT_EQ(found.tied, expected.tied);
  }
}

// 1.05 times 100 is 105: as near as that is not apart.
TEST(CountPairs, LeavesOutWhatIsMeasuredCloser) {
  EXPECT_EQ(count_pairs({1, 2}, {100, 105}).pairs, 0);
  EXPECT_EQ(count_pairs({1, 2}, {100, 105.1}).right, 1);
  EXPECT_EQ(count_pairs({2, 1}, {100, 105.1}).right, 0);
  EXPECT_EQ(count_pairs({1, 1}, {100, 105.1}).tied, 1);
}

// 5e9 pairs, one by one, take half a minute.
TEST(Metrics, CountAllPairsOfALargeTable) {
  constexpr std::int64_t kRows = 100'000;
  std::vector<double> measured;
  std::vector<double> predicted;
  for (std::int64_t i = 0; i < kRows; ++i) {
    measured.push_back(std::pow(2.0, static_cast<double>(i % 20)));
    predicted.push_back(measured.back() + static_cast<double>(i) / kRows);
  }
  const PairCounts counts = count_pairs(predicted, measured);
  // Of 20 values 5,000 times each, all pairs but those of one value.
  EXPECT_EQ(counts.pairs, kRows * (kRows - 5000) / 2);
  EXPECT_EQ(counts.right, counts.pairs);
  const double pairs = 0.5 * kRows * (kRows - 1);
  const double distinct = 0.5 * kRows * (kRows - 5000);
  EXPECT_EQ(kendall(predicted, measured), distinct / std::sqrt(pairs * distinct));
}

TEST(Metrics, RankNothingWhereAPredictionIsNoNumber) {
  const double nan = std::nan("");
  EXPECT_TRUE(std::isnan(kendall({1, nan, 3}, {1, 2, 3})));
  EXPECT_TRUE(std::isnan(spearman({1, nan, 3}, {1, 2, 3})));
  EXPECT_EQ(count_pairs({1, nan, 3}, {1, 2, 3}).pairs, 0);
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
