// What the driver's tiles take of the memories, in the words in which capacities are given.
#pragma once

#include "masala/model/target.h"

namespace masala::gemmini {

// Of the clean program: they are within the capacities of a machine exactly where its driver finds
// no legality_problems() on the hardware. Rows of the array are whole, so that a tile may take more
// than its own words, or less where factors of C and K are split differently.
// Null where the accelerator has driver_problems(), and where its memories are not double-buffered:
// there, a tile may be larger than the driver can run.
model::WordsNeeded driver_words(const model::Accelerator& accelerator);

}  // namespace masala::gemmini
