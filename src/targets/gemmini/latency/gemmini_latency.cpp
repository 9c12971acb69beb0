#include "targets/gemmini/latency/gemmini_latency.h"

#include <stdexcept>

#include "targets/gemmini/latency/features.h"
#include "targets/gemmini/machine.h"
#include "targets/gemmini/program/measured_rows.h"

namespace masala::gemmini {

using namespace number;
namespace {

using model::BaseBatch;
using model::BasePoint;
using model::Dim;

double is_matmul_of(const DriverProgram& program) {
  return program.is_matmul ? 1.0 : 0.0;
}

Counters<double> count(const TileNest<double>& nest, bool is_matmul, CacheState cache) {
  return is_matmul ? count_matmul(nest, cache) : count_convolution(nest, cache);
}

class GemminiBase : public model::LatencyBase {
 public:
  GemminiBase(const model::Accelerator& accelerator,
              const std::vector<double>& constants,
              ProgramKind program,
              CacheState cache)
      : constants_(constants), program_(program), cache_(cache) {
    const auto parameter = accelerator.find_parameter(kArrayKey);
    if (!parameter) throw std::invalid_argument("parameters: pe_dim missing; expected Gemmini's");
    array_parameter_ = *parameter;
  }

  std::vector<std::string> feature_names() const override { return gemmini_feature_names(); }

  // The unrollers fill the array from the tile, whatever the spatial factors of the mapping say.
  double lower_bound_cycles(const model::Layer& layer,
                            const model::Machine& machine,
                            double /*compute_cycles*/) const override {
    double pes = 1.0;
    for (int l = 0; l < machine.num_levels; ++l) {
      for (std::int64_t limit : machine.spatial_limit[l].values) pes *= static_cast<double>(limit);
    }
    return static_cast<double>(layer.macs()) / pes;
  }

  BasePoint at(const model::Mapping& mapping,
               const model::Layer& layer,
               const model::Machine& machine,
               const model::LayerCost& /*roofline*/) const override {
    const std::int64_t mesh = machine.spatial_limit[kAccumulator][Dim::C];
    const std::int64_t dim =
        program_ == ProgramKind::measured ? measured_array_dim(mapping, mesh) : mesh;
    const DriverProgram program =
        make_program(tiling_of(mapping, layer, program_), layer, dim, program_);
    const TileNest<double> nest = make_tile_nest(program);
    const double is_matmul = is_matmul_of(program);
    const Counters<double> counters = count(nest, program.is_matmul, cache_);
    const UnitCycles<double> units =
        unit_cycles(counters, static_cast<double>(dim), is_matmul, constants_);
    BasePoint point;
    point.base_cycles = calibrated_cycles(units, constants_);
    point.compute_cycles = units.compute;
    point.features = tile_features(nest, counters, is_matmul);
    for (double feature : unit_features(units)) point.features.push_back(feature);
    return point;
  }

  BaseBatch at(const model::MappingBatch& mapping,
               const model::LayerBatch& layers,
               const model::HardwareBatch& hardware,
               const model::TrafficBatch& /*traffic*/,
               const model::CostBatch& /*roofline*/) const override {
    const RelaxedTiles tiles =
        make_relaxed_tiles(mapping, layers, hardware.parameters[array_parameter_]);
    const Tensor matmul = tiles.is_matmul.nonzero().squeeze(1);
    if (matmul.size(0) == 0) return convolutions(tiles);
    if (matmul.size(0) == layers.size()) return matmuls(tiles);
    const Tensor convolution = tiles.is_matmul.logical_not().nonzero().squeeze(1);
    const BaseBatch of_convolutions = convolutions(select(tiles, convolution));
    const BaseBatch of_matmuls = matmuls(select(tiles, matmul));
    const auto merged = [&](const Tensor& a, const Tensor& b) {
      std::vector<std::int64_t> shape = a.sizes().vec();
      shape[0] = layers.size();
      return torch::zeros(shape, a.options()).index_put({convolution}, a).index_put({matmul}, b);
    };
    return {merged(of_convolutions.base_cycles, of_matmuls.base_cycles),
            merged(of_convolutions.compute_cycles, of_matmuls.compute_cycles),
            merged(of_convolutions.features, of_matmuls.features)};
  }

 private:
  BaseBatch convolutions(const RelaxedTiles& tiles) const {
    const TileNest<Tensor> nest = make_convolution_nest(tiles);
    return finish(nest, count_convolution(nest, cache_), 0.0);
  }

  BaseBatch matmuls(const RelaxedTiles& tiles) const {
    const TileNest<Tensor> nest = make_matmul_nest(tiles);
    return finish(nest, count_matmul(nest, cache_), 1.0);
  }

  BaseBatch finish(const TileNest<Tensor>& nest,
                   const Counters<Tensor>& counters,
                   double matmul) const {
    const Tensor is_matmul = torch::full_like(nest.padded, matmul);
    const UnitCycles<Tensor> units = unit_cycles(counters, nest.dim, is_matmul, constants_);
    std::vector<Tensor> features = tile_features(nest, counters, is_matmul);
    for (const Tensor& feature : unit_features(units)) features.push_back(feature);
    return {calibrated_cycles(units, constants_), units.compute, torch::stack(features, 1)};
  }

  std::vector<double> constants_;
  ProgramKind program_;
  CacheState cache_;
  int array_parameter_ = 0;
};

// Counters of rows and what of their features does not depend on the constants.
class GemminiFormula : public model::CycleFormula {
 public:
  GemminiFormula(CounterTable table, Tensor features)
      : table_(std::move(table)), tile_features_(std::move(features)) {}

  std::unique_ptr<const model::CycleFormula> select(const Tensor& rows) const override {
    return std::make_unique<GemminiFormula>(gemmini::select(table_, rows),
                                            tile_features_.index_select(0, rows));
  }

  Tensor cycles(const std::vector<Tensor>& constants) const override {
    return calibrated_cycles(unit_cycles(table_.counters, table_.dim, table_.is_matmul, constants),
                             constants);
  }

  BaseBatch at(const std::vector<double>& constants) const override {
    const UnitCycles<Tensor> units =
        unit_cycles(table_.counters, table_.dim, table_.is_matmul, constants);
    return {calibrated_cycles(units, constants),
            units.compute,
            torch::cat({tile_features_, torch::stack(unit_features(units), 1)}, 1)};
  }

 private:
  CounterTable table_;
  Tensor tile_features_;
};

}  // namespace

std::shared_ptr<const model::LatencyBase> latency_base(const model::Accelerator& accelerator,
                                                       const std::vector<double>& constants,
                                                       ProgramKind program,
                                                       CacheState cache) {
  return std::make_shared<GemminiBase>(accelerator, constants, program, cache);
}

std::unique_ptr<const model::CycleFormula> cycle_formula(
    const std::vector<model::MeasuredRow>& rows,
    const model::Accelerator& accelerator,
    ProgramKind program,
    CacheState cache,
    const model::Monitor& monitor) {
  std::vector<CountedRow> counted;
  std::vector<Tensor> features;
  for (const model::MeasuredRow& row : rows) {
    monitor.throw_if_stopped();
    const DriverProgram run = program_of(row, accelerator, program);
    const TileNest<double> nest = make_tile_nest(run);
    const Counters<double> counters = count(nest, run.is_matmul, cache);
    counted.push_back({counters, static_cast<double>(run.dim), run.is_matmul});
    features.push_back(
        torch::tensor(tile_features(nest, counters, is_matmul_of(run)), model::real_options()));
  }
  return std::make_unique<GemminiFormula>(make_table(counted), torch::stack(features, 0));
}

}  // namespace masala::gemmini
