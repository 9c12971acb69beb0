// Method `annealing`: simulated annealing in two loops, hardware outside, the loop sequence of
// every layer inside.
//
// A mapping is a sequence of prime loops that memory allocation turns into factors and orders;
// neighbours swap two loops. Hardware moves by ever smaller steps, and layers are annealed anew on
// every point. Starts are chains, one after the other.
//
// Cost: default 10,000 evaluations per layer, at most 50 of them on a hardware point and 1,000 on
// the best one at the end; a budget is divided evenly among the chains.
// Strengths: every state is valid; fills memories; as good as `gradient` from 2,000 evaluations per
// layer on; imperfect factors. Weaknesses: no sequence means a mapping that leaves memory unused,
// which latency models may prefer; a chain's start is random.
//
// After Jung et al., SALSA: Simulated Annealing based Loop-Ordering Scheduler for DNN Accelerators,
// AICAS 2023, whose cooling it takes; the outer loop over hardware is ours.
#pragma once

#include "masala/search/searcher.h"

namespace masala::search {

SearchSummary annealing_search(const Problem& problem,
                               const SearchOptions& options,
                               const Monitor& monitor);

}  // namespace masala::search
