// Method `bayesian`: Bayesian optimisation of the hardware with a random mapper inside. A
// yardstick.
//
// A Gaussian process of ln(objective) over the logarithms of the free hardware values proposes the
// point of greatest expected improvement among candidates all over the space and around the best
// points; the mapper is that of method `random`.
//
// Cost: default 100 hardware points x 100 valid mappings per layer; with a budget as many points as
// mappings of each, at most 300, since the regression grows with their cube.
// Strengths: few hardware points. Weaknesses: the two loops multiply, and the noise of the random
// mapper hides what the hardware is worth.
//
// Expected improvement: Mockus 1975, Jones et al., Efficient Global Optimization of Expensive
// Black-Box Functions, 1998; the set-up is the one that DOSA (MICRO 2023) compares with.
#pragma once

#include "masala/search/searcher.h"

namespace masala::search {

SearchSummary bayesian_search(const Problem& problem,
                              const SearchOptions& options,
                              const Monitor& monitor);

}  // namespace masala::search
