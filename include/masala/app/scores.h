// Costs of whole networks against each other.
#pragma once

#include <vector>

namespace masala::app {

// Of all layers and executions.
struct Score {
  double cycles = 0.0;
  double energy_uj = 0.0;

  double edp_uj_cycles() const { return energy_uj * cycles; }
};

// How many times less the score is than a reference: above 1 is better.
struct Gains {
  double cycles = 1.0;
  double energy = 1.0;
  double edp = 1.0;
};
Gains gains(const Score& reference, const Score& score);
Gains geometric_mean(const std::vector<Gains>& each);  // of at least one

// Of |predicted - judged| / judged over layers, unweighted.
struct PredictionError {
  double median_percent = 0.0;
  double max_percent = 0.0;
};
// The two are as long, and not empty; judged cycles are positive.
PredictionError prediction_error(const std::vector<double>& predicted,
                                 const std::vector<double>& judged);

}  // namespace masala::app
