#include "masala/learned/trained_model.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "learned/cross_validation.h"

namespace masala::learned {
namespace {

// Of the time of training: the final fit takes about as long as one fold.
double folds_share(const ValidationOptions& options) {
  const double folds = options.folds * (options.seeds + 1.0);
  return folds / (folds + 1.0);
}

// Reports fractions of a part of the work as those of the whole.
model::Monitor share_of(const model::Monitor& whole, double share) {
  model::Monitor part;
  part.stop = whole.stop;
  if (!whole.report) return part;
  part.report = [&whole, share](model::Progress progress) {
    progress.fraction *= share;
    whole.report(progress);
  };
  return part;
}

Tensor all_rows(const TrainingTask& task) {
  return torch::arange(static_cast<std::int64_t>(task.set.rows.size()), torch::kInt64);
}

// Rows of layers that do not occur in the training set: otherwise leave-layer-out would not leave
// them out.
TrainingSet without_layers_of(const TrainingSet& rows, const TrainingSet& training) {
  const std::set<std::string> known(training.layers.begin(), training.layers.end());
  TrainingSet result;
  result.conditions = rows.conditions;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (known.count(rows.layers[i]) > 0) continue;
    result.rows.push_back(rows.rows[i]);
    result.layers.push_back(rows.layers[i]);
  }
  return result;
}

// Mean over the leave-layer-out divisions.
double mean_median_error(const std::vector<FoldMetrics>& divisions, const std::string& tier) {
  double sum = 0.0;
  double count = 0.0;
  for (const FoldMetrics& division : divisions) {
    if (division.folds != Folds::leave_layer_out) continue;
    sum += division.tiers.at(tier).median_ape_percent;
    ++count;
  }
  return sum / count;
}

// Where the simulated rows do not help, the hybrid without them becomes the hybrid.
void choose_hybrid(TrainingReport& report) {
  report.pretrained = mean_median_error(report.divisions, "hybrid") <
                      mean_median_error(report.divisions, "hybrid_without_pretraining");
  if (report.pretrained) return;
  for (FoldMetrics& division : report.divisions) {
    auto kept = division.tiers.extract("hybrid_without_pretraining");
    division.tiers["hybrid_with_pretraining"] = division.tiers.at("hybrid");
    division.tiers["hybrid"] = kept.mapped();
  }
}

}  // namespace

const std::vector<std::string>& trained_tiers() {
  static const std::vector<std::string> kTiers = {"calibrated", "hybrid", "dnn"};
  return kTiers;
}

FeatureNames feature_names(const model::Target& target, const model::Accelerator& accelerator) {
  std::vector<double> constants;
  for (const model::FittedConstant& constant : target.constants())
    constants.push_back(constant.start);
  const model::RunConditions usual = {target.programs().front(), target.cache_states().front()};
  return {target.latency_base(accelerator, constants, usual)->feature_names(),
          mapping_base(accelerator)->feature_names()};
}

std::shared_ptr<const model::LatencyModel> make_latency(const TrainedModel& trained,
                                                        const std::string& tier,
                                                        const model::Accelerator& accelerator,
                                                        const model::RunConditions& conditions) {
  if (tier == "dnn") return dnn_latency(mapping_base(accelerator), trained.dnn);
  const auto base = trained.target->latency_base(accelerator, trained.constants, conditions);
  if (tier == "calibrated") return calibrated_latency(base, trained.residual->scale());
  if (tier == "hybrid") return hybrid_latency(base, trained.residual, trained.shrinkage);
  throw std::invalid_argument("unknown latency model " + tier);
}

TrainingResult train(const TrainingSet& set,
                     const TrainingSet* pretraining,
                     const model::Accelerator& accelerator,
                     const model::Target& target,
                     const NetworkPlan& plan,
                     const ValidationOptions& options,
                     const model::Monitor& monitor) {
  const TrainingTask task(set, accelerator, target, monitor);
  TrainingResult result;
  std::optional<ResidualRows> simulated;
  if (pretraining != nullptr) {
    const TrainingSet other = without_layers_of(*pretraining, set);
    result.report.pretraining_tried = !other.rows.empty();
    result.report.pretraining_rows = other.rows.size();
    if (!other.rows.empty())
      simulated = simulated_residual(TrainingTask(other, accelerator, target, monitor), monitor);
  }
  Validation validation = cross_validate(task,
                                         plan,
                                         simulated ? &*simulated : nullptr,
                                         options,
                                         share_of(monitor, folds_share(options)));
  result.report.divisions = std::move(validation.divisions);
  Shrinkage shrinkage = validation.shrinkage;
  if (simulated) {
    choose_hybrid(result.report);
    if (!result.report.pretrained) {
      simulated.reset();
      shrinkage = validation.shrinkage_without_pretraining;
    }
  }
  const auto report_final_fit = [&](double fraction) {
    if (!monitor.report) return;
    const auto rows = static_cast<std::int64_t>(set.rows.size());
    monitor.report({"final fit", fraction, rows, "rows", std::nullopt, ""});
  };
  report_final_fit(folds_share(options));
  const FittedHybrid fitted =
      fit_hybrid(task, all_rows(task), plan, simulated ? &*simulated : nullptr, monitor);
  TrainedModel& trained = result.model;
  trained.target = &target;
  trained.conditions = set.conditions;
  trained.constants = fitted.constants;
  trained.residual = fitted.residual;
  trained.dnn = fit_dnn(task, all_rows(task), plan, monitor);
  trained.shrinkage = shrinkage;
  result.report.at_bounds = constants_at_bounds(target.constants(), trained.constants);
  const FeatureNames names = feature_names(target, accelerator);
  trained.feature_names = names.residual;
  trained.dnn_feature_names = names.dnn;
  report_final_fit(1.0);
  return result;
}

}  // namespace masala::learned
