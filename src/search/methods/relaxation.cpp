#include "search/methods/relaxation.h"

#include <algorithm>
#include <cmath>

#include "search/space/hardware_space.h"

namespace masala::search {

using model::Dim;
using model::kAllDims;
using model::kNumDims;
using model::real_options;
using torch::Tensor;

namespace {

int row(Dim dim) {
  return static_cast<int>(dim);
}

// The divisor of n nearest to `target` in the logarithm, at most `limit`.
std::int64_t nearest_divisor(std::int64_t n, double log_target, std::int64_t limit) {
  std::int64_t best = 1;
  double best_distance = std::abs(log_target);
  for (std::int64_t divisor : divisors(n)) {
    if (divisor > limit) break;
    const double distance = std::abs(std::log(static_cast<double>(divisor)) - log_target);
    if (distance < best_distance) {
      best = divisor;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace

Relaxation::Relaxation(const DiscreteSpace& space, std::int64_t num_starts)
    : space_(space),
      num_starts_(num_starts),
      num_layers_(static_cast<std::int64_t>(space.num_layers())) {
  const Mapspace& mapspace = space.mapspace();
  const model::Accelerator& accelerator = space.problem().accelerator;
  const auto& layers = space.problem().workload.layers;
  std::vector<std::int64_t> indices;
  for (std::int64_t b = 0; b < size(); ++b) indices.push_back(b % num_layers_);
  layers_ = model::make_layer_batch(layers, indices);
  log_bounds_ = layers_.bounds.log();

  for (Dim dim : kAllDims) {
    const auto& slots = mapspace.slots[dim];
    for (std::size_t i = 0; i + 1 < slots.size(); ++i) slots_.push_back({dim, slots[i]});
  }
  // The widest machine of the ranges bounds the spatial factors.
  const model::Machine machine = model::resolve(accelerator, largest_hardware(space.problem()));

  owner_ = torch::zeros({kNumDims, num_variables()}, real_options());
  std::vector<std::int64_t> temporal(static_cast<std::size_t>(mapspace.num_levels * kNumDims), 0);
  std::vector<std::int64_t> spatial = temporal;
  std::vector<Tensor> upper;
  for (std::int64_t v = 0; v < num_variables(); ++v) {
    const Variable& variable = slots_[static_cast<std::size_t>(v)];
    const int place = variable.slot.level * kNumDims + row(variable.dim);
    (variable.slot.spatial ? spatial : temporal)[static_cast<std::size_t>(place)] = 1 + v;
    owner_[row(variable.dim)][v] = 1.0;
    Tensor limit = log_bounds_[row(variable.dim)];
    if (variable.slot.spatial) {
      const auto most =
          static_cast<double>(machine.spatial_limit[variable.slot.level][variable.dim]);
      limit = limit.clamp_max(std::log(most));
    }
    upper.push_back(limit);
  }
  upper_ = torch::stack(upper, 0);
  for (Dim dim : kAllDims) {
    const FactorSlot last = mapspace.slots[dim].back();
    temporal[static_cast<std::size_t>(last.level * kNumDims + row(dim))] =
        1 + num_variables() + row(dim);
  }
  temporal_index_ = torch::tensor(temporal, torch::kInt64);
  spatial_index_ = torch::tensor(spatial, torch::kInt64);

  std::vector<double> executions;
  for (std::int64_t b = 0; b < size(); ++b) {
    executions.push_back(
        static_cast<double>(layers[static_cast<std::size_t>(b % num_layers_)].executions()));
  }
  executions_ = torch::tensor(executions, real_options());
}

Tensor Relaxation::default_order() const {
  const Mapspace& mapspace = space_.mapspace();
  Tensor order = torch::empty({mapspace.num_levels, kNumDims, size()}, torch::kInt64);
  for (int l = 0; l < mapspace.num_levels; ++l) {
    for (int position = 0; position < kNumDims; ++position) {
      order[l][position].fill_(
          static_cast<std::int64_t>(mapspace.default_order[static_cast<std::size_t>(l)][position]));
    }
  }
  return order;
}

void Relaxation::encode(const std::vector<CostedMapping>& layers,
                        std::int64_t start,
                        Tensor& logs,
                        Tensor& order) const {
  auto log_at = logs.accessor<double, 2>();
  auto order_at = order.accessor<std::int64_t, 3>();
  for (std::int64_t y = 0; y < num_layers_; ++y) {
    const model::Mapping& mapping = layers[static_cast<std::size_t>(y)].mapping;
    const std::int64_t b = start * num_layers_ + y;
    for (std::int64_t v = 0; v < num_variables(); ++v) {
      const Variable& variable = slots_[static_cast<std::size_t>(v)];
      log_at[v][b] = std::log(static_cast<double>(factor_at(mapping, variable.dim, variable.slot)));
    }
    for (int l = 0; l < mapping.num_levels; ++l) {
      for (int d = 0; d < kNumDims; ++d) {
        order_at[l][d][b] = static_cast<std::int64_t>(mapping.levels[l].order[d]);
      }
    }
  }
}

std::vector<CostedMapping> Relaxation::round(const Tensor& logs,
                                             const Tensor& order,
                                             std::int64_t start) const {
  const auto log_at = logs.accessor<double, 2>();
  const auto order_at = order.accessor<std::int64_t, 3>();
  const Tensor uppers = upper_;
  const auto upper_at = uppers.accessor<double, 2>();
  std::vector<CostedMapping> points;
  for (std::int64_t y = 0; y < num_layers_; ++y) {
    const model::Layer& layer = space_.layer(static_cast<std::size_t>(y));
    const std::int64_t b = start * num_layers_ + y;
    model::Mapping mapping = outermost_mapping(space_.mapspace(), layer);
    for (std::int64_t v = 0; v < num_variables(); ++v) {
      const Variable& variable = slots_[static_cast<std::size_t>(v)];
      std::int64_t& left =
          factor_at(mapping, variable.dim, space_.mapspace().slots[variable.dim].back());
      const auto limit = static_cast<std::int64_t>(std::floor(std::exp(upper_at[v][b]) + 0.5));
      const std::int64_t divisor = nearest_divisor(left, log_at[v][b], limit);
      left /= divisor;
      factor_at(mapping, variable.dim, variable.slot) = divisor;
    }
    for (int l = 0; l < mapping.num_levels; ++l) {
      for (int d = 0; d < kNumDims; ++d)
        mapping.levels[l].order[d] = static_cast<Dim>(order_at[l][d][b]);
    }
    points.push_back({mapping, 0.0, 0.0});
  }
  return points;
}

model::MappingBatch Relaxation::mapping(const Tensor& logs, const Tensor& order) const {
  const std::int64_t num_levels = space_.mapspace().num_levels;
  // The projection keeps the last slot's log >= 0 up to rounding.
  const Tensor last = (log_bounds_ - owner_.mm(logs)).clamp_min(0.0);
  const Tensor one = torch::ones({1, size()}, real_options());
  const Tensor factors = torch::cat({one, logs.exp(), last.exp()}, 0);
  model::MappingBatch batch;
  batch.temporal = factors.index_select(0, temporal_index_).view({num_levels, kNumDims, size()});
  batch.spatial = factors.index_select(0, spatial_index_).view({num_levels, kNumDims, size()});
  batch.order = order;
  batch.loop_levels = space_.mapspace().loop_levels;
  return batch;
}

void Relaxation::project(Tensor& logs) const {
  const torch::NoGradGuard no_grad;
  logs.copy_(torch::minimum(logs.clamp_min(0.0), upper_));
  constexpr double kTiny = 1e-300;
  const Tensor scale = (log_bounds_ / owner_.mm(logs).clamp_min(kTiny)).clamp_max(1.0);
  logs.mul_(owner_.t().mm(scale));
}

}  // namespace masala::search
