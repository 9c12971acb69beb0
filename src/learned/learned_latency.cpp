#include "learned/learned_latency.h"

#include <algorithm>
#include <cmath>

namespace masala::learned {

using model::BaseBatch;
using model::BasePoint;
using model::LatencyBase;

namespace {

constexpr double kTiny = 1e-12;

// Cycles from a base and, where there is one, a network.
class LearnedLatency : public model::LatencyModel {
 public:
  LearnedLatency(std::string tier,
                 std::shared_ptr<const LatencyBase> base,
                 std::shared_ptr<const Ensemble> network,
                 std::optional<Shrinkage> shrinkage,
                 const FeatureScale& scale)
      : tier_(std::move(tier)),
        base_(std::move(base)),
        network_(std::move(network)),
        shrinkage_(shrinkage),
        range_(scale) {}

  std::string_view tier() const override { return tier_; }

  model::LatencyEstimate estimate(const model::Mapping& mapping,
                                  const model::Layer& layer,
                                  const model::Machine& machine,
                                  const model::LayerCost& roofline) const override {
    const BasePoint point = base_->at(mapping, layer, machine, roofline);
    model::LatencyEstimate result;
    if (!network_) {
      result.cycles = point.base_cycles;
      result.in_range = range_.distance(point.features) <= kInRangeDistance;
      return result;
    }
    const ScalarEstimate found = network_->estimate(point.features);
    const double correction = shrinkage_ ? shrunk(found, *shrinkage_) : found.mean;
    result.cycles = std::max(point.compute_cycles, point.base_cycles * std::exp(correction));
    result.log_std = found.std;
    result.in_range = found.distance <= kInRangeDistance;
    return result;
  }

  model::LatencyBatch estimate(const model::MappingBatch& mapping,
                               const model::LayerBatch& layers,
                               const model::HardwareBatch& hardware,
                               const model::TrafficBatch& traffic,
                               const model::CostBatch& roofline) const override {
    const BaseBatch batch = base_->at(mapping, layers, hardware, traffic, roofline);
    if (!network_) return {batch.base_cycles, torch::zeros_like(batch.base_cycles)};
    const EnsembleEstimate found = network_->estimate(batch.features);
    const Tensor correction = shrinkage_ ? shrunk(found, *shrinkage_) : found.mean;
    return {torch::maximum(batch.compute_cycles, batch.base_cycles * correction.exp()), found.std};
  }

  double lower_bound_cycles(const model::Layer& layer,
                            const model::Machine& machine,
                            double compute_cycles,
                            double /*roofline_cycles*/) const override {
    return base_->lower_bound_cycles(layer, machine, compute_cycles);
  }

 private:
  std::string tier_;
  std::shared_ptr<const LatencyBase> base_;
  std::shared_ptr<const Ensemble> network_;  // null: the base alone
  std::optional<Shrinkage> shrinkage_;       // empty: the network's word as it is
  ScalarScale range_;
};

}  // namespace

Tensor shrunk(const EnsembleEstimate& estimate, const Shrinkage& shrinkage) {
  const Tensor signal = estimate.mean * estimate.mean;
  const Tensor noise = shrinkage.noise * estimate.std * estimate.std;
  const Tensor lambda =
      (-shrinkage.range_rate * estimate.distance).exp() * signal / (signal + noise + kTiny);
  return lambda * estimate.mean;
}

double shrunk(const ScalarEstimate& estimate, const Shrinkage& shrinkage) {
  const double signal = estimate.mean * estimate.mean;
  const double noise = shrinkage.noise * estimate.std * estimate.std;
  const double lambda =
      std::exp(-shrinkage.range_rate * estimate.distance) * signal / (signal + noise + kTiny);
  return lambda * estimate.mean;
}

std::shared_ptr<const model::LatencyModel> calibrated_latency(
    std::shared_ptr<const LatencyBase> base, const FeatureScale& scale) {
  return std::make_shared<LearnedLatency>(
      "calibrated", std::move(base), nullptr, std::nullopt, scale);
}

std::shared_ptr<const model::LatencyModel> hybrid_latency(std::shared_ptr<const LatencyBase> base,
                                                          std::shared_ptr<const Ensemble> residual,
                                                          const Shrinkage& shrinkage) {
  const FeatureScale& scale = residual->scale();
  return std::make_shared<LearnedLatency>("hybrid", std::move(base), residual, shrinkage, scale);
}

std::shared_ptr<const model::LatencyModel> dnn_latency(std::shared_ptr<const LatencyBase> base,
                                                       std::shared_ptr<const Ensemble> network) {
  const FeatureScale& scale = network->scale();
  return std::make_shared<LearnedLatency>("dnn", std::move(base), network, std::nullopt, scale);
}

}  // namespace masala::learned
