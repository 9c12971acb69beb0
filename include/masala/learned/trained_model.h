// Everything that a trained model consists of: what a model file holds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "masala/learned/fit_constants.h"
#include "masala/learned/plan.h"
#include "masala/learned/training_set.h"
#include "masala/learned/validation.h"
#include "masala/model/latency_model.h"
#include "masala/model/target.h"

namespace masala::learned {

class Ensemble;  // ensemble.h

struct TrainedModel {
  const model::Target* target = nullptr;  // whose analytical latency is its base
  model::RunConditions conditions;        // of the training rows
  std::vector<double> constants;          // in the order of the target's
  std::vector<std::string> feature_names;
  std::vector<std::string> dnn_feature_names;
  std::shared_ptr<const Ensemble> residual;
  std::shared_ptr<const Ensemble> dnn;
  Shrinkage shrinkage;
};

// Names of the tiers that a model offers.
const std::vector<std::string>& trained_tiers();

// Of the networks of a model.
struct FeatureNames {
  std::vector<std::string> residual;
  std::vector<std::string> dnn;
};
FeatureNames feature_names(const model::Target& target, const model::Accelerator& accelerator);

// The tier of a model under the conditions; the batched form is always of the target's usual
// program. Throws std::invalid_argument where the accelerator lacks what the
// model's base needs.
std::shared_ptr<const model::LatencyModel> make_latency(const TrainedModel& trained,
                                                        const std::string& tier,
                                                        const model::Accelerator& accelerator,
                                                        const model::RunConditions& conditions);

struct TrainingReport {
  std::vector<FoldMetrics> divisions;  // see cross_validate()
  bool pretrained = false;             // kept: they helped in leave-layer-out
  bool pretraining_tried = false;
  std::size_t pretraining_rows = 0;        // without layers of the training set
  std::vector<ConstantAtBound> at_bounds;  // of the model's constants
};

struct TrainingResult {
  TrainedModel model;
  TrainingReport report;
};

// Fits the constants and the networks to all rows, after cross-validation on them. `pretraining`:
// simulated rows that the residual network learns from too, or null; they are kept if the median
// error, leave-layer-out, is lower with them. Reports the phases "folds" and "final fit"; throws
// model::Interrupted soon after the monitor's stop is set.
TrainingResult train(const TrainingSet& set,
                     const TrainingSet* pretraining,
                     const model::Accelerator& accelerator,
                     const model::Target& target,
                     const NetworkPlan& plan,
                     const ValidationOptions& options,
                     const model::Monitor& monitor = {});

}  // namespace masala::learned
