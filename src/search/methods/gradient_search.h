// Method `gradient`: one-loop co-search by gradient descent on relaxed mappings.
//
// Many random starts descend together on the logarithms of their factors (Adam). The hardware
// follows from the mappings, loop orders are chosen anew now and then, and the factors are rounded
// to divisors after every round. The best starts are annealed and refined on the exact integer
// model; without a budget the best design is intensified.
//
// Cost: a descent step costs one evaluation per start and layer, a choice of orders one more per
// candidate. Default: 32 starts x 3 rounds x 100 steps, then 4,000 evaluations per layer on each of
// four designs. A budget is spent by 40 % at most on descents, the rest on one design.
// Strengths: starts near good designs whatever the seed; within a per mille of the certified
// optimum on most networks; imperfect factors. Weaknesses: the relaxed model knows no whole rows of
// a driver and no grids; below some hundred evaluations per layer little more than a random start.
//
// After Hong et al., DOSA: Differentiable Model-Based One-Loop Search for DNN Accelerators, MICRO
// 2023; the annealing and refinement are ours.
#pragma once

#include "masala/search/searcher.h"

namespace masala::search {

SearchSummary gradient_search(const Problem& problem,
                              const SearchOptions& options,
                              const Monitor& monitor);

}  // namespace masala::search
