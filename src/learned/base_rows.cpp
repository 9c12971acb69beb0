#include "learned/base_rows.h"

#include "masala/learned/fit_constants.h"
#include "masala/model/cost.h"

namespace masala::learned {
namespace {

Tensor to_tensor(const std::vector<double>& values) {
  return torch::tensor(values, model::real_options());
}

}  // namespace

BaseRows::BaseRows(const TrainingSet& set,
                   const model::Accelerator& accelerator,
                   const model::Target& target,
                   const model::Monitor& monitor)
    : constants_(target.constants()),
      formula_(target.cycle_formula(set.rows, accelerator, set.conditions, monitor)) {
  if (formula_) return;
  const auto base = target.latency_base(accelerator, {}, set.conditions);
  fixed_ = at_rows(*base, set, accelerator, target, monitor);
}

std::vector<double> BaseRows::fit(const Tensor& chosen,
                                  const Tensor& cycles,
                                  const model::Monitor& monitor) const {
  if (!formula_) return {};
  const auto rows = formula_->select(chosen);
  return fit_constants(*rows, constants_, cycles.index_select(0, chosen), monitor).constants;
}

model::BaseBatch BaseRows::at(const std::vector<double>& constants) const {
  return formula_ ? formula_->at(constants) : fixed_;
}

model::BaseBatch at_rows(const model::LatencyBase& base,
                         const TrainingSet& set,
                         const model::Accelerator& accelerator,
                         const model::Target& target,
                         const model::Monitor& monitor) {
  std::vector<double> cycles;
  std::vector<double> compute;
  std::vector<Tensor> features;
  for (const model::MeasuredRow& row : set.rows) {
    monitor.throw_if_stopped();
    const model::Machine machine =
        model::resolve(accelerator, target.ran_on(row, accelerator, set.conditions.program));
    const model::LayerCost roofline = model::cost_of(row.mapping, row.layer, machine);
    const model::BasePoint point = base.at(row.mapping, row.layer, machine, roofline);
    cycles.push_back(point.base_cycles);
    compute.push_back(point.compute_cycles);
    features.push_back(to_tensor(point.features));
  }
  return {to_tensor(cycles), to_tensor(compute), torch::stack(features, 0)};
}

}  // namespace masala::learned
