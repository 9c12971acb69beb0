// The candidates of the mapspace for the order of one level that differ for given loops.
#pragma once

#include <vector>

#include "search/space/mapspace.h"

namespace masala::search {

// Which candidates an exact search needs.
enum class CandidateOrders {
  undominated,  // enough wherever cost depends on word counts alone
  all,          // also those that move as many words as another
};

// Dimensions as a set: a bit each.
constexpr unsigned bit(model::Dim dim) {
  return 1U << static_cast<unsigned>(dim);
}

// Those of a level where the loops in `present` have a bound above 1.
std::vector<LoopOrder> order_candidates(const Mapspace& mapspace,
                                        int level,
                                        unsigned present,
                                        CandidateOrders needed);

// Choices of candidates at all levels together where every dimension of the layer has a loop at
// each.
double count_orders(const Mapspace& mapspace, const model::Layer& layer, CandidateOrders needed);

}  // namespace masala::search
