// Method `random`: random hardware, random valid mappings. The yardstick of the other methods.
//
// Every hardware point draws mappings for each layer; the best of a layer counts, and the best
// point wins.
//
// Cost: default 10 hardware points (`starts`) x 1,000 valid mappings per layer, the recipe that
// DOSA compares with; draws that do not fit are free. A budget is divided evenly among points and
// layers. Strengths: no assumptions, shows how a space is distributed. Weaknesses: learns nothing.
#pragma once

#include "masala/search/searcher.h"

namespace masala::search {

SearchSummary random_search(const Problem& problem,
                            const SearchOptions& options,
                            const Monitor& monitor);

}  // namespace masala::search
