#include "learned/cross_validation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <random>
#include <set>

#include "masala/model/cost.h"
#include "masala/model/parallel.h"
#include "masala/model/random.h"

namespace masala::learned {

using model::BaseBatch;

namespace {

using Predictions = std::map<std::string, std::vector<double>>;  // tier -> cycles of each row

Tensor to_tensor(const std::vector<double>& values) {
  return torch::tensor(values, model::real_options());
}

template <class T>
void shuffle(std::vector<T>& values, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  model::shuffle(values, rng);
}

// Rows whose fold is (or is not) the held-out one.
Tensor rows_of(const std::vector<int>& fold, int held_out, bool inside) {
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < fold.size(); ++i) {
    if ((fold[i] == held_out) == inside) rows.push_back(static_cast<std::int64_t>(i));
  }
  return torch::tensor(rows, torch::kInt64);
}

void store(const Tensor& predicted, const Tensor& rows, std::vector<double>& out) {
  const auto value = predicted.accessor<double, 1>();
  const auto row = rows.accessor<std::int64_t, 1>();
  for (std::int64_t i = 0; i < rows.size(0); ++i) out[static_cast<std::size_t>(row[i])] = value[i];
}

BaseBatch select(const BaseBatch& batch, const Tensor& rows) {
  return {batch.base_cycles.index_select(0, rows),
          batch.compute_cycles.index_select(0, rows),
          batch.features.index_select(0, rows)};
}

Tensor hybrid_cycles(const BaseBatch& batch, const Ensemble& residual, const Shrinkage& shrinkage) {
  const Tensor correction = shrunk(residual.estimate(batch.features), shrinkage);
  return torch::maximum(batch.compute_cycles, batch.base_cycles * correction.exp());
}

// Cycles per MAC of the training rows: a line through the origin of the logarithms.
Tensor macs_cycles(const TrainingTask& task, const Tensor& train, const Tensor& test) {
  const Tensor ratio = (task.cycles / task.macs).index_select(0, train).log().median();
  return task.macs.index_select(0, test) * ratio.exp();
}

std::vector<double> noises_of(const NetworkPlan& plan) {
  return plan.noise_choices.empty() ? std::vector<double>{plan.shrinkage.noise}
                                    : plan.noise_choices;
}

// The name of a hybrid tier under the i-th noise, before one is chosen.
std::string under_noise(const std::string& tier, std::size_t i) {
  return tier + '@' + std::to_string(i);
}

void store_hybrids(const BaseBatch& base,
                   const Ensemble& residual,
                   const NetworkPlan& plan,
                   const Tensor& rows,
                   const std::string& tier,
                   Predictions& out) {
  const std::vector<double> noises = noises_of(plan);
  for (std::size_t i = 0; i < noises.size(); ++i) {
    const Shrinkage shrinkage = {plan.shrinkage.range_rate, noises[i]};
    store(hybrid_cycles(base, residual, shrinkage), rows, out[under_noise(tier, i)]);
  }
}

// Trains on all but one fold, predicts that one.
void predict_fold(const TrainingTask& task,
                  const NetworkPlan& plan,
                  const ResidualRows* simulated,
                  const std::vector<int>& fold,
                  int held_out,
                  const model::Monitor& monitor,
                  Predictions& out) {
  const Tensor train = rows_of(fold, held_out, false);
  const Tensor test = rows_of(fold, held_out, true);
  const FittedHybrid fitted = fit_hybrid(task, train, plan, simulated, monitor);
  const auto network = fit_dnn(task, train, plan, monitor);
  const torch::NoGradGuard no_grad;
  const BaseBatch base = select(task.base.at(fitted.constants), test);
  store(macs_cycles(task, train, test), test, out["macs"]);
  store(task.roofline.index_select(0, test), test, out["roofline"]);
  store(base.base_cycles, test, out["calibrated"]);
  store_hybrids(base, *fitted.residual, plan, test, "hybrid", out);
  const Tensor features = task.mapping.features.index_select(0, test);
  store(network->estimate(features).mean.exp(), test, out["dnn"]);
  if (simulated == nullptr) return;
  const FittedHybrid without = fit_hybrid(task, train, plan, nullptr, monitor);
  store_hybrids(base, *without.residual, plan, test, "hybrid_without_pretraining", out);
}

std::vector<std::string> tier_names(const NetworkPlan& plan, bool simulated) {
  std::vector<std::string> names = {"macs", "roofline", "calibrated", "dnn"};
  for (std::size_t i = 0; i < noises_of(plan).size(); ++i) {
    names.push_back(under_noise("hybrid", i));
    if (simulated) names.push_back(under_noise("hybrid_without_pretraining", i));
  }
  return names;
}

// Keeps the metrics of the tier under the noise with which it predicts unseen layers best.
double choose_noise(const NetworkPlan& plan,
                    const std::string& tier,
                    std::vector<FoldMetrics>& divisions) {
  const std::vector<double> noises = noises_of(plan);
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < noises.size(); ++i) {
    double sum = 0.0;
    for (const FoldMetrics& division : divisions) {
      if (division.folds == Folds::leave_layer_out)
        sum += division.tiers.at(under_noise(tier, i)).median_ape_percent;
    }
    if (!(sum < least)) continue;
    least = sum;
    best = i;
  }
  for (FoldMetrics& division : divisions) {
    division.tiers[tier] = division.tiers.at(under_noise(tier, best));
    for (std::size_t i = 0; i < noises.size(); ++i) division.tiers.erase(under_noise(tier, i));
  }
  return noises[best];
}

double worst_fold_mape(const std::vector<double>& predicted,
                       const std::vector<double>& measured,
                       const std::vector<int>& fold,
                       int folds) {
  double worst = 0.0;
  for (int f = 0; f < folds; ++f) {
    double sum = 0.0;
    double rows = 0.0;
    for (std::size_t i = 0; i < fold.size(); ++i) {
      if (fold[i] != f) continue;
      sum += 100.0 * std::abs(predicted[i] / measured[i] - 1.0);
      ++rows;
    }
    if (rows > 0.0) worst = std::max(worst, sum / rows);
  }
  return worst;
}

}  // namespace

TrainingTask::TrainingTask(const TrainingSet& training_set,
                           const model::Accelerator& accelerator,
                           const model::Target& target,
                           const model::Monitor& monitor)
    : set(training_set),
      base(training_set, accelerator, target, monitor),
      mapping(at_rows(*mapping_base(accelerator), training_set, accelerator, target, monitor)) {
  std::vector<double> measured;
  std::vector<double> roofs;
  std::vector<double> work;
  for (const model::MeasuredRow& row : set.rows) {
    monitor.throw_if_stopped();
    const model::Machine machine =
        model::resolve(accelerator, target.ran_on(row, accelerator, set.conditions.program));
    measured.push_back(row.cycles);
    roofs.push_back(model::cost_of(row.mapping, row.layer, machine).cycles);
    work.push_back(static_cast<double>(row.layer.macs()));
  }
  cycles = to_tensor(measured);
  roofline = to_tensor(roofs);
  macs = to_tensor(work);
}

NetworkPlan make_plan(std::uint64_t seed) {
  NetworkPlan plan;
  plan.residual.seed = seed;
  plan.dnn.seed = seed;
  plan.dnn.members = 3;
  plan.joined = plan.residual;
  plan.joined.most_steps = 400;
  plan.noise_choices = {4.0, 16.0, 64.0};
  return plan;
}

ResidualRows simulated_residual(const TrainingTask& simulated, const model::Monitor& monitor) {
  const auto rows = static_cast<std::int64_t>(simulated.set.rows.size());
  const Tensor all = torch::arange(rows, torch::kInt64);
  const BaseBatch base = simulated.base.at(simulated.base.fit(all, simulated.cycles, monitor));
  return {base.features, (simulated.cycles / base.base_cycles).log()};
}

ResidualRows joined(const ResidualRows& simulated, const ResidualRows& measured) {
  const double share = static_cast<double>(simulated.log_ratio.size(0)) /
                       static_cast<double>(measured.log_ratio.size(0));
  const std::int64_t times = std::max<std::int64_t>(1, std::llround(share));
  return {torch::cat({simulated.features, measured.features.repeat({times, 1})}),
          torch::cat({simulated.log_ratio, measured.log_ratio.repeat({times})})};
}

FittedHybrid fit_hybrid(const TrainingTask& task,
                        const Tensor& chosen,
                        const NetworkPlan& plan,
                        const ResidualRows* simulated,
                        const model::Monitor& monitor) {
  FittedHybrid fitted;
  fitted.constants = task.base.fit(chosen, task.cycles, monitor);
  const BaseBatch base = task.base.at(fitted.constants);
  ResidualRows rows = {base.features.index_select(0, chosen),
                       (task.cycles / base.base_cycles).log().index_select(0, chosen)};
  if (simulated != nullptr) rows = joined(*simulated, rows);
  const EnsembleOptions& options = simulated != nullptr ? plan.joined : plan.residual;
  fitted.residual = std::make_shared<const Ensemble>(
      train_ensemble(rows.features, rows.log_ratio, options, monitor));
  return fitted;
}

std::shared_ptr<const Ensemble> fit_dnn(const TrainingTask& task,
                                        const Tensor& chosen,
                                        const NetworkPlan& plan,
                                        const model::Monitor& monitor) {
  return std::make_shared<const Ensemble>(
      train_ensemble(task.mapping.features.index_select(0, chosen),
                     task.cycles.log().index_select(0, chosen),
                     plan.dnn,
                     monitor));
}

std::vector<int> assign_folds(const TrainingSet& set, Folds kind, int folds, std::uint64_t seed) {
  std::vector<int> fold(set.rows.size());
  const auto dealt_to = [&](std::size_t i) {
    return static_cast<int>(i % static_cast<std::size_t>(folds));
  };
  if (kind == Folds::random) {
    std::vector<std::size_t> order(fold.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    shuffle(order, seed);
    for (std::size_t i = 0; i < order.size(); ++i) fold[order[i]] = dealt_to(i);
    return fold;
  }
  const std::set<std::string> distinct(set.layers.begin(), set.layers.end());
  std::vector<std::string> keys(distinct.begin(), distinct.end());
  shuffle(keys, seed);
  std::map<std::string, int> fold_of;
  for (std::size_t i = 0; i < keys.size(); ++i) fold_of[keys[i]] = dealt_to(i);
  for (std::size_t i = 0; i < fold.size(); ++i) fold[i] = fold_of[set.layers[i]];
  return fold;
}

Validation cross_validate(const TrainingTask& task,
                          const NetworkPlan& plan,
                          const ResidualRows* simulated,
                          const ValidationOptions& options,
                          const model::Monitor& monitor) {
  const std::size_t rows = task.set.rows.size();
  Validation validation;
  std::vector<FoldMetrics>& divisions = validation.divisions;
  for (int seed = 0; seed < options.seeds; ++seed)
    divisions.push_back({Folds::leave_layer_out, static_cast<std::uint64_t>(seed), {}, 0.0});
  divisions.push_back({Folds::random, 0, {}, 0.0});

  std::vector<std::vector<int>> fold;
  std::vector<Predictions> predictions(divisions.size());
  for (std::size_t d = 0; d < divisions.size(); ++d) {
    fold.push_back(assign_folds(task.set, divisions[d].folds, options.folds, divisions[d].seed));
    for (const std::string& tier : tier_names(plan, simulated != nullptr))
      predictions[d][tier].resize(rows);  // before the threads write to them
  }
  std::mutex mutex;
  int done = 0;
  std::int64_t predicted_rows = 0;
  const int jobs = static_cast<int>(divisions.size()) * options.folds;
  model::run_parallel(jobs, options.threads, [&](int job) {
    const auto d = static_cast<std::size_t>(job / options.folds);
    const int held_out = job % options.folds;
    predict_fold(task, plan, simulated, fold[d], held_out, monitor, predictions[d]);
    const std::lock_guard<std::mutex> lock(mutex);
    predicted_rows += std::count(fold[d].begin(), fold[d].end(), held_out);
    ++done;
    if (!monitor.report) return;
    monitor.report(
        {"folds", static_cast<double>(done) / jobs, predicted_rows, "rows", std::nullopt, ""});
  });

  std::vector<double> measured;
  for (const model::MeasuredRow& row : task.set.rows) measured.push_back(row.cycles);
  for (std::size_t d = 0; d < divisions.size(); ++d) {
    for (const auto& [tier, predicted] : predictions[d])
      divisions[d].tiers[tier] = compute_metrics(predicted, measured, task.set.layers);
    divisions[d].worst_calibrated_mape_percent =
        worst_fold_mape(predictions[d]["calibrated"], measured, fold[d], options.folds);
  }
  validation.shrinkage = {plan.shrinkage.range_rate, choose_noise(plan, "hybrid", divisions)};
  validation.shrinkage_without_pretraining = validation.shrinkage;
  if (simulated != nullptr)
    validation.shrinkage_without_pretraining.noise =
        choose_noise(plan, "hybrid_without_pretraining", divisions);
  return validation;
}

}  // namespace masala::learned
