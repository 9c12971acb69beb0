// Finding hardware and mappings for a workload.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "masala/app/inputs.h"
#include "masala/app/latency.h"
#include "masala/app/run_options.h"
#include "masala/io/design_json.h"
#include "masala/search/searcher.h"

namespace masala::app {

// What a search is told besides its workload and latency model.
struct SearchSettings {
  std::string accelerator;  // built-in name or path
  search::Objective objective = search::Objective::edp;
  std::vector<model::FixedValue> fixed;
  std::optional<double> max_area_mm2;
  model::Factors factors = model::Factors::perfect;
  double caution = 0.0;  // where the latency model tells how sure it is
  std::string method = "gradient";
  int starts = 0;           // 0: the method's default
  std::int64_t budget = 0;  // evaluations at most; 0: the method's own end
};

struct SearchRequest {
  RunOptions run;
  std::string workload;  // built-in name or path
  SearchSettings settings;
  LatencyChoice latency;
};

struct SearchResult {
  search::Problem problem;  // with everything loaded
  const search::Method* method = nullptr;
  search::SearchSummary summary;
  std::optional<io::DesignFile> design;  // empty: none was found
};

// Ends with the best so far when stopped. Throws an InputError for what cannot be searched.
SearchResult search(const SearchRequest& request, const Monitor& monitor);

// Fills in the bound of a found design by the exact search. Returns why there is none, or nothing.
std::string certify(const SearchRequest& request, SearchResult& result, const Monitor& monitor);

// ---- Shared with compare ------------------------------------------------------------------------

// The problem of the settings without workload and latency model.
search::Problem problem_of(const SearchSettings& settings, const model::Accelerator& accelerator);
search::SearchOptions options_of(const SearchSettings& settings, const RunOptions& run);
// Throws an InputError where the name is unknown.
const search::Method& method_of(const SearchSettings& settings);
// The method's run, its progress in the unit of the objective.
search::SearchSummary run_search(const search::Method& method,
                                 const search::Problem& problem,
                                 const search::SearchOptions& options,
                                 const Monitor& monitor);
io::SearchRecord record_of(const search::Method& method,
                           const RunOptions& run,
                           const search::SearchSummary& summary);

}  // namespace masala::app
