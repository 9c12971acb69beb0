// The analytical bases over a whole training set, with constants that can be fitted to part of it.
#pragma once

#include <memory>
#include <vector>

#include "learned/latency_base.h"
#include "learned/training_set.h"
#include "model/monitor.h"

namespace masala::learned {

// Rows are those of the training set, [n]. What takes a monitor throws model::Interrupted when
// stopped.
class BaseTrainer {
 public:
  virtual ~BaseTrainer() = default;

  // Constants of the base that explain the chosen rows best; none for bases without any.
  virtual CalibrationConstants fit(const Tensor& chosen,
                                   const Tensor& cycles,
                                   const model::Monitor& monitor) const = 0;
  // The base with the constants, of every row.
  virtual BaseBatch at(const CalibrationConstants& constants) const = 0;
};

// Gemmini's counters where the accelerator has its driver, the roofline otherwise.
std::unique_ptr<BaseTrainer> make_base_trainer(const TrainingSet& set,
                                               const model::Accelerator& accelerator,
                                               const model::Monitor& monitor);

// `base` at every row.
BaseBatch at_rows(const LatencyBase& base,
                  const TrainingSet& set,
                  const model::Accelerator& accelerator,
                  const model::Monitor& monitor);

}  // namespace masala::learned
