// Compares autograd with central finite differences.
#pragma once

#include <torch/types.h>

#include <functional>

namespace masala::testing {

// f: [V,B] -> scalar. Checks every entry of x whose one-sided differences agree (elsewhere f has a
// kink) and returns how many were checked. Reports mismatches as test failures.
int expect_gradient_matches(const std::function<torch::Tensor(const torch::Tensor&)>& f,
                            const torch::Tensor& x,
                            double step = 1e-6,
                            double relative_tolerance = 1e-5);

}  // namespace masala::testing
