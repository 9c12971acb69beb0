#include <cmath>

#include "masala/model/latency_base.h"
#include "targets/roofline/roofline_target.h"

namespace masala::targets {
namespace {

using model::BaseBatch;
using model::BasePoint;
using model::Dim;
using model::kAllDims;
using model::Tensor;

constexpr double kLeastShare = 0.018;  // e^-4
constexpr double kMostTrips = 4096.0;

int row(Dim dim) {
  return static_cast<int>(dim);
}

// Levels whose cycles the roofline compares.
std::vector<int> limited_levels(const model::Accelerator& accelerator) {
  std::vector<int> levels;
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    if (accelerator.levels[static_cast<std::size_t>(l)].bandwidth_words_per_cycle) {
      levels.push_back(l);
    }
  }
  return levels;
}

class RooflineBase : public model::LatencyBase {
 public:
  explicit RooflineBase(const model::Accelerator& accelerator)
      : accelerator_(accelerator),
        levels_(limited_levels(accelerator)),
        outermost_(accelerator.num_levels() - 1) {}

  std::vector<std::string> feature_names() const override {
    std::vector<std::string> names = {"compute_share"};
    for (int l : levels_) names.push_back(level(l).name + "_share");
    for (int l = 0; l <= outermost_; ++l) {
      for (const model::SpatialDim& spatial : level(l).spatial)
        names.push_back(level(l).name + "_log_spatial_" + std::string(model::name(spatial.dim)));
    }
    for (Dim d : kAllDims) names.push_back("log_outer_trips_" + std::string(model::name(d)));
    return names;
  }

  double lower_bound_cycles(const model::Layer& /*layer*/,
                            const model::Machine& /*machine*/,
                            double compute_cycles) const override {
    return compute_cycles;
  }

  BasePoint at(const model::Mapping& mapping,
               const model::Layer& /*layer*/,
               const model::Machine& /*machine*/,
               const model::LayerCost& roofline) const override {
    BasePoint point;
    point.base_cycles = roofline.cycles;
    point.compute_cycles = static_cast<double>(roofline.compute_cycles);
    const auto add = [&](double feature) { point.features.push_back(feature); };
    const auto share = [&](double cycles) {
      return std::log(std::max(cycles / roofline.cycles, kLeastShare));
    };
    add(share(point.compute_cycles));
    for (int l : levels_) add(share(roofline.level_cycles[l]));
    for (int l = 0; l <= outermost_; ++l) {
      for (const model::SpatialDim& spatial : level(l).spatial)
        add(std::log(static_cast<double>(mapping.levels[l].spatial[spatial.dim])));
    }
    for (Dim d : kAllDims) {
      const auto trips = static_cast<double>(mapping.levels[outermost_].temporal[d]);
      add(std::log(std::min(trips, kMostTrips)));
    }
    return point;
  }

  BaseBatch at(const model::MappingBatch& mapping,
               const model::LayerBatch& /*layers*/,
               const model::HardwareBatch& /*hardware*/,
               const model::TrafficBatch& traffic,
               const model::CostBatch& roofline) const override {
    std::vector<Tensor> features;
    const auto share = [&](const Tensor& cycles) {
      return (cycles / roofline.cycles).clamp_min(kLeastShare).log();
    };
    features.push_back(share(traffic.compute_cycles));
    for (int l : levels_) features.push_back(share(roofline.level_cycles[l]));
    for (int l = 0; l <= outermost_; ++l) {
      for (const model::SpatialDim& spatial : level(l).spatial)
        features.push_back(mapping.spatial[l][row(spatial.dim)].log());
    }
    for (Dim d : kAllDims)
      features.push_back(mapping.temporal[outermost_][row(d)].clamp_max(kMostTrips).log());
    return {roofline.cycles, traffic.compute_cycles, torch::stack(features, 1)};
  }

 private:
  const model::Level& level(int l) const {
    return accelerator_.levels[static_cast<std::size_t>(l)];
  }

  model::Accelerator accelerator_;
  std::vector<int> levels_;
  int outermost_;
};

class RooflineTarget : public model::Target {
 public:
  std::string_view name() const override { return "roofline"; }
  std::shared_ptr<const model::LatencyBase> latency_base(
      const model::Accelerator& accelerator,
      const std::vector<double>& /*constants*/,
      const model::RunConditions& /*conditions*/) const override {
    return std::make_shared<RooflineBase>(accelerator);
  }
};

}  // namespace

const model::Target& roofline_target() {
  static const RooflineTarget kTarget;
  return kTarget;
}

}  // namespace masala::targets
