#include "learned/trained_model.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "learned/features.h"

namespace masala::learned {
namespace {

Tensor all_rows(const TrainingTask& task) {
  return torch::arange(static_cast<std::int64_t>(task.set.rows.size()), torch::kInt64);
}

// Rows of layers that do not occur in the training set: otherwise leave-layer-out would not leave
// them out.
TrainingSet without_layers_of(const TrainingSet& rows, const TrainingSet& training) {
  const std::set<std::string> known(training.layers.begin(), training.layers.end());
  TrainingSet result;
  result.program = rows.program;
  result.cache = rows.cache;
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

FeatureNames feature_names(BaseKind base, const model::Accelerator& accelerator) {
  return {base == BaseKind::gemmini ? gemmini_feature_names()
                                    : roofline_base(accelerator)->feature_names(),
          mapping_base(accelerator)->feature_names()};
}

std::shared_ptr<const model::LatencyModel> make_latency(const TrainedModel& trained,
                                                        const std::string& tier,
                                                        const model::Accelerator& accelerator,
                                                        simulator::ProgramKind program,
                                                        simulator::CacheState cache) {
  if (tier == "dnn") return dnn_latency(mapping_base(accelerator), trained.dnn);
  const auto base = trained.base == BaseKind::gemmini
                        ? gemmini_base(accelerator, trained.constants, program, cache)
                        : roofline_base(accelerator);
  if (tier == "calibrated") return calibrated_latency(base, trained.residual->scale());
  if (tier == "hybrid") return hybrid_latency(base, trained.residual, trained.shrinkage);
  throw std::invalid_argument("unknown latency model " + tier);
}

TrainingResult train(const TrainingSet& set,
                     const TrainingSet* pretraining,
                     const model::Accelerator& accelerator,
                     const NetworkPlan& plan,
                     const ValidationOptions& options) {
  const TrainingTask task(set, accelerator);
  TrainingResult result;
  std::optional<ResidualRows> simulated;
  if (pretraining != nullptr) {
    const TrainingSet other = without_layers_of(*pretraining, set);
    result.report.pretraining_tried = !other.rows.empty();
    result.report.pretraining_rows = other.rows.size();
    if (!other.rows.empty()) simulated = simulated_residual(TrainingTask(other, accelerator));
  }
  Validation validation = cross_validate(task, plan, simulated ? &*simulated : nullptr, options);
  result.report.divisions = std::move(validation.divisions);
  Shrinkage shrinkage = validation.shrinkage;
  if (simulated) {
    choose_hybrid(result.report);
    if (!result.report.pretrained) {
      simulated.reset();
      shrinkage = validation.shrinkage_without_pretraining;
    }
  }
  const FittedHybrid fitted =
      fit_hybrid(task, all_rows(task), plan, simulated ? &*simulated : nullptr);
  TrainedModel& trained = result.model;
  trained.base = has_gemmini_driver(accelerator) ? BaseKind::gemmini : BaseKind::roofline;
  trained.program = set.program;
  trained.cache = set.cache;
  trained.constants = fitted.constants;
  trained.residual = fitted.residual;
  trained.dnn = fit_dnn(task, all_rows(task), plan);
  trained.shrinkage = shrinkage;
  const FeatureNames names = feature_names(trained.base, accelerator);
  trained.feature_names = names.residual;
  trained.dnn_feature_names = names.dnn;
  return result;
}

}  // namespace masala::learned
