#include "learned/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace masala::learned {
namespace {

constexpr std::size_t kLeastRowsOfLayer = 5;
constexpr double kDistinct = 1.05;  // pairs measured closer than this are not compared

std::vector<double> mean_ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto i, auto j) { return values[i] < values[j]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    for (std::size_t i = first; i <= last; ++i) {
      ranks[order[i]] = 0.5 * static_cast<double>(first + last);
    }
    first = last + 1;
  }
  return ranks;
}

double pearson(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0.0;
  double aa = 0.0;
  double bb = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

int sign(double x) {
  return (x > 0.0) - (x < 0.0);
}

// Adds same-layer pairs: how many were measured apart, and how many of them are ordered right.
void count_pairs(const std::vector<double>& predicted,
                 const std::vector<double>& measured,
                 double& right,
                 double& pairs) {
  for (std::size_t i = 0; i < measured.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double larger = std::max(measured[i], measured[j]);
      if (larger <= kDistinct * std::min(measured[i], measured[j])) continue;
      ++pairs;
      const int agreement = sign(predicted[i] - predicted[j]) * sign(measured[i] - measured[j]);
      right += 0.5 * (1 + agreement);
    }
  }
}

}  // namespace

double spearman(const std::vector<double>& a, const std::vector<double>& b) {
  return pearson(mean_ranks(a), mean_ranks(b));
}

double kendall(const std::vector<double>& a, const std::vector<double>& b) {
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

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

Metrics compute_metrics(const std::vector<double>& predicted,
                        const std::vector<double>& measured,
                        const std::vector<std::string>& layer) {
  Metrics metrics;
  metrics.rows = measured.size();
  if (measured.empty()) return metrics;
  std::vector<double> errors;
  std::vector<double> ratios;
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> by_layer;
  double mean_log = 0.0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    errors.push_back(100.0 * std::abs(predicted[i] - measured[i]) / measured[i]);
    ratios.push_back(predicted[i] / measured[i]);
    mean_log += std::log(measured[i]) / static_cast<double>(measured.size());
    by_layer[layer[i]].first.push_back(predicted[i]);
    by_layer[layer[i]].second.push_back(measured[i]);
  }
  double residual = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    residual += std::pow(std::log(ratios[i]), 2);
    total += std::pow(std::log(measured[i]) - mean_log, 2);
  }
  metrics.spearman = spearman(predicted, measured);
  metrics.kendall = kendall(predicted, measured);
  metrics.mape_percent =
      std::accumulate(errors.begin(), errors.end(), 0.0) / static_cast<double>(errors.size());
  metrics.median_ape_percent = median(errors);
  metrics.p90_ape_percent = quantile(errors, 0.9);
  metrics.log_r2 = 1.0 - residual / total;
  metrics.bias = median(ratios);
  metrics.layers = by_layer.size();

  double within = 0.0;
  double layers = 0.0;
  double right = 0.0;
  double pairs = 0.0;
  for (const auto& [name, rows] : by_layer) {
    count_pairs(rows.first, rows.second, right, pairs);
    if (rows.first.size() < kLeastRowsOfLayer) continue;
    const double rho = spearman(rows.first, rows.second);
    if (std::isnan(rho)) continue;
    within += rho;
    ++layers;
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  metrics.within_layer_spearman = layers > 0.0 ? within / layers : nan;
  metrics.pair_accuracy = pairs > 0.0 ? right / pairs : nan;
  return metrics;
}

}  // namespace masala::learned
