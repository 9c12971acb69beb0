#include "support/gradient_check.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

namespace masala::testing {

int expect_gradient_matches(const std::function<torch::Tensor(const torch::Tensor&)>& f,
                            const torch::Tensor& x,
                            double step,
                            double relative_tolerance) {
  const torch::Tensor variable = x.detach().clone().requires_grad_();
  const torch::Tensor gradient = torch::autograd::grad({f(variable)}, {variable})[0];
  const torch::NoGradGuard no_grad;
  const double centre = f(x).item<double>();
  const auto at = [&](std::int64_t i, double offset) {
    torch::Tensor moved = x.clone();
    moved.view({-1})[i] += offset;
    return f(moved).item<double>();
  };
  int checked = 0;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const double forward = (at(i, step) - centre) / step;
    const double backward = (centre - at(i, -step)) / step;
    const double scale = std::max({1e-3, std::abs(forward), std::abs(backward)});
    if (std::abs(forward - backward) > 1e-3 * scale) continue;  // a kink within the step
    const double expected = (at(i, step) - at(i, -step)) / (2.0 * step);
    EXPECT_NEAR(gradient.view({-1})[i].item<double>(), expected, relative_tolerance * scale)
        << "entry " << i;
    ++checked;
  }
  return checked;
}

}  // namespace masala::testing
