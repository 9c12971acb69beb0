// A latency model with closed forms, for tests of what searches make of one.
#pragma once

#include "masala/model/latency_model.h"

namespace masala::search {

// cycles = roofline x (1 + slowdown / innermost output columns) + issue_cycles x tiles
// log_std = std_per_log_tile x ln(tiles)
// with the P factor at level 1 as innermost output columns, and the product of the outermost
// temporal factors as tiles. Extrapolates above 64 tiles.
class FakeLatency : public model::LatencyModel {
 public:
  double slowdown = 0.5;
  double issue_cycles = 40.0;
  double std_per_log_tile = 0.1;

  std::string_view tier() const override { return "fake"; }
  model::LatencyEstimate estimate(const model::Mapping& mapping,
                                  const model::Layer& layer,
                                  const model::Machine& machine,
                                  const model::LayerCost& roofline) const override;
  model::LatencyBatch estimate(const model::MappingBatch& mapping,
                               const model::LayerBatch& layers,
                               const model::HardwareBatch& hardware,
                               const model::TrafficBatch& traffic,
                               const model::CostBatch& roofline) const override;
  double lower_bound_cycles(const model::Layer& /*layer*/,
                            const model::Machine& /*machine*/,
                            double compute_cycles,
                            double /*roofline_cycles*/) const override {
    return compute_cycles + issue_cycles;
  }
};

}  // namespace masala::search
