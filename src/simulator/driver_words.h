// What a driver's tiles take of the memories, in the words in which capacities are given.
#pragma once

#include <cstdint>
#include <functional>

#include "model/accelerator.h"
#include "model/layer.h"
#include "model/mapping.h"

namespace masala::simulator {

// Words per instance of every level that running the mapping takes, doubled for the half that loads
// the next tile meanwhile; 0 at levels that the driver does not fill.
using DriverWords = std::function<model::PerLevel<std::int64_t>(
    const model::Mapping&, const model::Layer&, const model::Machine&)>;

// Of the clean program: they are within the capacities of a machine exactly where its driver finds
// no legality_problems() on the hardware. Rows of the array are whole, so that a tile may take more
// than its own words, or less where factors of C and K are split differently.
// Empty where the accelerator's driver is not known to the simulator, and where its memories are
// not double-buffered: there, a tile may be larger than the driver can run.
DriverWords driver_words(const model::Accelerator& accelerator);

}  // namespace masala::simulator
