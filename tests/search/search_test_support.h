// Small problems that the search tests share.
#pragma once

#include "masala/search/searcher.h"
#include "search/space/discrete_space.h"
#include "support/accelerators.h"
#include "support/builders.h"

namespace masala::search {

inline Problem small_problem(Objective objective = Objective::edp) {
  Problem problem;
  problem.accelerator = masala::testing::gemmini();
  problem.workload.name = "small";
  for (const char* shape : {"R3 S3 P14 Q14 C32 K64", "P64 C128 K96"}) {
    problem.workload.layers.push_back(masala::testing::layer_of(shape));
    problem.workload.layers.back().name = shape;
  }
  problem.workload.layers[0].count = 3;
  problem.objective = objective;
  problem.fixed = {{"pe_dim", 16}};
  return problem;
}

// Four starts.
SearchOptions small_options(std::uint64_t seed = 0);

// The same search twice: evaluations, history, hardware and mappings.
void expect_same(const SearchSummary& a, const SearchSummary& b, const Problem& problem);
// Mappings and hardware are what the accelerator and the problem allow.
void expect_valid(const Design& design, const Problem& problem);

// The least objective over all perfect-factor mappings, orders and buffer sizes, by enumeration:
// for tiny one-layer problems on the Gemmini template only.
double brute_force_optimum(const Problem& problem);

}  // namespace masala::search
