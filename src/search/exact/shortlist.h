// The best mappings of one layer on given hardware, by going through all of them: what to measure,
// simulate or look at where one winner is not enough.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "search/space/layer_space.h"

namespace masala::search {

// What a mapping is worth, by the energy and cycles of one execution: less is better. Must increase
// with both.
using Price = std::function<double(double energy_pj, double cycles)>;

struct ShortlistRequest {
  std::size_t count = 1;
  Price price;
};

// Up to `count` mappings of least price, best first, of all perfect factors and the loop orders
// that differ; of equal ones those that the enumeration meets first. Empty where none runs on the
// machine. Throws std::invalid_argument where the layer has too many mappings to go through, and
// model::Interrupted on request.
std::vector<CostedMapping> shortlist(const LayerSpace& space,
                                     const ShortlistRequest& request,
                                     const Monitor& monitor = {});

}  // namespace masala::search
