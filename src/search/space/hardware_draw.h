// Hardware drawn at random, as the baselines and the sampler of mappings do.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "search/space/discrete_space.h"

namespace masala::search {

// A random value for every key but the fixed ones.
model::Hardware random_hardware(const model::Accelerator& accelerator,
                                const std::vector<model::FixedValue>& fixed,
                                std::mt19937_64& rng);

// True when the machine holds the smallest tiles of every layer and the area is allowed.
bool is_usable(const DiscreteSpace& space, const model::Hardware& hardware);

// Draws until the hardware is usable. Where that is too rare, a draw lowered until its area is
// allowed, or else the smallest hardware that runs the workload; nullopt where not even that is
// allowed.
std::optional<model::Hardware> draw_hardware(const DiscreteSpace& space, std::mt19937_64& rng);

}  // namespace masala::search
