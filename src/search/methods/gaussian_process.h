// Regression with a Gaussian process: what a Bayesian search believes of points it has not tried.
#pragma once

#include <torch/types.h>

#include "masala/model/monitor.h"

namespace masala::search {

// Matern 5/2 kernel with a length per input (ARD) on a constant mean, with observation noise.
// Inputs are expected in the unit cube; targets in any unit, they are standardised inside. All
// tensors are double. Deterministic.
class GaussianProcess {
 public:
  struct Prediction {
    torch::Tensor mean;      // [m]
    torch::Tensor variance;  // [m], of the noiseless function
  };

  // Fits to inputs [n, d] and targets [n], n >= 1. Lengths, signal and noise maximise the log
  // marginal likelihood under weak priors, by Adam from several starts at once; the best values of
  // the previous fit are one of them. `steps` gradient steps each, or fewer once stopped.
  void fit(const torch::Tensor& inputs,
           const torch::Tensor& targets,
           int steps,
           const model::Monitor& monitor = {});
  // Takes other observations with the lengths, signal and noise of the last fit.
  void condition(const torch::Tensor& inputs, const torch::Tensor& targets);

  Prediction predict(const torch::Tensor& inputs) const;  // [m, d]

  torch::Tensor lengths() const;  // [d], of the last fit

 private:
  torch::Tensor standardise(const torch::Tensor& targets);

  torch::Tensor inputs_;  // [n, d]
  torch::Tensor
      parameters_;         // [d + 2]: logs of the lengths, the signal variance, the noise variance
  torch::Tensor factor_;   // [n, n]: lower Cholesky factor of the kernel matrix with noise
  torch::Tensor weights_;  // [n, 1]: kernel matrix^-1 x targets
  double target_mean_ = 0.0;
  double target_scale_ = 1.0;
};

// Expected amount by which a normal variable of that mean and variance falls below `best`:
// (best - mean) Phi(z) + deviation phi(z), z = (best - mean) / deviation. [m]
torch::Tensor expected_improvement(const GaussianProcess::Prediction& prediction, double best);

}  // namespace masala::search
