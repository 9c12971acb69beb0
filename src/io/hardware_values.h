// Hardware values as files and flags give them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/codecs.h"
#include "masala/model/accelerator.h"
#include "masala/model/cost.h"

namespace masala::io {

// Largest parameter (the edge of an array is counted in an int) and size in KiB.
inline constexpr std::int64_t kMaxHardwareValue = (std::int64_t{1} << 31) - 1;
// Largest size in words.
inline constexpr std::int64_t kMaxWords = std::int64_t{1} << 40;

// A value for every hardware key of the accelerator; keys that only one of the two has are reported
// together.
Codec<model::Hardware> hardware_values(const model::Accelerator& accelerator);

// Throws an InputError for a key that the accelerator has not, or a value out of range.
void set_fixed_values(const model::Accelerator& accelerator,
                      const std::vector<model::FixedValue>& fixed,
                      model::Hardware& hardware);

// "pes 8 in place of 16, ...": the values that differ, empty where none do.
std::string changed_values(const model::Accelerator& accelerator,
                           const model::Hardware& from,
                           const model::Hardware& to);

}  // namespace masala::io
