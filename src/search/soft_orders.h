// The loss of relaxed mappings whose loop orders are not chosen yet: every candidate at once,
// weighted, as DOSA does (Hong et al., MICRO 2023).
#pragma once

#include <torch/types.h>

#include <vector>

#include "search/relaxation.h"

namespace masala::search {

class SoftOrders {
 public:
  // Of two candidates of which one costs twice as much, that one's weight is 2^-kSharpness of the
  // other's.
  static constexpr double kSharpness = 1.0;

  SoftOrders(const DiscreteSpace& space, const Relaxation& starts, double sharpness = kSharpness);

  // What one loss costs: starts x layers x candidates.
  std::int64_t evaluations() const { return all_.size(); }

  // As Relaxation::loss(), but with the energy and the cycles of each layer averaged over the
  // candidates: weights softmax(-sharpness x log cost) of the layer's own objective, through which
  // the gradient flows too. A candidate is the order of one level; the other levels' are given.
  //   logs [V,B]      order [L,D,B] int64      returns [S]
  torch::Tensor loss(const torch::Tensor& logs, const torch::Tensor& order) const;

 private:
  struct Candidate {
    int level = 0;
    torch::Tensor order;  // [D,1] int64
  };

  torch::Tensor candidate_orders(const torch::Tensor& order) const;  // [L,D,O*B]

  const Relaxation& starts_;
  Exponents exponents_;
  double sharpness_;
  std::vector<Candidate> candidates_;  // O of them; empty where no level has a choice
  Relaxation all_;                     // candidate o of start s is its start o * S + s
};

}  // namespace masala::search
