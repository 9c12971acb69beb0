// What the benchmarks run on: built-in workloads on the Gemmini template.
#pragma once

#include <cstdint>
#include <vector>

#include "masala/search/searcher.h"

namespace masala::bench {

// A workload on gemmini with the array fixed at 16 x 16, cut or repeated to `layers` layers
// (0: as it is).
search::Problem make_problem(const char* workload, std::size_t layers = 0);

struct Sample {
  std::vector<model::Layer> layers;      // one per mapping
  std::vector<model::Mapping> mappings;  // random, valid
  std::vector<model::Hardware> hardware;
};
Sample random_sample(const search::Problem& problem, std::int64_t size);

}  // namespace masala::bench
