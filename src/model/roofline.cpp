#include "masala/model/roofline.h"

#include "masala/model/batched_cost.h"
#include "masala/model/latency_model.h"

namespace masala::model {
namespace {

class Roofline : public LatencyModel {
 public:
  std::string_view tier() const override { return "roofline"; }

  LatencyEstimate estimate(const Mapping& /*mapping*/,
                           const Layer& /*layer*/,
                           const Machine& /*machine*/,
                           const LayerCost& roofline) const override {
    return {roofline.cycles, 0.0, true};
  }

  LatencyBatch estimate(const MappingBatch& /*mapping*/,
                        const LayerBatch& /*layers*/,
                        const HardwareBatch& /*hardware*/,
                        const TrafficBatch& /*traffic*/,
                        const CostBatch& roofline) const override {
    return {roofline.cycles, torch::zeros_like(roofline.cycles)};
  }

  double lower_bound_cycles(const Layer& /*layer*/,
                            const Machine& /*machine*/,
                            double /*compute_cycles*/,
                            double roofline_cycles) const override {
    return roofline_cycles;
  }
};

}  // namespace

std::shared_ptr<const LatencyModel> roofline() {
  static const std::shared_ptr<const LatencyModel> kRoofline = std::make_shared<Roofline>();
  return kRoofline;
}

bool is_roofline(const LatencyModel& latency) {
  return &latency == roofline().get();
}

}  // namespace masala::model
