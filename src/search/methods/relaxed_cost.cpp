// What relaxed mappings cost: hardware that follows from them, loss, and the choice of orders.
#include "masala/model/batched_cost.h"
#include "masala/model/batched_traffic.h"
#include "search/methods/relaxation.h"
#include "search/space/hardware_space.h"

namespace masala::search {

using model::Dim;
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

// Compares loop orders by what a layer's energy and cycles do to the objective of the whole design,
// to first order.
class OrderComparison {
 public:
  // `now` is the cost with the orders as they are.
  OrderComparison(const RelaxedCost& now, const Exponents& exponents, std::int64_t layers) {
    // Share of a layer in the totals of the design, by what the layer costs now.
    const auto weight = [&](const Tensor& per_layer) {
      const Tensor table = per_layer.view({-1, layers});
      return (table / table.sum(1, true)).view({-1}) / per_layer;
    };
    energy_weight_ = exponents.energy * weight(now.energy_pj);
    cycles_weight_ = exponents.cycles * weight(now.cycles);
  }

  // [B], lower is better.
  Tensor value(const RelaxedCost& cost) const {
    return energy_weight_ * cost.energy_pj + cycles_weight_ * cost.cycles;
  }

 private:
  Tensor energy_weight_;  // [B]
  Tensor cycles_weight_;  // [B]
};

// Dimensions as indices, [D,1] int64.
Tensor order_column(const LoopOrder& order) {
  std::vector<std::int64_t> dims;
  for (Dim dim : order) dims.push_back(row(dim));
  return torch::tensor(dims, torch::kInt64).unsqueeze(1);
}

}  // namespace

// Parameters take the largest unrolling over the layers, or their fixed value.
Tensor Relaxation::parameters(const model::MappingBatch& mapping) const {
  const model::Accelerator& accelerator = space_.problem().accelerator;
  std::vector<Tensor> values;
  for (std::size_t p = 0; p < accelerator.parameters.size(); ++p) {
    const model::Parameter& parameter = accelerator.parameters[p];
    Tensor value =
        torch::full({num_starts_}, static_cast<double>(parameter.range.min), real_options());
    if (const auto given = fixed_value(space_.problem(), parameter.name)) {
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

RelaxedCost Relaxation::cost(const Tensor& logs, const Tensor& order) const {
  const model::Accelerator& accelerator = space_.problem().accelerator;
  const std::int64_t num_levels = accelerator.num_levels();
  const model::MappingBatch mappings = mapping(logs, order);
  const model::TrafficBatch traffic = model::count_traffic(mappings, layers_, accelerator);
  RelaxedCost costed;
  const Tensor words = model::words_needed(traffic, accelerator);
  costed.words = words.view({num_levels, num_starts_, num_layers_}).amax(2);
  const Tensor values = parameters(mappings);
  costed.kib_needed = model::kib_for(costed.words, values, accelerator);
  std::vector<Tensor> kib;
  for (int l = 0; l < num_levels; ++l) {
    const model::Level& level = accelerator.levels[static_cast<std::size_t>(l)];
    Tensor value = costed.kib_needed[l];
    if (level.is_sized()) value = value.clamp_min(static_cast<double>(level.kib->min));
    const auto given = fixed_value(space_.problem(), level.name + "_kib");
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
  const model::CostBatch roofline = model::cost_of(traffic, layers_, hardware, accelerator);
  const Tensor cycles = space_.evaluator().cycles(mappings, layers_, hardware, traffic, roofline);
  costed.cycles = cycles * executions_;
  costed.energy_pj = roofline.energy_pj * executions_;
  return costed;
}

Tensor Relaxation::penalty(const RelaxedCost& cost) const {
  const model::Accelerator& accelerator = space_.problem().accelerator;
  Tensor sum = torch::zeros({num_starts_}, real_options());
  for (int l = 0; l + 1 < accelerator.num_levels(); ++l) {
    const model::Level& level = accelerator.levels[static_cast<std::size_t>(l)];
    Tensor ratio;
    if (level.is_sized()) {
      const double limit = fixed_value(space_.problem(), level.name + "_kib")
                               .value_or(static_cast<double>(level.kib->max));
      ratio = cost.kib_needed[l] / limit;
    } else {
      ratio = cost.words[l] / static_cast<double>(level.capacity_words);
    }
    sum = sum + ratio.clamp_min(1.0).log();
  }
  if (space_.problem().max_area_mm2) {
    sum = sum + (cost.area_mm2 / *space_.problem().max_area_mm2).clamp_min(1.0).log();
  }
  return kPenalty * sum;
}

Tensor Relaxation::loss(const Tensor& logs, const Tensor& order) const {
  const RelaxedCost costed = cost(logs, order);
  const Exponents& e = space_.exponents();
  const auto total = [&](const Tensor& per_layer) {
    return per_layer.view({num_starts_, num_layers_}).sum(1).log();
  };
  Tensor result = penalty(costed);
  if (e.energy > 0.0) result = result + e.energy * total(costed.energy_pj);
  if (e.cycles > 0.0) result = result + e.cycles * total(costed.cycles);
  if (e.area > 0.0) result = result + e.area * costed.area_mm2.log();
  return result;
}

std::int64_t Relaxation::choose_orders(const Tensor& logs,
                                       Tensor& order,
                                       const Monitor& monitor) const {
  const torch::NoGradGuard no_grad;
  std::int64_t evaluations = 0;
  for (const OrderChoice& choice : space_.mapspace().choices) {
    const RelaxedCost now = cost(logs, order);
    evaluations += size();
    const OrderComparison comparison(now, space_.exponents(), num_layers_);
    Tensor best_order = order[choice.level].clone();
    Tensor best = comparison.value(now);
    for (const LoopOrder& candidate : choice.candidates) {
      if (monitor.stop_requested()) return evaluations;
      const Tensor trial = order_column(candidate).expand({kNumDims, size()});
      Tensor orders = order.clone();
      orders[choice.level].copy_(trial);
      const Tensor value = comparison.value(cost(logs, orders));
      evaluations += size();
      const Tensor better = value < best;
      best = torch::where(better, value, best);
      best_order = torch::where(better.unsqueeze(0), trial, best_order);
    }
    order[choice.level].copy_(best_order);
  }
  return evaluations;
}

}  // namespace masala::search
