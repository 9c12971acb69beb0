// The analytical base of the learned models over a whole training set.
#pragma once

#include <memory>
#include <vector>

#include "masala/learned/training_set.h"
#include "masala/model/latency_base.h"

namespace masala::learned {

using torch::Tensor;

// Rows are those of the training set, [n]. What takes a monitor throws model::Interrupted when
// stopped.
class BaseRows {
 public:
  BaseRows(const TrainingSet& set,
           const model::Accelerator& accelerator,
           const model::Target& target,
           const model::Monitor& monitor);

  // Constants of the base that explain the chosen rows best; none where it has none.
  std::vector<double> fit(const Tensor& chosen,
                          const Tensor& cycles,
                          const model::Monitor& monitor) const;
  // The base with the constants, of every row.
  model::BaseBatch at(const std::vector<double>& constants) const;

 private:
  std::vector<model::FittedConstant> constants_;
  std::unique_ptr<const model::CycleFormula> formula_;  // null: a base without constants
  model::BaseBatch fixed_;                              // that one's rows
};

// `base` at every row.
model::BaseBatch at_rows(const model::LatencyBase& base,
                         const TrainingSet& set,
                         const model::Accelerator& accelerator,
                         const model::Target& target,
                         const model::Monitor& monitor);

}  // namespace masala::learned
