// The mapper of two-loop searches: random valid mappings, of which the best of a layer counts.
#pragma once

#include <cstdint>
#include <optional>

#include "search/space/discrete_space.h"

namespace masala::search {

// How many mappings per layer, and from which stream of random numbers.
struct RandomMapping {
  std::int64_t mappings_per_layer = 1;
  std::uint64_t seed = 0;
  std::uint64_t point = 0;  // of hardware: each draws its own mappings
  int threads = 1;          // over layers; the result does not depend on it
};

// The hardware, which must be usable, with the best mapping drawn for each layer, by the objective
// of the layer alone: layers are independent draws. Every draw counts one evaluation. nullopt when
// stopped before the end.
std::optional<DesignState> map_randomly(const DiscreteSpace& space,
                                        const model::Hardware& hardware,
                                        const RandomMapping& plan,
                                        const Monitor& monitor,
                                        EvaluationMeter& meter);

}  // namespace masala::search
