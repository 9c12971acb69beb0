#include "search/methods/adam.h"

#include <cmath>

namespace masala::search {

Adam::Adam(const torch::Tensor& like)
    : mean_(torch::zeros_like(like)), square_(torch::zeros_like(like)) {}

void Adam::step(torch::Tensor& x, const torch::Tensor& gradient, double rate) {
  const torch::NoGradGuard no_grad;
  constexpr double kMeanDecay = 0.9;
  constexpr double kSquareDecay = 0.99;
  constexpr double kEpsilon = 1e-8;
  ++steps_;
  mean_.mul_(kMeanDecay).add_(gradient, 1.0 - kMeanDecay);
  square_.mul_(kSquareDecay).addcmul_(gradient, gradient, 1.0 - kSquareDecay);
  const double mean_scale = 1.0 - std::pow(kMeanDecay, steps_);
  const double square_scale = std::sqrt(1.0 - std::pow(kSquareDecay, steps_));
  x.addcdiv_(
      mean_, square_.sqrt().add_(kEpsilon * square_scale), -rate * square_scale / mean_scale);
}

}  // namespace masala::search
