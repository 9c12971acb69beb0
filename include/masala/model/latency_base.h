// What a learned latency model stands on: an analytical estimate of cycles, the constants of it
// that can be fitted, and the features that a network sees.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "masala/model/batch.h"
#include "masala/model/batched_cost.h"
#include "masala/model/batched_traffic.h"
#include "masala/model/cost.h"

namespace masala::model {

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

// An estimate with given constants. Immutable; at integer mappings the two forms agree to rounding.
class LatencyBase {
 public:
  virtual ~LatencyBase() = default;
  virtual std::vector<std::string> feature_names() const = 0;
  // A bound from below on the cycles of any mapping of the layer whose MACs over used PEs are
  // `compute_cycles`.
  virtual double lower_bound_cycles(const Layer& layer,
                                    const Machine& machine,
                                    double compute_cycles) const = 0;
  virtual BasePoint at(const Mapping& mapping,
                       const Layer& layer,
                       const Machine& machine,
                       const LayerCost& roofline) const = 0;
  virtual BaseBatch at(const MappingBatch& mapping,
                       const LayerBatch& layers,
                       const HardwareBatch& hardware,
                       const TrafficBatch& traffic,
                       const CostBatch& roofline) const = 0;
};

// The estimate of given rows as a function of its constants, in their order.
class CycleFormula {
 public:
  virtual ~CycleFormula() = default;
  // Of some of the rows, [n] int64.
  virtual std::unique_ptr<const CycleFormula> select(const Tensor& rows) const = 0;
  // Differentiable in the constants, which are scalars. Returns [n].
  virtual Tensor cycles(const std::vector<Tensor>& constants) const = 0;
  virtual BaseBatch at(const std::vector<double>& constants) const = 0;
};

}  // namespace masala::model
