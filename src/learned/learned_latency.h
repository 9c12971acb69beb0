// The latency tiers that are fitted to measured cycles, behind model::LatencyModel.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "learned/ensemble.h"
#include "learned/latency_base.h"

namespace masala::learned {

// How far a residual is trusted: lambda = exp(-range_rate * distance) * r^2 / (r^2 + noise * s^2)
// with r and s the ensemble's mean and standard deviation. One smooth function, used everywhere, so
// that one mapping has one cost.
struct Shrinkage {
  double range_rate = 1.0;
  double noise = 4.0;
};

// lambda * r of a batch, [B].
Tensor shrunk(const EnsembleEstimate& estimate, const Shrinkage& shrinkage);
double shrunk(const ScalarEstimate& estimate, const Shrinkage& shrinkage);

// Beyond this distance from the training range (Ensemble::estimate) a prediction is an
// extrapolation.
inline constexpr double kInRangeDistance = 1.0;

// `scale` is of the base's features: where none of them says otherwise, a point is in range.
std::shared_ptr<const model::LatencyModel> calibrated_latency(
    std::shared_ptr<const LatencyBase> base, const FeatureScale& scale);

// max(compute, base * exp(lambda(x) r(x))).
std::shared_ptr<const model::LatencyModel> hybrid_latency(std::shared_ptr<const LatencyBase> base,
                                                          std::shared_ptr<const Ensemble> residual,
                                                          const Shrinkage& shrinkage);

// exp(r(x)) over mapping_base().
std::shared_ptr<const model::LatencyModel> dnn_latency(std::shared_ptr<const LatencyBase> base,
                                                       std::shared_ptr<const Ensemble> network);

}  // namespace masala::learned
