// What a learned latency model stands on: an analytical estimate of cycles, and the features that
// its network sees.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "learned/calibration.h"
#include "model/latency_model.h"
#include "simulator/cache_state.h"
#include "simulator/driver_program.h"

namespace masala::learned {

struct BasePoint {
  double base_cycles = 0.0;
  double compute_cycles = 0.0;  // no prediction falls below
  std::vector<double> features;
};

struct BaseBatch {
  Tensor base_cycles;     // [B]
  Tensor compute_cycles;  // [B]
  Tensor features;        // [B,F]
};

class LatencyBase {
 public:
  virtual ~LatencyBase() = default;
  virtual std::vector<std::string> feature_names() const = 0;
  // A bound from below on the cycles of any mapping of the layer whose MACs over used PEs are
  // `compute_cycles`.
  virtual double least_cycles(const model::Layer& layer,
                              const model::Machine& machine,
                              double compute_cycles) const = 0;
  virtual BasePoint at(const model::Mapping& mapping,
                       const model::Layer& layer,
                       const model::Machine& machine,
                       const model::LayerCost& roofline) const = 0;
  virtual BaseBatch at(const model::MappingBatch& mapping,
                       const model::LayerBatch& layers,
                       const model::HardwareBatch& hardware,
                       const model::TrafficBatch& traffic,
                       const model::CostBatch& roofline) const = 0;
};

// Counters of Gemmini's units and fitted constants, for a driver program and what the caches hold
// at the start. The batched form is of the clean program; it needs the accelerator's levels to be
// Gemmini's.
std::shared_ptr<const LatencyBase> gemmini_base(const model::Accelerator& accelerator,
                                                const CalibrationConstants& constants,
                                                simulator::ProgramKind program,
                                                simulator::CacheState cache);

// The roofline, and what it says of every level, for any accelerator.
std::shared_ptr<const LatencyBase> roofline_base(const model::Accelerator& accelerator);

// No analytical estimate at all: one cycle, and the mapping's factors as features.
std::shared_ptr<const LatencyBase> mapping_base(const model::Accelerator& accelerator);

}  // namespace masala::learned
