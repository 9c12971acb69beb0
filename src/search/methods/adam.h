// Adam (Kingma and Ba, 2015) on one tensor.
#pragma once

#include <torch/types.h>

namespace masala::search {

class Adam {
 public:
  explicit Adam(const torch::Tensor& like);

  // Moves x against the gradient, in place; no gradient is recorded.
  void step(torch::Tensor& x, const torch::Tensor& gradient, double rate);

 private:
  torch::Tensor mean_;
  torch::Tensor square_;
  int steps_ = 0;
};

}  // namespace masala::search
