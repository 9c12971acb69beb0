#include "search/relaxation.h"

#include <algorithm>
#include <cmath>

#include "model/batched_cost.h"
#include "model/batched_traffic.h"

namespace masala::search {

using model::Dim;
using model::kAllDims;
using model::kNumDims;
using model::real_options;
using torch::Tensor;

namespace {

// Weight of a violated limit: log objective per log of the excess. Above the largest exponent with
// which a capacity can pay off, so that the optimum of the relaxed problem respects the limits.
constexpr double kPenalty = 10.0;

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

struct Relaxation::Costed {
  Tensor words;       // [L,S] largest tile over the layers
  Tensor area_mm2;    // [S]
  Tensor kib_needed;  // [L,S]
  Tensor cycles;      // [B] times executions
  Tensor energy_pj;   // [B] times executions
};

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
  model::Hardware widest = model::default_hardware(accelerator);
  for (const model::Parameter& parameter : accelerator.parameters) {
    const double value = fixed(parameter.name).value_or(static_cast<double>(parameter.range.max));
    model::set_hardware_value(accelerator, widest, parameter.name, value);
  }
  const model::Machine machine = model::resolve(accelerator, widest);

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
    const Slot last = mapspace.slots[dim].back();
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

std::optional<double> Relaxation::fixed(const std::string& key) const {
  for (const model::FixedValue& value : space_.problem().fixed) {
    if (value.key == key) return value.value;
  }
  return std::nullopt;
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

void Relaxation::encode(const std::vector<LayerPoint>& layers,
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

std::vector<LayerPoint> Relaxation::round(const Tensor& logs,
                                          const Tensor& order,
                                          std::int64_t start) const {
  const auto log_at = logs.accessor<double, 2>();
  const auto order_at = order.accessor<std::int64_t, 3>();
  const Tensor uppers = upper_;
  const auto upper_at = uppers.accessor<double, 2>();
  std::vector<LayerPoint> points;
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

// Parameters take the largest unrolling over the layers, or their fixed value.
Tensor Relaxation::parameters(const model::MappingBatch& mapping) const {
  const model::Accelerator& accelerator = space_.problem().accelerator;
  std::vector<Tensor> values;
  for (std::size_t p = 0; p < accelerator.parameters.size(); ++p) {
    const model::Parameter& parameter = accelerator.parameters[p];
    Tensor value =
        torch::full({num_starts_}, static_cast<double>(parameter.range.min), real_options());
    if (const auto given = fixed(parameter.name)) {
      values.push_back(torch::full({num_starts_}, *given, real_options()));
      continue;
    }
    for (int l = 0; l < accelerator.num_levels(); ++l) {
      for (const model::SpatialDim& spatial :
           accelerator.levels[static_cast<std::size_t>(l)].spatial) {
        if (spatial.limit.parameter != static_cast<int>(p)) continue;
        const Tensor unrolled =
            mapping.spatial[l][row(spatial.dim)].view({num_starts_, num_layers_});
        value = torch::maximum(value, unrolled.amax(1) / spatial.limit.factor);
      }
    }
    values.push_back(value);
  }
  if (values.empty()) return torch::empty({0, num_starts_}, real_options());
  return torch::stack(values, 0);
}

Relaxation::Costed Relaxation::cost(const Tensor& logs, const Tensor& order) const {
  const model::Accelerator& accelerator = space_.problem().accelerator;
  const std::int64_t num_levels = accelerator.num_levels();
  const model::MappingBatch mappings = mapping(logs, order);
  const model::TrafficBatch traffic = model::count_traffic(mappings, layers_, accelerator);
  Costed costed;
  const Tensor words = model::words_needed(traffic, accelerator);
  costed.words = words.view({num_levels, num_starts_, num_layers_}).amax(2);
  const Tensor values = parameters(mappings);
  costed.kib_needed = model::kib_for(costed.words, values, accelerator);
  std::vector<Tensor> kib;
  for (int l = 0; l < num_levels; ++l) {
    const model::Level& level = accelerator.levels[static_cast<std::size_t>(l)];
    Tensor value = costed.kib_needed[l];
    if (level.is_sized()) value = value.clamp_min(static_cast<double>(level.kib->min));
    const auto given = fixed(level.name + "_kib");
    kib.push_back(given ? torch::full_like(value, *given) : value);
  }
  const model::HardwareBatch per_start{values, torch::stack(kib, 0)};
  costed.area_mm2 = model::area_mm2(per_start, accelerator);
  const auto spread = [&](const Tensor& t) {  // [.,S] -> [.,B]
    return t.unsqueeze(2)
        .expand({t.size(0), num_starts_, num_layers_})
        .reshape({t.size(0), size()});
  };
  const model::HardwareBatch hardware{spread(per_start.parameters), spread(per_start.kib)};
  const model::CostBatch layer_cost = model::cost_of(traffic, layers_, hardware, accelerator);
  costed.cycles = layer_cost.cycles * executions_;
  costed.energy_pj = layer_cost.energy_pj * executions_;
  return costed;
}

Tensor Relaxation::penalty(const Costed& costed) const {
  const model::Accelerator& accelerator = space_.problem().accelerator;
  Tensor sum = torch::zeros({num_starts_}, real_options());
  for (int l = 0; l + 1 < accelerator.num_levels(); ++l) {
    const model::Level& level = accelerator.levels[static_cast<std::size_t>(l)];
    Tensor ratio;
    if (level.is_sized()) {
      const double limit = fixed(level.name + "_kib").value_or(static_cast<double>(level.kib->max));
      ratio = costed.kib_needed[l] / limit;
    } else {
      ratio = costed.words[l] / static_cast<double>(level.capacity_words);
    }
    sum = sum + ratio.clamp_min(1.0).log();
  }
  if (space_.problem().max_area_mm2) {
    sum = sum + (costed.area_mm2 / *space_.problem().max_area_mm2).clamp_min(1.0).log();
  }
  return kPenalty * sum;
}

Tensor Relaxation::loss(const Tensor& logs, const Tensor& order) const {
  const Costed costed = cost(logs, order);
  const Exponents e = exponents(space_.problem().objective);
  const auto total = [&](const Tensor& per_layer) {
    return per_layer.view({num_starts_, num_layers_}).sum(1).log();
  };
  Tensor result = penalty(costed);
  if (e.energy > 0.0) result = result + e.energy * total(costed.energy_pj);
  if (e.cycles > 0.0) result = result + e.cycles * total(costed.cycles);
  if (e.area > 0.0) result = result + e.area * costed.area_mm2.log();
  return result;
}

void Relaxation::project(Tensor& logs) const {
  const torch::NoGradGuard no_grad;
  logs.copy_(torch::minimum(logs.clamp_min(0.0), upper_));
  constexpr double kTiny = 1e-300;
  const Tensor scale = (log_bounds_ / owner_.mm(logs).clamp_min(kTiny)).clamp_max(1.0);
  logs.mul_(owner_.t().mm(scale));
}

std::int64_t Relaxation::choose_orders(const Tensor& logs, Tensor& order) const {
  const torch::NoGradGuard no_grad;
  const Exponents e = exponents(space_.problem().objective);
  // Share of a layer in the log objective, to first order.
  const auto share = [&](const Tensor& per_layer) {
    const Tensor table = per_layer.view({num_starts_, num_layers_});
    return (table / table.sum(1, true)).view({size()});
  };
  std::int64_t evaluations = 0;
  for (const OrderChoice& choice : space_.mapspace().choices) {
    const Costed now = cost(logs, order);
    evaluations += size();
    const Tensor energy_scale = share(now.energy_pj) / now.energy_pj;
    const Tensor cycles_scale = share(now.cycles) / now.cycles;
    Tensor best_order = order[choice.level].clone();
    Tensor best = e.energy * energy_scale * now.energy_pj + e.cycles * cycles_scale * now.cycles;
    for (const LoopOrder& candidate : choice.candidates) {
      std::vector<std::int64_t> dims;
      for (Dim dim : candidate) dims.push_back(row(dim));
      const Tensor trial =
          torch::tensor(dims, torch::kInt64).unsqueeze(1).expand({kNumDims, size()});
      Tensor orders = order.clone();
      orders[choice.level].copy_(trial);
      const Costed costed = cost(logs, orders);
      evaluations += size();
      const Tensor value =
          e.energy * energy_scale * costed.energy_pj + e.cycles * cycles_scale * costed.cycles;
      const Tensor better = value < best;
      best = torch::where(better, value, best);
      best_order = torch::where(better.unsqueeze(0), trial, best_order);
    }
    order[choice.level].copy_(best_order);
  }
  return evaluations;
}

}  // namespace masala::search
