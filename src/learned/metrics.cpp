#include "masala/learned/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace masala::learned {
namespace {

constexpr std::size_t kLeastRowsOfLayer = 5;
constexpr double kDistinct = 1.05;

std::vector<std::size_t> order_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto i, auto j) { return values[i] < values[j]; });
  return order;
}

// The end of the group of equal values that begins at `first` of the order.
std::size_t group_end(const std::vector<double>& values,
                      const std::vector<std::size_t>& order,
                      std::size_t first) {
  std::size_t end = first + 1;
  while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
  return end;
}

std::vector<double> mean_ranks(const std::vector<double>& values) {
  const std::vector<std::size_t> order = order_of(values);
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    const std::size_t end = group_end(values, order, first);
    for (std::size_t i = first; i < end; ++i) {
      ranks[order[i]] = 0.5 * static_cast<double>(first + end - 1);
    }
    first = end;
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

// How many of the values added so far are below, or above, another.
class RankCounter {
 public:
  // `values`: all that will be added or compared.
  explicit RankCounter(std::vector<double> values) : sorted_(std::move(values)) {
    std::sort(sorted_.begin(), sorted_.end());
    counts_.resize(sorted_.size() + 1);
  }

  void add(double value) {
    ++added_;
    for (std::size_t i = end_of(value); i < counts_.size(); i += i & (~i + 1)) ++counts_[i];
  }
  std::int64_t below(double value) const {
    return up_to(static_cast<std::size_t>(std::lower_bound(sorted_.begin(), sorted_.end(), value) -
                                          sorted_.begin()));
  }
  std::int64_t above(double value) const { return added_ - up_to(end_of(value)); }

 private:
  // Number of values up to this one.
  std::size_t end_of(double value) const {
    return static_cast<std::size_t>(std::upper_bound(sorted_.begin(), sorted_.end(), value) -
                                    sorted_.begin());
  }
  std::int64_t up_to(std::size_t end) const {
    std::int64_t sum = 0;
    for (std::size_t i = end; i > 0; i -= i & (~i + 1)) sum += counts_[i];
    return sum;
  }

  std::vector<double> sorted_;
  std::vector<std::int64_t> counts_;  // a Fenwick tree, from 1
  std::int64_t added_ = 0;
};

std::int64_t pairs_of(std::int64_t n) {
  return n * (n - 1) / 2;
}

std::int64_t equal_pairs(const std::vector<double>& values) {
  const std::vector<std::size_t> order = order_of(values);
  std::int64_t pairs = 0;
  for (std::size_t first = 0; first < order.size();) {
    const std::size_t end = group_end(values, order, first);
    pairs += pairs_of(static_cast<std::int64_t>(end - first));
    first = end;
  }
  return pairs;
}

bool has_nan(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

}  // namespace

PairCounts& PairCounts::operator+=(const PairCounts& other) {
  pairs += other.pairs;
  right += other.right;
  tied += other.tied;
  return *this;
}

// In the order of the measurements; those apart enough from one are a beginning of the order, which
// grows from one to the next.
PairCounts count_pairs(const std::vector<double>& predicted, const std::vector<double>& measured) {
  PairCounts counts;
  if (has_nan(predicted) || has_nan(measured)) return counts;
  const std::vector<std::size_t> order = order_of(measured);
  RankCounter counter(predicted);
  std::size_t apart = 0;
  for (std::size_t first = 0; first < order.size();) {
    const std::size_t end = group_end(measured, order, first);
    const double value = measured[order[first]];
    while (apart < first && kDistinct * measured[order[apart]] < value)
      counter.add(predicted[order[apart++]]);
    const auto before = static_cast<std::int64_t>(apart);
    for (std::size_t i = first; i < end; ++i) {
      const std::int64_t below = counter.below(predicted[order[i]]);
      const std::int64_t above = counter.above(predicted[order[i]]);
      counts += {before, below, before - below - above};
    }
    if (kDistinct * value < value) {  // below zero, where equal ones count as apart too
      const std::int64_t equal = pairs_of(static_cast<std::int64_t>(end - first));
      counts += {equal, 0, equal};
    }
    first = end;
  }
  return counts;
}

double spearman(const std::vector<double>& a, const std::vector<double>& b) {
  if (has_nan(a) || has_nan(b)) return std::numeric_limits<double>::quiet_NaN();
  return pearson(mean_ranks(a), mean_ranks(b));
}

double kendall(const std::vector<double>& a, const std::vector<double>& b) {
  if (has_nan(a) || has_nan(b)) return std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::size_t> order = order_of(a);
  RankCounter counter(b);
  std::int64_t concordance = 0;
  for (std::size_t first = 0; first < order.size();) {
    const std::size_t end = group_end(a, order, first);
    for (std::size_t i = first; i < end; ++i)
      concordance += counter.below(b[order[i]]) - counter.above(b[order[i]]);
    for (std::size_t i = first; i < end; ++i) counter.add(b[order[i]]);
    first = end;
  }
  const std::int64_t pairs = pairs_of(static_cast<std::int64_t>(a.size()));
  const auto distinct_a = static_cast<double>(pairs - equal_pairs(a));
  const auto distinct_b = static_cast<double>(pairs - equal_pairs(b));
  return static_cast<double>(concordance) / std::sqrt(distinct_a * distinct_b);
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
  PairCounts pairs;
  for (const auto& [name, rows] : by_layer) {
    pairs += count_pairs(rows.first, rows.second);
    if (rows.first.size() < kLeastRowsOfLayer) continue;
    const double rho = spearman(rows.first, rows.second);
    if (std::isnan(rho)) continue;
    within += rho;
    ++layers;
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  metrics.within_layer_spearman = layers > 0.0 ? within / layers : nan;
  metrics.pair_accuracy =
      pairs.pairs > 0 ? (static_cast<double>(pairs.right) + 0.5 * static_cast<double>(pairs.tied)) /
                            static_cast<double>(pairs.pairs)
                      : nan;
  return metrics;
}

}  // namespace masala::learned
