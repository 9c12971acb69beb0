#pragma once

#include "search/searcher.h"

namespace masala::search {

// Simulated annealing in two loops, after SALSA: hardware outside, the loop sequence of every layer
// inside. Default: 10,000 evaluations per layer, the first 1,000 on the first hardware point.
SearchSummary annealing_search(const Problem& problem,
                               const SearchOptions& options,
                               const Monitor& monitor);

}  // namespace masala::search
