// The mapping and the layer as plain features, for a network without an analytical model.
#include <cmath>

#include "learned/learned_latency.h"

namespace masala::learned {

using model::BaseBatch;
using model::BasePoint;
using model::LatencyBase;

namespace {

using model::Dim;
using model::kAllDims;
using model::kNumDims;

int row(Dim dim) {
  return static_cast<int>(dim);
}

class MappingBase : public LatencyBase {
 public:
  explicit MappingBase(const model::Accelerator& accelerator)
      : accelerator_(accelerator), num_levels_(accelerator.num_levels()) {}

  std::vector<std::string> feature_names() const override {
    std::vector<std::string> names;
    for (int l = 0; l < num_levels_; ++l) {
      const model::Level& level = accelerator_.levels[static_cast<std::size_t>(l)];
      for (Dim d : kAllDims)
        names.push_back(level.name + "_log_temporal_" + std::string(model::name(d)));
      for (const model::SpatialDim& spatial : level.spatial)
        names.push_back(level.name + "_log_spatial_" + std::string(model::name(spatial.dim)));
    }
    for (Dim d : kAllDims) names.push_back("outer_position_" + std::string(model::name(d)));
    for (Dim d : kAllDims) names.push_back("log_" + std::string(model::name(d)));
    names.insert(names.end(), {"log_stride_w", "log_stride_h"});
    return names;
  }

  double lower_bound_cycles(const model::Layer& /*layer*/,
                            const model::Machine& /*machine*/,
                            double /*compute_cycles*/) const override {
    return 0.0;  // a network without a model promises nothing
  }

  BasePoint at(const model::Mapping& mapping,
               const model::Layer& layer,
               const model::Machine& /*machine*/,
               const model::LayerCost& /*roofline*/) const override {
    BasePoint point;
    point.base_cycles = 1.0;
    const auto add_log = [&](std::int64_t value) {
      point.features.push_back(std::log(static_cast<double>(value)));
    };
    for (int l = 0; l < num_levels_; ++l) {
      for (Dim d : kAllDims) add_log(mapping.levels[l].temporal[d]);
      for (const model::SpatialDim& spatial :
           accelerator_.levels[static_cast<std::size_t>(l)].spatial)
        add_log(mapping.levels[l].spatial[spatial.dim]);
    }
    const auto& order = mapping.levels[num_levels_ - 1].order;
    for (Dim d : kAllDims) {
      const auto at = std::find(order.begin(), order.end(), d) - order.begin();
      point.features.push_back(static_cast<double>(at));
    }
    for (Dim d : kAllDims) add_log(layer.bounds[d]);
    add_log(layer.stride_w);
    add_log(layer.stride_h);
    return point;
  }

  BaseBatch at(const model::MappingBatch& mapping,
               const model::LayerBatch& layers,
               const model::HardwareBatch& /*hardware*/,
               const model::TrafficBatch& /*traffic*/,
               const model::CostBatch& /*roofline*/) const override {
    std::vector<Tensor> features;
    for (int l = 0; l < num_levels_; ++l) {
      for (Dim d : kAllDims) features.push_back(mapping.temporal[l][row(d)].log());
      for (const model::SpatialDim& spatial :
           accelerator_.levels[static_cast<std::size_t>(l)].spatial)
        features.push_back(mapping.spatial[l][row(spatial.dim)].log());
    }
    const Tensor position = mapping.order[num_levels_ - 1].argsort(std::int64_t{0});
    for (Dim d : kAllDims) features.push_back(position[row(d)].to(torch::kFloat64));
    for (Dim d : kAllDims) features.push_back(layers.bounds[row(d)].log());
    features.push_back(layers.stride_w.log());
    features.push_back(layers.stride_h.log());
    const Tensor one = torch::ones_like(layers.macs);
    return {one, torch::zeros_like(layers.macs), torch::stack(features, 1)};
  }

 private:
  model::Accelerator accelerator_;
  int num_levels_;
};

}  // namespace

std::shared_ptr<const LatencyBase> mapping_base(const model::Accelerator& accelerator) {
  return std::make_shared<MappingBase>(accelerator);
}

}  // namespace masala::learned
