#include "learned/learned_test_support.h"

#include <cmath>
#include <random>

#include "model/batched_cost.h"
#include "model/batched_traffic.h"
#include "model/cost.h"
#include "support/accelerators.h"
#include "support/random_mapping.h"

namespace masala::learned {

using model::Dim;

namespace {

constexpr std::int64_t kDims[] = {4, 8, 16, 32};

std::int64_t power_of_two(std::mt19937_64& rng, int most_log2) {
  return std::int64_t{1} << std::uniform_int_distribution<int>(0, most_log2)(rng);
}

bool coin(std::mt19937_64& rng) {
  return std::uniform_int_distribution<int>(0, 1)(rng) == 1;
}

model::Layer random_layer(std::mt19937_64& rng) {
  model::Layer layer;
  layer.name = "random";
  layer.bounds[Dim::C] = power_of_two(rng, 11);
  layer.bounds[Dim::K] = power_of_two(rng, 11);
  layer.bounds[Dim::N] = power_of_two(rng, 2);
  if (coin(rng)) {
    layer.bounds[Dim::P] = power_of_two(rng, 11);
    return layer;
  }
  layer.bounds[Dim::P] = 2 * power_of_two(rng, 6);
  layer.bounds[Dim::Q] = 2 * power_of_two(rng, 6);
  layer.bounds[Dim::R] = coin(rng) ? 3 : 1;
  layer.bounds[Dim::S] = coin(rng) ? 3 : 1;
  layer.stride_w = std::uniform_int_distribution<int>(1, 3)(rng);
  layer.stride_h = std::uniform_int_distribution<int>(1, 3)(rng);
  layer.dilation_w = std::uniform_int_distribution<int>(1, 2)(rng);
  layer.dilation_h = std::uniform_int_distribution<int>(1, 2)(rng);
  return layer;
}

MeasuredRow random_row(const model::Layer& layer, std::mt19937_64& rng) {
  const model::Accelerator accelerator = driven_gemmini();
  MeasuredRow row;
  row.layer = layer;
  row.hardware = model::default_hardware(accelerator);
  row.hardware.parameters[0] = kDims[std::uniform_int_distribution<int>(0, 3)(rng)];
  row.mapping =
      testing::random_factorisation(row.layer, model::resolve(accelerator, row.hardware), rng);
  return row;
}

}  // namespace

model::Accelerator driven_gemmini() {
  model::Accelerator accelerator = testing::gemmini();
  accelerator.program = testing::gemmini_rtl().program;
  return accelerator;
}

std::vector<MeasuredRow> random_rows(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::vector<MeasuredRow> rows;
  while (rows.size() < count) rows.push_back(random_row(random_layer(rng), rng));
  return rows;
}

CountedRow count_row(const MeasuredRow& row, simulator::CacheState cache) {
  constexpr auto kClean = simulator::ProgramKind::clean;
  const auto dim = static_cast<std::int64_t>(row.hardware.parameters[0]);
  const simulator::DriverProgram program = simulator::make_program(
      simulator::tiling_of(row.mapping, row.layer, kClean), row.layer, dim, kClean);
  const TileNest<double> nest = make_tile_nest(program);
  return {program.is_matmul ? count_matmul(nest, cache) : count_convolution(nest, cache),
          static_cast<double>(dim),
          program.is_matmul};
}

RowBatch make_batch(const std::vector<MeasuredRow>& rows, const model::Accelerator& accelerator) {
  std::vector<model::Layer> layers;
  std::vector<std::int64_t> indices;
  std::vector<model::Mapping> mappings;
  std::vector<model::Hardware> hardware;
  for (const MeasuredRow& row : rows) {
    indices.push_back(static_cast<std::int64_t>(layers.size()));
    layers.push_back(row.layer);
    mappings.push_back(row.mapping);
    hardware.push_back(row.hardware);
  }
  return {model::make_layer_batch(layers, indices),
          model::make_mapping_batch(mappings),
          model::make_hardware_batch(accelerator, hardware)};
}

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

CalibrationConstants shifted_constants() {
  CalibrationConstants constants;
  constants.input_cycle = 1.6;
  constants.weight_cycle = 0.7;
  constants.load_command = 40.0;
  constants.output_cycle = 1.3;
  constants.load_l2_miss = 14.0;
  constants.load_llc_miss = 8.0;
  constants.store_l2_miss = 27.0;
  constants.store_llc_miss = 33.0;
  constants.memory_l2_miss = 7.0;
  constants.memory_llc_miss = 8.0;
  constants.memory_eviction = 30.0;
  constants.convolution_tile = 410.0;
  constants.matmul_tile = 90.0;
  constants.exposed = 0.85;
  constants.sharpness = 4.2;
  constants.start = 900.0;
  return constants;
}

TrainingSet synthetic_set(std::size_t layers, std::size_t per_layer, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  const std::vector<double> constants = values_of(shifted_constants());
  std::vector<MeasuredRow> rows;
  for (std::size_t i = 0; i < layers; ++i) {
    const model::Layer layer = random_layer(rng);
    for (std::size_t j = 0; j < per_layer; ++j) {
      MeasuredRow row = random_row(layer, rng);
      const CountedRow counted = count_row(row);
      const double is_matmul = counted.is_matmul ? 1.0 : 0.0;
      row.line = rows.size() + 2;
      row.cycles = calibrated_cycles(
          unit_cycles(counted.counters, counted.dim, is_matmul, constants), constants);
      row.cycles *= 1.0 + 0.2 * std::sin(std::log(counted.counters.tiles));
      rows.push_back(std::move(row));
    }
  }
  return make_training_set(rows, driven_gemmini(), simulator::ProgramKind::clean);
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
