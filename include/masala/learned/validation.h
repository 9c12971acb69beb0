// What cross-validation says of the tiers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "masala/learned/metrics.h"
#include "masala/learned/plan.h"

namespace masala::learned {

enum class Folds { leave_layer_out, random };

// Metrics of one division into folds: every row is predicted by models that did not see its fold.
// Tiers: macs, roofline, calibrated, hybrid, dnn; with simulated rows, `hybrid` learns from
// them too and `hybrid_without_pretraining` does not.
struct FoldMetrics {
  Folds folds = Folds::leave_layer_out;
  std::uint64_t seed = 0;
  std::map<std::string, Metrics> tiers;
  double worst_calibrated_mape_percent = 0.0;  // of a single fold
};

struct Validation {
  std::vector<FoldMetrics> divisions;  // leave-layer-out of seeds 0.., then one random
  // Of the noise choices, the one with the lowest median error of the hybrid, mean over the
  // leave-layer-out divisions. The hybrid's metrics are with it.
  Shrinkage shrinkage;
  Shrinkage shrinkage_without_pretraining;  // of the tier of that name
};

}  // namespace masala::learned
