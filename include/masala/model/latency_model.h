// What a model of cycles offers: for integer mappings one at a time, and for a batch of relaxed
// ones with gradients. The roofline is one of them (roofline.h), so that no latency model is ever
// null.
#pragma once

#include <string_view>

#include "masala/model/accelerator.h"
#include "masala/model/cost.h"
#include "masala/model/latency_estimate.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::model {

// Of tensors: defined in batch.h, batched_traffic.h and batched_cost.h, which many users of latency
// models need not see.
struct MappingBatch;
struct LayerBatch;
struct HardwareBatch;
struct TrafficBatch;
struct CostBatch;
struct LatencyBatch;

// Implementations are immutable: safe to call from several threads. At integer mappings the two
// forms agree to rounding.
class LatencyModel {
 public:
  virtual ~LatencyModel() = default;

  virtual std::string_view tier() const = 0;  // "roofline", "calibrated", "hybrid", "dnn"

  // `roofline` is cost_of(mapping, layer, machine).
  virtual LatencyEstimate estimate(const Mapping& mapping,
                                   const Layer& layer,
                                   const Machine& machine,
                                   const LayerCost& roofline) const = 0;

  // `traffic` and `roofline` are count_traffic() and cost_of() of the same batch.
  virtual LatencyBatch estimate(const MappingBatch& mapping,
                                const LayerBatch& layers,
                                const HardwareBatch& hardware,
                                const TrafficBatch& traffic,
                                const CostBatch& roofline) const = 0;

  // No mapping of the layer has fewer cycles whose compute cycles (MACs over used PEs) and roofline
  // are at least these.
  virtual double lower_bound_cycles(const Layer& layer,
                                    const Machine& machine,
                                    double compute_cycles,
                                    double roofline_cycles) const = 0;
};

}  // namespace masala::model
