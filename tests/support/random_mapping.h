// Small random layers and mappings for property tests.
#pragma once

#include <cstdint>
#include <random>

#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::testing {

// Bounds 1 to `max_bound` (at most `max_macs` MACs), strides and dilations 1 to 3.
model::Layer random_layer(std::mt19937_64& rng, std::int64_t max_macs, int max_bound = 6);

// Every prime factor of every bound at a random level, temporal, or spatial where the machine has
// room; random orders. Tiles fit too: a draw that does not is discarded.
model::Mapping random_mapping(const model::Layer& layer,
                              const model::Accelerator& accelerator,
                              const model::Machine& machine,
                              std::mt19937_64& rng);

// The same without the capacity check, which counting does not depend on.
model::Mapping random_factorisation(const model::Layer& layer,
                                    const model::Machine& machine,
                                    std::mt19937_64& rng);

// Ceil tiling: factors drawn from the inside out, none larger than what its place has work for.
// Most draws have a dimension whose factors multiply to more than its bound. Capacities are not
// checked.
model::Mapping random_ceil_tiling(const model::Layer& layer,
                                  const model::Machine& machine,
                                  std::mt19937_64& rng);

}  // namespace masala::testing
