#include "masala/learned/fit_constants.h"

#include <torch/optim/lbfgs.h>

#include <cmath>
#include <limits>

#include "masala/model/latency_base.h"

namespace masala::learned {
namespace {

using model::CycleFormula;
using model::FittedConstant;
using torch::Tensor;

constexpr double kRobustScale = 0.15;

// Constants between start / bound and start * bound, whatever the free variable.
std::vector<Tensor> bounded(const std::vector<FittedConstant>& constants, const Tensor& free) {
  std::vector<Tensor> values;
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const Tensor variable = free[static_cast<std::int64_t>(i)];
    values.push_back(constants[i].start * (variable.tanh() * std::log(constants[i].bound)).exp());
  }
  return values;
}

Tensor robust_loss(const CycleFormula& formula,
                   const std::vector<Tensor>& constants,
                   const Tensor& log_measured) {
  const Tensor error = (formula.cycles(constants).log() - log_measured) / kRobustScale;
  return (2.0 * ((1.0 + error * error).sqrt() - 1.0)).mean();  // soft L1
}

}  // namespace

ConstantsFit fit_constants(const CycleFormula& formula,
                           const std::vector<FittedConstant>& constants,
                           const Tensor& measured_cycles,
                           const model::Monitor& monitor) {
  const torch::AutoGradMode with_gradient(true);
  constexpr double kStarts[] = {0.0, 0.3, -0.3};  // of every free variable, alternating in sign
  constexpr int kMostIterations = 80;
  const Tensor log_measured = measured_cycles.log();
  ConstantsFit best;
  best.loss = std::numeric_limits<double>::infinity();
  for (double start : kStarts) {
    const auto size = static_cast<std::int64_t>(constants.size());
    const Tensor sign = 1.0 - 2.0 * torch::arange(size, measured_cycles.options()).fmod(2.0);
    Tensor free = (start * sign).requires_grad_();
    torch::optim::LBFGS optimizer({free},
                                  torch::optim::LBFGSOptions(1.0)
                                      .max_iter(kMostIterations)
                                      .history_size(20)
                                      .tolerance_grad(1e-6)
                                      .tolerance_change(1e-9)
                                      .line_search_fn("strong_wolfe"));
    const auto closure = [&] {
      monitor.throw_if_stopped();
      optimizer.zero_grad();
      Tensor loss = robust_loss(formula, bounded(constants, free), log_measured);
      loss.backward();
      return loss;
    };
    optimizer.step(closure);
    const torch::NoGradGuard no_grad;
    const std::vector<Tensor> found = bounded(constants, free);
    const double loss = robust_loss(formula, found, log_measured).item<double>();
    if (!(loss < best.loss)) continue;
    best.loss = loss;
    best.constants.clear();
    for (const Tensor& value : found) best.constants.push_back(value.item<double>());
  }
  return best;
}

std::vector<ConstantAtBound> constants_at_bounds(const std::vector<FittedConstant>& constants,
                                                 const std::vector<double>& values) {
  constexpr double kNear = 0.01;
  std::vector<ConstantAtBound> found;
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const auto& [name, start, factor] = constants[i];
    for (double bound : {start / factor, start * factor}) {
      if (std::abs(values[i] / bound - 1.0) <= kNear) found.push_back({name, values[i], bound});
    }
  }
  return found;
}

}  // namespace masala::learned
