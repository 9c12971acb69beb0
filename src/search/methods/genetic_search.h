// Method `genetic`: a genetic algorithm over hardware and the mappings of all layers. A yardstick.
//
// A design inherits every hardware value and every layer's mapping from one of two parents; then
// factors and orders mutate, mappings that do not fit are repaired, and the hardware shrinks to
// what they use. The best 5 % live on unchanged, the best 40 % are parents.
//
// Cost: default 100 designs (`starts`), 10,000 evaluations per layer in all; layers inherited on
// the same hardware are not costed again. A small budget makes the population smaller. Strengths:
// layers of good designs recombine. Weaknesses: improves layers blindly; it takes 10,000
// evaluations per layer to come within 5 % of `gradient` and `annealing`.
//
// After Kao and Krishna, GAMMA: Automating the HW Mapping of DNN Models on Accelerators via Genetic
// Algorithm, ICCAD 2020, and Kao et al., DiGamma: Domain-aware Genetic Algorithm for HW-Mapping
// Co-optimization for DNN Accelerators, DATE 2022.
#pragma once

#include "masala/search/searcher.h"

namespace masala::search {

SearchSummary genetic_search(const Problem& problem,
                             const SearchOptions& options,
                             const Monitor& monitor);

}  // namespace masala::search
