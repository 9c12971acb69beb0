// Hardware values as files and flags give them: their limits, and overriding some by key.
#pragma once

#include <cstdint>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/cost.h"

namespace masala::io {

// Largest parameter (the edge of an array is counted in an int) and size in KiB.
inline constexpr std::int64_t kMaxHardwareValue = (std::int64_t{1} << 31) - 1;

// Throws an InputError for a key that the accelerator has not, or a value out of range.
void set_fixed_values(const model::Accelerator& accelerator,
                      const std::vector<model::FixedValue>& fixed,
                      model::Hardware& hardware);

}  // namespace masala::io
