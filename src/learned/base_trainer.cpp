#include "learned/base_trainer.h"

#include "learned/features.h"
#include "model/cost.h"

namespace masala::learned {
namespace {

Tensor to_tensor(const std::vector<double>& values) {
  return torch::tensor(values, model::real_options());
}

Tensor to_matrix(const std::vector<std::vector<double>>& rows) {
  std::vector<Tensor> tensors;
  for (const std::vector<double>& row : rows) tensors.push_back(to_tensor(row));
  return torch::stack(tensors, 0);
}

class GemminiTrainer : public BaseTrainer {
 public:
  GemminiTrainer(const TrainingSet& set,
                 const model::Accelerator& accelerator,
                 const model::Monitor& monitor) {
    std::vector<CountedRow> counted;
    std::vector<std::vector<double>> features;
    for (const MeasuredRow& row : set.rows) {
      monitor.throw_if_stopped();
      const std::int64_t dim = array_dim(row, accelerator, set.program);
      const auto tiling = simulator::tiling_of(row.mapping, row.layer, set.program);
      const auto program = simulator::make_program(tiling, row.layer, dim, set.program);
      const TileNest<double> nest = make_tile_nest(program);
      const Counters<double> counters =
          program.is_matmul ? count_matmul(nest, set.cache) : count_convolution(nest, set.cache);
      counted.push_back({counters, static_cast<double>(dim), program.is_matmul});
      features.push_back(tile_features(nest, counters, program.is_matmul ? 1.0 : 0.0));
    }
    table_ = make_table(counted);
    tile_features_ = to_matrix(features);
  }

  CalibrationConstants fit(const Tensor& chosen,
                           const Tensor& cycles,
                           const model::Monitor& monitor) const override {
    return fit_calibration(select(table_, chosen), cycles.index_select(0, chosen), monitor)
        .constants;
  }

  BaseBatch at(const CalibrationConstants& constants) const override {
    const std::vector<double> values = values_of(constants);
    const UnitCycles<Tensor> units =
        unit_cycles(table_.counters, table_.dim, table_.is_matmul, values);
    return {calibrated_cycles(units, values),
            units.compute,
            torch::cat({tile_features_, torch::stack(unit_features(units), 1)}, 1)};
  }

 private:
  CounterTable table_;
  Tensor tile_features_;
};

class RooflineTrainer : public BaseTrainer {
 public:
  RooflineTrainer(const TrainingSet& set,
                  const model::Accelerator& accelerator,
                  const model::Monitor& monitor)
      : batch_(at_rows(*roofline_base(accelerator), set, accelerator, monitor)) {}

  CalibrationConstants fit(const Tensor& /*chosen*/,
                           const Tensor& /*cycles*/,
                           const model::Monitor& /*monitor*/) const override {
    return {};
  }
  BaseBatch at(const CalibrationConstants& /*constants*/) const override { return batch_; }

 private:
  BaseBatch batch_;
};

}  // namespace

std::unique_ptr<BaseTrainer> make_base_trainer(const TrainingSet& set,
                                               const model::Accelerator& accelerator,
                                               const model::Monitor& monitor) {
  if (has_gemmini_driver(accelerator))
    return std::make_unique<GemminiTrainer>(set, accelerator, monitor);
  return std::make_unique<RooflineTrainer>(set, accelerator, monitor);
}

BaseBatch at_rows(const LatencyBase& base,
                  const TrainingSet& set,
                  const model::Accelerator& accelerator,
                  const model::Monitor& monitor) {
  std::vector<double> cycles;
  std::vector<double> compute;
  std::vector<std::vector<double>> features;
  for (const MeasuredRow& row : set.rows) {
    monitor.throw_if_stopped();
    const model::Machine machine = machine_of(row, accelerator, set.program);
    const model::LayerCost roofline = model::cost_of(row.mapping, row.layer, machine);
    BasePoint point = base.at(row.mapping, row.layer, machine, roofline);
    cycles.push_back(point.base_cycles);
    compute.push_back(point.compute_cycles);
    features.push_back(std::move(point.features));
  }
  return {to_tensor(cycles), to_tensor(compute), to_matrix(features)};
}

}  // namespace masala::learned
