// How well the tiers predict rows that they were not trained on.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "learned/base_trainer.h"
#include "learned/ensemble.h"
#include "learned/learned_latency.h"
#include "learned/metrics.h"

namespace masala::learned {

// A set of rows with everything that training needs, computed once.
struct TrainingTask {
  TrainingTask(const TrainingSet& training_set, const model::Accelerator& accelerator);

  const TrainingSet& set;
  std::unique_ptr<BaseTrainer> base;
  Tensor cycles;      // [n] measured
  Tensor roofline;    // [n]
  Tensor macs;        // [n]
  BaseBatch mapping;  // mapping_base() of every row, for the dnn
};

struct NetworkPlan {
  EnsembleOptions residual;
  EnsembleOptions dnn;
  EnsembleOptions fine_tuning;  // of a pre-trained residual
  Shrinkage shrinkage;
  // Validation chooses the shrinkage's noise among these; empty: it stays as it is.
  std::vector<double> noise_choices;
};
NetworkPlan make_plan(std::uint64_t seed);

// A residual network and the constants of the base under it.
struct FittedHybrid {
  CalibrationConstants constants;
  std::shared_ptr<const Ensemble> residual;
};
// `chosen`: rows to train on. `start`: a pre-trained network, or null.
FittedHybrid fit_hybrid(const TrainingTask& task,
                        const Tensor& chosen,
                        const NetworkPlan& plan,
                        const Ensemble* start);
std::shared_ptr<const Ensemble> fit_dnn(const TrainingTask& task,
                                        const Tensor& chosen,
                                        const NetworkPlan& plan);

enum class Folds { leave_layer_out, random };

// Metrics of one division into folds: every row is predicted by models that did not see its fold.
// Tiers: macs, roofline, calibrated, hybrid, dnn; with a pre-trained start, `hybrid` goes on from
// it and `hybrid_from_scratch` does not.
struct FoldMetrics {
  Folds folds = Folds::leave_layer_out;
  int seed = 0;
  std::map<std::string, Metrics> tiers;
  double worst_calibrated_mape_percent = 0.0;  // of a single fold
};

struct ValidationOptions {
  int folds = 5;
  int seeds = 5;  // leave-layer-out divisions; random folds are divided once
  int threads = 1;
  std::function<void(double fraction)> progress;  // called by one thread at a time; may be empty
};

struct Validation {
  std::vector<FoldMetrics> divisions;  // leave-layer-out of seeds 0.., then one random
  // Of the noise choices, the one with the lowest median error of the hybrid, mean over the
  // leave-layer-out divisions. The hybrid's metrics are with it.
  Shrinkage shrinkage;
  Shrinkage shrinkage_from_scratch;  // of the tier of that name
};
Validation cross_validate(const TrainingTask& task,
                          const NetworkPlan& plan,
                          const Ensemble* start,
                          const ValidationOptions& options);

// Fold of every row. Leave-layer-out: sorted layer keys, shuffled by the seed, dealt in turn.
std::vector<int> assign_folds(const TrainingSet& set, Folds kind, int folds, int seed);

}  // namespace masala::learned
