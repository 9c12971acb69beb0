#pragma once

#include "search/searcher.h"

namespace masala::search {

// A genetic algorithm over hardware and the mappings of all layers, after GAMMA and DiGamma.
// Default: 100 designs (`starts`), until 10,000 evaluations per layer are used.
SearchSummary genetic_search(const Problem& problem,
                             const SearchOptions& options,
                             const Monitor& monitor);

}  // namespace masala::search
