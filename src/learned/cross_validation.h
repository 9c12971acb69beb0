// How well the tiers predict rows that they were not trained on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "learned/base_trainer.h"
#include "learned/ensemble.h"
#include "learned/learned_latency.h"
#include "learned/metrics.h"

namespace masala::learned {

// What takes a monitor throws model::Interrupted soon after its stop is set.

// A set of rows with everything that training needs, computed once.
struct TrainingTask {
  TrainingTask(const TrainingSet& training_set,
               const model::Accelerator& accelerator,
               const model::Monitor& monitor = {});

  const TrainingSet& set;
  std::unique_ptr<BaseTrainer> base;
  Tensor cycles;      // [n] measured
  Tensor roofline;    // [n]
  Tensor macs;        // [n]
  BaseBatch mapping;  // mapping_base() of every row, for the dnn
};

struct NetworkPlan {
  EnsembleOptions residual;
  // Of simulated and measured rows together: fewer steps, as measured rows repeat and would be
  // learned by heart.
  EnsembleOptions joined;
  EnsembleOptions dnn;
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

// What a residual network learns.
struct ResidualRows {
  Tensor features;   // [n,F]
  Tensor log_ratio;  // [n] ln(cycles / base)
};
// Of all rows of a simulated table, over a base whose constants are fitted to them: what simulator
// and measurement disagree on by a constant is left out.
ResidualRows simulated_residual(const TrainingTask& simulated, const model::Monitor& monitor = {});
// All rows of both; measured ones repeat, so that fewer of them weigh as much.
ResidualRows joined(const ResidualRows& simulated, const ResidualRows& measured);

// `chosen`: rows to train on. `simulated`: joined to them, where not null.
FittedHybrid fit_hybrid(const TrainingTask& task,
                        const Tensor& chosen,
                        const NetworkPlan& plan,
                        const ResidualRows* simulated,
                        const model::Monitor& monitor = {});
std::shared_ptr<const Ensemble> fit_dnn(const TrainingTask& task,
                                        const Tensor& chosen,
                                        const NetworkPlan& plan,
                                        const model::Monitor& monitor = {});

enum class Folds { leave_layer_out, random };

// Metrics of one division into folds: every row is predicted by models that did not see its fold.
// Tiers: macs, roofline, calibrated, hybrid, dnn; with simulated rows, `hybrid` learns from
// them too and `hybrid_without_pretraining` does not.
struct FoldMetrics {
  Folds folds = Folds::leave_layer_out;
  std::uint64_t seed = 0;
  std::map<std::string, Metrics> tiers;
  double worst_calibrated_mape_percent = 0.0;  // of a single fold
};

struct ValidationOptions {
  int folds = 5;
  int seeds = 5;  // leave-layer-out divisions; random folds are divided once
  int threads = 1;
};

struct Validation {
  std::vector<FoldMetrics> divisions;  // leave-layer-out of seeds 0.., then one random
  // Of the noise choices, the one with the lowest median error of the hybrid, mean over the
  // leave-layer-out divisions. The hybrid's metrics are with it.
  Shrinkage shrinkage;
  Shrinkage shrinkage_without_pretraining;  // of the tier of that name
};
// Reports the phase "folds" after each of them, and how many rows are predicted.
Validation cross_validate(const TrainingTask& task,
                          const NetworkPlan& plan,
                          const ResidualRows* simulated,
                          const ValidationOptions& options,
                          const model::Monitor& monitor = {});

// Fold of every row. Leave-layer-out: sorted layer keys, shuffled by the seed, dealt in turn.
std::vector<int> assign_folds(const TrainingSet& set, Folds kind, int folds, std::uint64_t seed);

}  // namespace masala::learned
