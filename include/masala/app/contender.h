// The designs that are compared.
#pragma once

#include <string>
#include <vector>

#include "masala/app/inputs.h"
#include "masala/app/scores.h"
#include "masala/model/accelerator.h"
#include "masala/model/latency_estimate.h"
#include "masala/model/layer.h"
#include "masala/search/searcher.h"

namespace masala::app {

// The name of the machine's own tiler among the models.
inline constexpr const char* kDefault = "default";

// A design of one workload and what the judge makes of it. Cycles are of one execution of one
// group.
struct Contender {
  std::string model;  // whose cycles it was found with, or kDefault
  search::Design design;
  // Tiles are those that the machine's tiler chooses on the design's hardware; the mappings stand
  // next to them, for counting traffic, and nothing predicts its cycles.
  bool has_default_tiles = false;
  std::vector<double> judged_cycles;  // one per layer
};

// The machine as it comes, on its published hardware with its own tiler. Throws
// std::invalid_argument, a line per layer, where the tiler finds no tile. The target has a driver.
Contender default_contender(const LoadedAccelerator& loaded, const model::Workload& workload);

std::vector<double> predicted_cycles(const search::Design& design);  // one per layer
double total_cycles(const std::vector<double>& cycles, const model::Workload& workload);
Score predicted_score(const Contender& contender);
Score judged_score(const Contender& contender, const model::Workload& workload);

}  // namespace masala::app
