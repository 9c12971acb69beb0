#pragma once

#include "search/searcher.h"

namespace masala::search {

// One-loop co-search: many starts descend together on log-factors while the hardware follows from
// the mappings, loop orders are chosen in the loop, and the factors are rounded to divisors now and
// then; the best starts are then refined discretely (refinement.h).
SearchSummary gradient_search(const Problem& problem,
                              const SearchOptions& options,
                              const Monitor& monitor);

}  // namespace masala::search
