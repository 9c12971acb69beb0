// The common interface of the search methods: a problem in, a design and its history out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "masala/model/monitor.h"
#include "masala/search/space/problem.h"

namespace masala::search {

using model::Progress;

struct SearchOptions {
  int starts = 0;           // 0: the method's default
  std::int64_t budget = 0;  // evaluations at most; 0: the method's own stopping rule
  std::uint64_t seed = 0;
  int threads = 1;
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

using SearchFunction = SearchSummary (*)(const Problem&, const SearchOptions&, const Monitor&);

struct Method {
  const char* name;
  const char* summary;  // one line for help texts
  SearchFunction run;
  // Reasons of its own why the method cannot search a problem; may be null.
  std::vector<std::string> (*problems)(const Problem&, const SearchOptions&) = nullptr;
  bool imperfect_factors = false;  // whether it can search them
};

// All methods: the table of registry.cpp.
const std::vector<Method>& methods();
const Method* find_method(const std::string& name);

// Every reason why the options or the problem cannot be searched.
std::vector<std::string> problems(const Problem& problem, const SearchOptions& options);
// Every reason why the method cannot search the problem.
std::vector<std::string> problems(const Method& method,
                                  const Problem& problem,
                                  const SearchOptions& options);

}  // namespace masala::search
