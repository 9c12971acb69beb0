#include "learned/learned_test_support.h"

#include <cmath>
#include <random>

#include "masala/model/batched_cost.h"
#include "masala/model/batched_traffic.h"
#include "masala/model/cost.h"

namespace masala::learned {

model::LatencyBatch estimate_batch(const model::LatencyModel& latency,
                                   const RowBatch& batch,
                                   const model::Accelerator& accelerator) {
  const model::TrafficBatch traffic =
      model::count_traffic(batch.mapping, batch.layers, accelerator);
  const model::CostBatch roofline =
      model::cost_of(traffic, batch.layers, batch.hardware, accelerator);
  return latency.estimate(batch.mapping, batch.layers, batch.hardware, traffic, roofline);
}

std::vector<model::LatencyEstimate> estimate_rows(const model::LatencyModel& latency,
                                                  const std::vector<MeasuredRow>& rows,
                                                  const model::Accelerator& accelerator) {
  std::vector<model::LatencyEstimate> estimates;
  for (const MeasuredRow& row : rows) {
    const model::Machine machine = model::resolve(accelerator, row.hardware);
    const model::LayerCost roofline = model::cost_of(row.mapping, row.layer, machine);
    estimates.push_back(latency.estimate(row.mapping, row.layer, machine, roofline));
  }
  return estimates;
}

TrainingSet synthetic_set(std::size_t layers, std::size_t per_layer, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  const std::vector<double> constants = shifted_constants();
  std::vector<MeasuredRow> rows;
  for (std::size_t i = 0; i < layers; ++i) {
    const model::Layer layer = gemmini::random_layer(rng);
    for (std::size_t j = 0; j < per_layer; ++j) {
      MeasuredRow row = gemmini::random_row(layer, rng);
      const CountedRow counted = gemmini::count_row(row);
      const double is_matmul = counted.is_matmul ? 1.0 : 0.0;
      row.line = rows.size() + 2;
      row.cycles = calibrated_cycles(
          unit_cycles(counted.counters, counted.dim, is_matmul, constants), constants);
      row.cycles *= 1.0 + 0.2 * std::sin(std::log(counted.counters.tiles));
      rows.push_back(std::move(row));
    }
  }
  return make_training_set(rows, driven_gemmini(), gemmini::target(), clean_and_warm());
}

std::shared_ptr<const Ensemble> random_ensemble(const Tensor& features,
                                                std::uint64_t seed,
                                                double target_mean,
                                                double target_scale) {
  constexpr std::int64_t kMembers = 3;
  constexpr std::int64_t kHidden = 8;
  const std::int64_t inputs = features.size(1);
  at::Generator generator = at::detail::createCPUGenerator(seed);
  const auto draw = [&](std::int64_t rows, std::int64_t columns) {
    return torch::empty({kMembers, rows, columns}, model::real_options())
        .uniform_(-0.5, 0.5, generator);
  };
  EnsembleWeights weights{{draw(inputs, kHidden),
                           draw(1, kHidden),
                           draw(kHidden, kHidden),
                           draw(1, kHidden),
                           draw(kHidden, 1),
                           draw(1, 1)}};
  return std::make_shared<const Ensemble>(
      fit_scale(features), std::move(weights), target_mean, target_scale);
}

}  // namespace masala::learned
