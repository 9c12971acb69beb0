// The temporal loops of a batch of mappings, outer to inner. Internal to the model.
#pragma once

#include <vector>

#include "masala/model/batch.h"

namespace masala::model {

class BatchedLoops {
 public:
  explicit BatchedLoops(const MappingBatch& mapping);

  // Levels that own loops, outer to inner. No level lies inside the innermost level's.
  const std::vector<int>& levels() const { return levels_; }

  // Of the loops outside `level`, which are the first ones:
  std::int64_t num_outside(int level) const { return num_outside_[level]; }
  Tensor presence(int level) const { return presence_.narrow(0, 0, num_outside(level)); }
  Tensor moves(int level) const { return moves_.narrow(0, 0, num_outside(level)); }
  Tensor visits(int level) const { return visits_[num_outside(level) - 1]; }  // [B]
  // [J,J]: 1 where the second loop lies inside the first.
  Tensor inside(int level) const;
  // [J,B]: 1 at loops over dimensions with holds(dim).
  template <class Predicate>
  Tensor over(const Predicate& holds, int level) const {
    std::vector<double> table;
    for (Dim dim : kAllDims) table.push_back(holds(dim) ? 1.0 : 0.0);
    const Tensor dims = dims_.narrow(0, 0, num_outside(level));
    const Tensor of_dim = torch::tensor(table, presence_.options());
    return of_dim.index_select(0, dims.reshape({-1})).view_as(dims);
  }

  // Values [D,B] of the first levels(), brought into loop order: [J,B].
  Tensor sorted(const std::vector<Tensor>& per_level) const;

 private:
  std::vector<int> levels_;
  PerLevel<std::int64_t> num_outside_{};
  Tensor dims_;      // [J,B] int64
  Tensor presence_;  // [J,B] a(n) = min(1, n - 1)
  Tensor visits_;    // [J,B] product of the bounds from the outermost loop to this one
  Tensor moves_;     // [J,B] (n_j - 1) x product of the bounds outside j
};

}  // namespace masala::model
