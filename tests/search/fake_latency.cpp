#include "fake_latency.h"

#include <cmath>

#include "masala/model/batched_cost.h"
#include "masala/model/batched_traffic.h"

namespace masala::search {

using model::Dim;
using torch::Tensor;

model::LatencyEstimate FakeLatency::estimate(const model::Mapping& mapping,
                                             const model::Layer& /*layer*/,
                                             const model::Machine& /*machine*/,
                                             const model::LayerCost& roofline) const {
  double tiles = 1.0;
  for (std::int64_t factor : mapping.levels[mapping.num_levels - 1].temporal.values) {
    tiles *= static_cast<double>(factor);
  }
  const auto columns = static_cast<double>(mapping.levels[1].temporal[Dim::P]);
  constexpr double kMostTiles = 64.0;
  return {roofline.cycles * (1.0 + slowdown / columns) + issue_cycles * tiles,
          std_per_log_tile * std::log(tiles),
          tiles <= kMostTiles};
}

model::LatencyBatch FakeLatency::estimate(const model::MappingBatch& mapping,
                                          const model::LayerBatch& /*layers*/,
                                          const model::HardwareBatch& /*hardware*/,
                                          const model::TrafficBatch& /*traffic*/,
                                          const model::CostBatch& roofline) const {
  const Tensor tiles = mapping.temporal[mapping.temporal.size(0) - 1].prod(0);
  const Tensor columns = mapping.temporal[1][static_cast<int>(Dim::P)];
  return {roofline.cycles * (1.0 + slowdown / columns) + issue_cycles * tiles,
          std_per_log_tile * tiles.log()};
}

}  // namespace masala::search
