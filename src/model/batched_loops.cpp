#include "model/batched_loops.h"

namespace masala::model {

BatchedLoops::BatchedLoops(const MappingBatch& mapping) {
  std::vector<Tensor> dims;
  std::vector<Tensor> bounds;
  for (auto m = mapping.loop_levels.rbegin(); m != mapping.loop_levels.rend() && *m > 0; ++m) {
    levels_.push_back(*m);
    dims.push_back(mapping.order[*m]);
    bounds.push_back(mapping.temporal[*m].gather(0, mapping.order[*m]));
    for (int l = 0; l < *m; ++l) num_outside_[l] += kNumDims;
  }
  const Tensor all_bounds = torch::cat(bounds, 0);
  dims_ = torch::cat(dims, 0);
  presence_ = (all_bounds - 1.0).clamp(0.0, 1.0);
  visits_ = all_bounds.cumprod(0);
  const Tensor one = torch::ones_like(all_bounds.narrow(0, 0, 1));
  moves_ = visits_ - torch::cat({one, visits_.narrow(0, 0, visits_.size(0) - 1)}, 0);
}

Tensor BatchedLoops::inside(int level) const {
  return torch::ones({num_outside(level), num_outside(level)}, presence_.options()).triu(1);
}

Tensor BatchedLoops::sorted(const std::vector<Tensor>& per_level) const {
  std::vector<Tensor> values;
  for (std::size_t i = 0; i < per_level.size(); ++i) {
    const Tensor dims = dims_.narrow(0, static_cast<std::int64_t>(i) * kNumDims, kNumDims);
    values.push_back(per_level[i].gather(0, dims));
  }
  return torch::cat(values, 0);
}

}  // namespace masala::model
