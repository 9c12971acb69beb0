// How well the tiers predict rows that they were not trained on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "learned/base_rows.h"
#include "learned/ensemble.h"
#include "learned/learned_latency.h"
#include "masala/learned/validation.h"

namespace masala::learned {

// What takes a monitor throws model::Interrupted soon after its stop is set.

// A set of rows with everything that training needs, computed once.
struct TrainingTask {
  TrainingTask(const TrainingSet& training_set,
               const model::Accelerator& accelerator,
               const model::Target& target,
               const model::Monitor& monitor = {});

  const TrainingSet& set;
  BaseRows base;
  Tensor cycles;             // [n] measured
  Tensor roofline;           // [n]
  Tensor macs;               // [n]
  model::BaseBatch mapping;  // mapping_base() of every row, for the dnn
};

// A residual network and the constants of the base under it.
struct FittedHybrid {
  std::vector<double> constants;
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

// Reports the phase "folds" after each of them, and how many rows are predicted.
Validation cross_validate(const TrainingTask& task,
                          const NetworkPlan& plan,
                          const ResidualRows* simulated,
                          const ValidationOptions& options,
                          const model::Monitor& monitor = {});

// Fold of every row. Leave-layer-out: sorted layer keys, shuffled by the seed, dealt in turn.
std::vector<int> assign_folds(const TrainingSet& set, Folds kind, int folds, std::uint64_t seed);

}  // namespace masala::learned
