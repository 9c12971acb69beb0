// How well predicted cycles agree with measured ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace masala::learned {

// Rank correlations; ties share their mean rank (Spearman) or count half (Kendall's tau-b). NaN for
// fewer than two distinct values, and where a value is NaN.
double spearman(const std::vector<double>& a, const std::vector<double>& b);
double kendall(const std::vector<double>& a, const std::vector<double>& b);

// Pairs of rows whose larger measured value exceeds 1.05 times the other; none where one is NaN.
struct PairCounts {
  std::int64_t pairs = 0;
  std::int64_t right = 0;  // predicted in the measured order
  std::int64_t tied = 0;   // predicted the same

  PairCounts& operator+=(const PairCounts& other);
};
PairCounts count_pairs(const std::vector<double>& predicted, const std::vector<double>& measured);

struct Metrics {
  double spearman = 0.0;
  double kendall = 0.0;
  double mape_percent = 0.0;        // mean of |p - y| / y
  double median_ape_percent = 0.0;  // median of the same
  double p90_ape_percent = 0.0;
  double log_r2 = 0.0;                 // of ln p against ln y
  double bias = 1.0;                   // median of p / y
  double within_layer_spearman = 0.0;  // unweighted mean over layers with at least 5 rows
  // Same-layer pairs measured > 5 % apart that are ordered right, half of those predicted the same.
  double pair_accuracy = 0.0;
  std::size_t rows = 0;
  std::size_t layers = 0;
};

// `layer` names the layer of each row; predictions and measurements are positive.
Metrics compute_metrics(const std::vector<double>& predicted,
                        const std::vector<double>& measured,
                        const std::vector<std::string>& layer);

double median(std::vector<double> values);
// The value below which `share` (0 to 1) of the values lie, by linear interpolation.
double quantile(std::vector<double> values, double share);

}  // namespace masala::learned
