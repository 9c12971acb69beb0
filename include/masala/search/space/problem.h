// What is searched: hardware and one mapping per layer that minimise an objective.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/cost.h"
#include "masala/model/evaluator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"
#include "masala/model/monitor.h"
#include "masala/model/roofline.h"
#include "masala/search/space/objective.h"

namespace masala::search {

using model::Monitor;

struct Problem {
  model::Accelerator accelerator;
  model::Workload workload;
  Objective objective = Objective::edp;
  std::vector<model::FixedValue> fixed;  // hardware values that must not change
  std::optional<double> max_area_mm2;
  // Imperfect: the factors of a dimension may multiply to more than its bound (ceil tiling).
  model::Factors factors = model::Factors::perfect;
  // Cycles come from this model. A cautious search minimises with cycles x exp(caution x log_std),
  // caution >= 0; the reported cycles are without it, the history is of what was minimised.
  std::shared_ptr<const model::LatencyModel> latency = model::roofline();
  double caution = 0.0;
  model::WordsNeeded driver_words;  // what a driver needs; empty: the words of the tiles

  model::Evaluator evaluator() const { return {accelerator, latency, caution, driver_words}; }
};

// A point of the hardware and mapping space, costed by the exact integer model.
struct Design {
  model::Hardware hardware;
  std::vector<model::Mapping> mappings;           // one per layer of the workload
  model::DesignCost cost;                         // cycles are the latency model's, without caution
  std::vector<model::LatencyEstimate> estimates;  // one per layer, without caution
  double area_mm2 = 0.0;
  double objective = 0.0;
};

// Costs integer mappings on the given hardware with the exact model and the problem's latency
// model.
Design make_design(const Problem& problem,
                   const model::Hardware& hardware,
                   std::vector<model::Mapping> mappings);

}  // namespace masala::search
