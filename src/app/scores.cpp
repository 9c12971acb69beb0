#include "masala/app/scores.h"

#include <algorithm>
#include <cmath>

#include "masala/learned/metrics.h"

namespace masala::app {

Gains gains(const Score& reference, const Score& score) {
  return {reference.cycles / score.cycles,
          reference.energy_uj / score.energy_uj,
          reference.edp_uj_cycles() / score.edp_uj_cycles()};
}

Gains geometric_mean(const std::vector<Gains>& each) {
  const auto mean = [&](double Gains::*quantity) {
    double log_sum = 0.0;
    for (const Gains& gain : each) log_sum += std::log(gain.*quantity);
    return std::exp(log_sum / static_cast<double>(each.size()));
  };
  return {mean(&Gains::cycles), mean(&Gains::energy), mean(&Gains::edp)};
}

PredictionError prediction_error(const std::vector<double>& predicted,
                                 const std::vector<double>& judged) {
  std::vector<double> percent;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    percent.push_back(100.0 * std::abs(predicted[i] - judged[i]) / judged[i]);
  }
  const double largest = *std::max_element(percent.begin(), percent.end());
  return {learned::median(std::move(percent)), largest};
}

}  // namespace masala::app
