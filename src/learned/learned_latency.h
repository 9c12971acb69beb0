// The latency tiers that are fitted to measured cycles, behind model::LatencyModel.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "learned/ensemble.h"
#include "masala/learned/plan.h"
#include "masala/model/latency_base.h"
#include "masala/model/latency_model.h"

namespace masala::learned {

// lambda * r of a batch, [B].
Tensor shrunk(const EnsembleEstimate& estimate, const Shrinkage& shrinkage);
double shrunk(const ScalarEstimate& estimate, const Shrinkage& shrinkage);

// Beyond this distance from the training range (Ensemble::estimate) a prediction is an
// extrapolation.
inline constexpr double kInRangeDistance = 1.0;

// `scale` is of the base's features: where none of them says otherwise, a point is in range.
std::shared_ptr<const model::LatencyModel> calibrated_latency(
    std::shared_ptr<const model::LatencyBase> base, const FeatureScale& scale);

// max(compute, base * exp(lambda(x) r(x))).
std::shared_ptr<const model::LatencyModel> hybrid_latency(
    std::shared_ptr<const model::LatencyBase> base,
    std::shared_ptr<const Ensemble> residual,
    const Shrinkage& shrinkage);

// No analytical estimate at all: one cycle, and the mapping's factors as features.
std::shared_ptr<const model::LatencyBase> mapping_base(const model::Accelerator& accelerator);

// exp(r(x)) over mapping_base().
std::shared_ptr<const model::LatencyModel> dnn_latency(
    std::shared_ptr<const model::LatencyBase> base, std::shared_ptr<const Ensemble> network);

}  // namespace masala::learned
