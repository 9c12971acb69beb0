// The relaxed search space: log-factors as free tensors, hardware derived from the mappings, and
// the differentiable objective over a batch of starts.
//
// Axis letters as in model/batch.h, and
//   V  free log-factors: every slot of the mapspace but each dimension's last
//   S  starts       Y  layers; batch element b = s * Y + y
#pragma once

#include <torch/types.h>

#include <vector>

#include "masala/model/batch.h"
#include "search/space/discrete_space.h"

namespace masala::search {

// What a batch of relaxed mappings costs on the hardware that follows from them.
struct RelaxedCost {
  torch::Tensor words;       // [L,S] largest tile over the layers
  torch::Tensor area_mm2;    // [S]
  torch::Tensor kib_needed;  // [L,S]
  torch::Tensor cycles;      // [B] with caution, times executions
  torch::Tensor energy_pj;   // [B] times executions
};

class Relaxation {
 public:
  Relaxation(const DiscreteSpace& space, std::int64_t num_starts);

  std::int64_t num_starts() const { return num_starts_; }
  std::int64_t num_layers() const { return num_layers_; }
  std::int64_t size() const { return num_starts_ * num_layers_; }
  std::int64_t num_variables() const { return static_cast<std::int64_t>(slots_.size()); }

  // Integer mappings as log-factors: sets the columns of one start.   logs [V,B], order as below
  void encode(const std::vector<CostedMapping>& layers,
              std::int64_t start,
              torch::Tensor& logs,
              torch::Tensor& order) const;
  // The nearest integer mapping of every layer of one start: from the inside out, each slot takes
  // the divisor of what is left that is nearest to its factor in the logarithm.
  std::vector<CostedMapping> round(const torch::Tensor& logs,
                                   const torch::Tensor& order,
                                   std::int64_t start) const;

  // Log of the objective of every start plus hinge penalties (capacity, area), differentiable in
  // `logs` but for the kinks of count_traffic() and the maxima over levels and layers.
  //   logs [V,B] >= 0      order [L,D,B] int64      returns [S]
  torch::Tensor loss(const torch::Tensor& logs, const torch::Tensor& order) const;

  // Brings log-factors back into their box (0 .. log bound, spatial limits) and onto the simplex of
  // each dimension (their sum at most log bound), in place and without gradient.
  void project(torch::Tensor& logs) const;

  // For every start and layer, level by level, the candidate order that is best for the objective
  // of the whole design, to first order; in place, without gradient. Returns how many evaluations
  // it took. Once stopped, the rest stay.
  std::int64_t choose_orders(const torch::Tensor& logs,
                             torch::Tensor& order,
                             const Monitor& monitor = {}) const;

  torch::Tensor default_order() const;  // [L,D,B]

 private:
  model::MappingBatch mapping(const torch::Tensor& logs, const torch::Tensor& order) const;
  RelaxedCost cost(const torch::Tensor& logs, const torch::Tensor& order) const;
  torch::Tensor parameters(const model::MappingBatch& mapping) const;  // [H,S]
  torch::Tensor penalty(const RelaxedCost& cost) const;                // [S]

  struct Variable {
    model::Dim dim;
    FactorSlot slot;
  };

  const DiscreteSpace& space_;
  std::int64_t num_starts_;
  std::int64_t num_layers_;
  std::vector<Variable> slots_;
  model::LayerBatch layers_;
  torch::Tensor log_bounds_;      // [D,B]
  torch::Tensor upper_;           // [V,B] largest log-factor of each variable
  torch::Tensor owner_;           // [D,V] 1 where the variable belongs to the dimension
  torch::Tensor temporal_index_;  // [L*D] row of each factor among (1, variables, last slots)
  torch::Tensor spatial_index_;   // [L*D]
  torch::Tensor executions_;      // [B]
};

}  // namespace masala::search
