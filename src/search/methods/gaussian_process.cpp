#include "search/methods/gaussian_process.h"

#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "masala/model/batch.h"
#include "search/methods/adam.h"

namespace masala::search {

using torch::Tensor;
using torch::indexing::Slice;

namespace {

constexpr double kPi = 3.14159265358979323846;
// Added to the diagonal, as a share of the signal: keeps the factorisation stable.
constexpr double kJitter = 1e-8;

// Kernel of unit signal variance: a [.., n, d] and b [.., m, d], already divided by the lengths.
Tensor matern52(const Tensor& a, const Tensor& b) {
  const Tensor square = (a.unsqueeze(-2) - b.unsqueeze(-3)).square().sum(-1);
  // The offset keeps the gradient of the root finite at distance 0, where it is multiplied by 0.
  const Tensor scaled = (5.0 * square + 1e-20).sqrt();
  return (1.0 + scaled + scaled.square() / 3.0) * (-scaled).exp();
}

// Kernel matrices [s, n, n] of the observations for parameters [s, d + 2].
Tensor covariance(const Tensor& inputs, const Tensor& parameters) {
  const auto d = inputs.size(1);
  const Tensor lengths = parameters.index({Slice(), Slice(0, d)}).exp().unsqueeze(1);  // [s, 1, d]
  const Tensor signal = parameters.index({Slice(), d}).exp().view({-1, 1, 1});
  const Tensor noise = parameters.index({Slice(), d + 1}).exp().view({-1, 1, 1});
  const Tensor scaled = inputs.unsqueeze(0) / lengths;
  const Tensor identity = torch::eye(inputs.size(0), inputs.options());
  return signal * matern52(scaled, scaled) + (noise + kJitter * signal) * identity;
}

// Log marginal likelihood of the standardised targets [n] for every row of parameters: [s].
Tensor log_likelihood(const Tensor& inputs, const Tensor& targets, const Tensor& parameters) {
  const Tensor factor = torch::linalg_cholesky(covariance(inputs, parameters));
  const Tensor column = targets.view({1, -1, 1}).expand({parameters.size(0), -1, 1});
  const Tensor whitened = torch::linalg_solve_triangular(factor, column, false).squeeze(-1);
  const auto n = static_cast<double>(targets.size(0));
  return -0.5 * whitened.square().sum(-1) - factor.diagonal(0, -2, -1).log().sum(-1) -
         0.5 * n * std::log(2.0 * kPi);
}

// Normal priors on the logarithms: lengths about a third of the cube, unit signal, a noise of a
// tenth of the targets' deviation. Wide, but they keep few observations from absurd answers.
Tensor log_prior(const Tensor& parameters) {
  const auto d = parameters.size(1) - 2;
  Tensor centre = torch::full({d + 2}, std::log(0.3), parameters.options());
  centre[d] = 0.0;
  centre[d + 1] = std::log(0.01);
  Tensor deviation = torch::full({d + 2}, 1.0, parameters.options());
  deviation[d + 1] = 2.0;
  return -0.5 * ((parameters - centre) / deviation).square().sum(-1);
}

// Where the climbs start: short, medium and long lengths, with much and little noise.
Tensor start_parameters(std::int64_t d, const torch::TensorOptions& options) {
  constexpr double kLengths[] = {0.1, 0.3, 1.0};
  constexpr double kNoises[] = {0.1, 1e-3};
  std::vector<Tensor> rows;
  for (double length : kLengths) {
    for (double noise : kNoises) {
      Tensor row = torch::full({d + 2}, std::log(length), options);
      row[d] = 0.0;
      row[d + 1] = std::log(noise);
      rows.push_back(row);
    }
  }
  return torch::stack(rows);
}

}  // namespace

Tensor GaussianProcess::standardise(const Tensor& targets) {
  target_mean_ = targets.mean().item<double>();
  const double deviation = targets.std(/*unbiased=*/false).item<double>();
  target_scale_ = deviation > 0.0 ? deviation : 1.0;
  return (targets - target_mean_) / target_scale_;
}

void GaussianProcess::fit(const Tensor& inputs,
                          const Tensor& targets,
                          int steps,
                          const model::Monitor& monitor) {
  constexpr double kLearningRate = 0.1;
  const Tensor standardised = standardise(targets);
  Tensor parameters = start_parameters(inputs.size(1), inputs.options());
  if (parameters_.defined()) parameters = torch::cat({parameters_.unsqueeze(0), parameters});
  Adam adam(parameters);
  for (int step = 0; step < steps && !monitor.stop_requested(); ++step) {
    const torch::AutoGradMode with_gradient(true);
    const Tensor variables = parameters.detach().requires_grad_();
    const Tensor loss =
        -(log_likelihood(inputs, standardised, variables) + log_prior(variables)).sum();
    adam.step(parameters, torch::autograd::grad({loss}, {variables})[0], kLearningRate);
    parameters.clamp_(std::log(1e-6), std::log(1e3));
  }
  const torch::NoGradGuard no_gradient;
  const Tensor posteriors =
      log_likelihood(inputs, standardised, parameters) + log_prior(parameters);
  parameters_ = parameters[posteriors.argmax().item<std::int64_t>()].clone();
  condition(inputs, targets);
}

void GaussianProcess::condition(const Tensor& inputs, const Tensor& targets) {
  const torch::NoGradGuard no_gradient;
  inputs_ = inputs;
  const Tensor standardised = standardise(targets);
  factor_ = torch::linalg_cholesky(covariance(inputs, parameters_.unsqueeze(0))[0]);
  weights_ = torch::cholesky_solve(standardised.unsqueeze(1), factor_);
}

GaussianProcess::Prediction GaussianProcess::predict(const Tensor& inputs) const {
  const torch::NoGradGuard no_gradient;
  const auto d = inputs_.size(1);
  const Tensor scale = lengths();
  const Tensor signal = parameters_[d].exp();
  const Tensor cross = signal * matern52(inputs / scale, inputs_ / scale);            // [m, n]
  const Tensor whitened = torch::linalg_solve_triangular(factor_, cross.t(), false);  // [n, m]
  const Tensor variance = (signal - whitened.square().sum(0)).clamp_min(0.0);
  return {cross.matmul(weights_).squeeze(1) * target_scale_ + target_mean_,
          variance * (target_scale_ * target_scale_)};
}

Tensor GaussianProcess::lengths() const {
  return parameters_.index({Slice(0, inputs_.size(1))}).exp();
}

Tensor expected_improvement(const GaussianProcess::Prediction& prediction, double best) {
  const Tensor deviation = prediction.variance.sqrt().clamp_min(1e-12);
  const Tensor gain = best - prediction.mean;
  const Tensor z = gain / deviation;
  const Tensor below = 0.5 * torch::erfc(-z / std::sqrt(2.0));
  const Tensor density = torch::exp(-0.5 * z.square()) / std::sqrt(2.0 * kPi);
  return gain * below + deviation * density;
}

}  // namespace masala::search
