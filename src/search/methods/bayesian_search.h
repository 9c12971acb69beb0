#pragma once

#include "search/searcher.h"

namespace masala::search {

// Bayesian optimisation over hardware with a random mapper inside: a Gaussian process of
// ln(objective) over the logarithms of the free hardware values proposes the point of greatest
// expected improvement. Default: 100 hardware points x 100 valid mappings per layer.
SearchSummary bayesian_search(const Problem& problem,
                              const SearchOptions& options,
                              const Monitor& monitor);

}  // namespace masala::search
