// How models are trained and validated.
#pragma once

#include <cstdint>
#include <vector>

namespace masala::learned {

struct EnsembleOptions {
  int members = 5;
  int hidden = 32;
  int epochs = 40;
  int most_steps = 1600;  // fewer epochs of a large table
  int batch = 256;
  double peak_rate = 5e-3;
  double weight_decay = 0.1;
  double huber = 0.3;  // of the standardised target
  std::uint64_t seed = 0;
};

// How far a residual is trusted: lambda = exp(-range_rate * distance) * r^2 / (r^2 + noise * s^2)
// with r and s the ensemble's mean and standard deviation. One smooth function, used everywhere, so
// that one mapping has one cost.
struct Shrinkage {
  double range_rate = 1.0;
  double noise = 4.0;
};

struct NetworkPlan {
  EnsembleOptions residual;
  // Of simulated and measured rows together: fewer steps, as measured rows repeat and would be
  // learned by heart.
  EnsembleOptions joined;
  EnsembleOptions dnn;
  Shrinkage shrinkage;
  // Validation chooses the shrinkage's noise among these; empty: it stays as it is.
  std::vector<double> noise_choices;
};
NetworkPlan make_plan(std::uint64_t seed);

struct ValidationOptions {
  int folds = 5;
  int seeds = 5;  // leave-layer-out divisions; random folds are divided once
  int threads = 1;
};

}  // namespace masala::learned
