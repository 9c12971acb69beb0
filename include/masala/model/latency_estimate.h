#pragma once

namespace masala::model {

// Cycles of one execution of one group of a layer, as a latency model predicts them.
struct LatencyEstimate {
  double cycles = 0.0;
  double log_std = 0.0;  // standard deviation of ln cycles over an ensemble; 0 without one
  bool in_range = true;  // false where the model extrapolates beyond what it was fitted to
};

}  // namespace masala::model
