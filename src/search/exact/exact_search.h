// The certified optimum: every mapping, every loop order that matters, every hardware value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "masala/search/searcher.h"

namespace masala::search {

// Enumerates, prunes what cannot be part of an optimum, and solves the rest exactly; the method
// and its proof are in docs/search.md. SearchSummary::bound is set unless the search was stopped.
SearchSummary exact_search(const Problem& problem,
                           const SearchOptions& options,
                           const Monitor& monitor);

// Why the problem cannot be solved exactly: too many mappings, counted without listing them, or
// costs that fall as a size grows.
std::vector<std::string> exact_problems(const Problem& problem, const SearchOptions& options);

// How far a design can be from the best one.
struct CertifiedGap {
  double bound = 0.0;  // no design has a lower objective, but for rounding (1e-9)
  double gap_percent = 0.0;
};

// Certified by the exact search, which needs to look only for designs better than the known one.
// Empty where it was stopped. exact_problems() must be empty, but for the budget.
std::optional<CertifiedGap> certified_gap(const Problem& problem,
                                          const Design& known,
                                          const SearchOptions& options,
                                          const Monitor& monitor);

}  // namespace masala::search
