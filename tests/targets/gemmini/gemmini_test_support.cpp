#include "targets/gemmini/gemmini_test_support.h"

#include <stdexcept>

#include "support/accelerators.h"
#include "support/builders.h"
#include "support/random_mapping.h"

namespace masala::gemmini {

using model::Dim;
using model::MeasuredRow;

namespace {

constexpr std::int64_t kDims[] = {4, 8, 16, 32};

std::int64_t power_of_two(std::mt19937_64& rng, int most_log2) {
  return std::int64_t{1} << std::uniform_int_distribution<int>(0, most_log2)(rng);
}

bool coin(std::mt19937_64& rng) {
  return std::uniform_int_distribution<int>(0, 1)(rng) == 1;
}

}  // namespace

model::Accelerator driven_gemmini() {
  model::Accelerator accelerator = testing::gemmini();
  accelerator.program = testing::gemmini_rtl().program;
  return accelerator;
}

MeasuredRow row_of(
    const char* bounds, const char* mapping, double cycles, std::size_t line, double pe_dim) {
  const model::Accelerator accelerator = driven_gemmini();
  return {line,
          testing::layer_of(bounds),
          testing::mapping_of(mapping, accelerator),
          testing::hardware_of(
              accelerator, {{"pe_dim", pe_dim}, {"scratchpad_kib", 64}, {"accumulator_kib", 64}}),
          cycles};
}

MeasuredRow small_row(double cycles, std::size_t line, double pe_dim) {
  return row_of("P8 C4 K16", kSmallMapping, cycles, line, pe_dim);
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

std::vector<MeasuredRow> random_rows(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::vector<MeasuredRow> rows;
  while (rows.size() < count) rows.push_back(random_row(random_layer(rng), rng));
  return rows;
}

CountedRow count_row(const MeasuredRow& row, CacheState cache) {
  constexpr auto kClean = ProgramKind::clean;
  const auto dim = static_cast<std::int64_t>(row.hardware.parameters[0]);
  const DriverProgram program =
      make_program(tiling_of(row.mapping, row.layer, kClean), row.layer, dim, kClean);
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

std::vector<double> constants_with(const std::vector<std::pair<std::string, double>>& changes) {
  const std::vector<model::FittedConstant>& constants = calibration_constants();
  std::vector<double> values;
  for (const model::FittedConstant& constant : constants) values.push_back(constant.start);
  for (const auto& [name, value] : changes) {
    std::size_t i = 0;
    while (i < constants.size() && constants[i].name != name) ++i;
    if (i == constants.size()) throw std::invalid_argument("no constant is called " + name);
    values[i] = value;
  }
  return values;
}

std::vector<double> shifted_constants() {
  return constants_with({{"input_cycle", 1.6},
                         {"weight_cycle", 0.7},
                         {"load_command", 40.0},
                         {"output_cycle", 1.3},
                         {"load_l2_miss", 14.0},
                         {"load_llc_miss", 8.0},
                         {"store_l2_miss", 27.0},
                         {"store_llc_miss", 33.0},
                         {"memory_l2_miss", 7.0},
                         {"memory_llc_miss", 8.0},
                         {"memory_eviction", 30.0},
                         {"convolution_tile", 410.0},
                         {"matmul_tile", 90.0},
                         {"exposed", 0.85},
                         {"sharpness", 4.2},
                         {"start", 900.0}});
}

}  // namespace masala::gemmini
