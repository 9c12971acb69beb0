// Mappings drawn from the best ones of every layer: what a latency model that guides searches
// should be measured on, as searches end there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "masala/search/space/problem.h"
#include "search/sampling/mapping_sampler.h"

namespace masala::search {

struct BestSampleRequest {
  Problem problem;                   // its workload is not looked at
  std::vector<model::Layer> layers;  // of distinct shapes
  std::size_t best = 1;              // rows are among so many best mappings
  std::int64_t count = 0;
  std::uint64_t seed = 0;
  int threads = 1;
};

// Rows in turn over the layers; the first rows of a longer sample are the shorter one, whatever the
// threads. Four rows of a layer after the other are on the same random hardware, the first of them
// the best mapping there. Best is least energy x cycles^a, where a differs from hardware to
// hardware between 1/2 and 2: in a network either may weigh more. Throws std::invalid_argument,
// with a line per layer, where a layer runs on no hardware that was drawn or has too many mappings,
// and model::Interrupted on request.
std::vector<SampledMapping> sample_best(const BestSampleRequest& request,
                                        const Monitor& monitor = {});

}  // namespace masala::search
