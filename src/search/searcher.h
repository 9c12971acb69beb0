// The common interface of the search methods: a problem in, a design and its history out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/accelerator.h"
#include "model/cost.h"
#include "model/evaluator.h"
#include "model/latency_estimate.h"
#include "model/layer.h"
#include "model/mapping.h"
#include "model/monitor.h"
#include "model/roofline.h"
#include "search/objective.h"

namespace masala::search {

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

struct SearchOptions {
  int starts = 0;           // 0: the method's default
  std::int64_t budget = 0;  // evaluations at most; 0: the method's own stopping rule
  std::uint64_t seed = 0;
  int threads = 1;
};

// Every reason why the options or the problem cannot be searched.
std::vector<std::string> problems(const Problem& problem, const SearchOptions& options);

using model::Monitor;
using model::Progress;

// A point of the hardware and mapping space, costed by the exact integer model.
struct Design {
  model::Hardware hardware;
  std::vector<model::Mapping> mappings;           // one per layer of the workload
  model::DesignCost cost;                         // cycles are the latency model's, without caution
  std::vector<model::LatencyEstimate> estimates;  // one per layer, without caution
  double area_mm2 = 0.0;
  double objective = 0.0;
};

struct SearchSummary {
  std::optional<Design> best;  // empty: no valid design was found
  std::int64_t evaluations = 0;
  double seconds = 0.0;
  int starts = 0;
  bool interrupted = false;
  // Certified: no design of the problem has a lower objective (but for 1e-9 of it, rounding).
  std::optional<double> bound;
  std::vector<std::pair<std::int64_t, double>> history;  // evaluations, best objective so far
};

// Costs integer mappings on the given hardware with the exact model and the problem's latency
// model.
Design make_design(const Problem& problem,
                   const model::Hardware& hardware,
                   std::vector<model::Mapping> mappings);

using SearchFunction = SearchSummary (*)(const Problem&, const SearchOptions&, const Monitor&);

struct Method {
  const char* name;
  const char* summary;  // one line for help texts
  SearchFunction run;
  // Reasons of its own why the method cannot search a problem; may be null.
  std::vector<std::string> (*problems)(const Problem&, const SearchOptions&) = nullptr;
  bool imperfect_factors = false;  // whether it can search them
};

// All methods; adding one is one file and one line in registry.cpp.
const std::vector<Method>& methods();
const Method* find_method(const std::string& name);

// Every reason why the method cannot search the problem.
std::vector<std::string> problems(const Method& method,
                                  const Problem& problem,
                                  const SearchOptions& options);

}  // namespace masala::search
