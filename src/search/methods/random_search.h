#pragma once

#include "search/searcher.h"

namespace masala::search {

// Random hardware x random valid mappings: every hardware point draws mappings for each layer, the
// best of a layer counts. Default: 10 hardware points x 1,000 valid mappings per layer.
SearchSummary random_search(const Problem& problem,
                            const SearchOptions& options,
                            const Monitor& monitor);

}  // namespace masala::search
