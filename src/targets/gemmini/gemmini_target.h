// Gemmini (https://github.com/ucb-bar/gemmini) as a target: a systolic array with a scratchpad and
// an accumulator, driven by hardware loops over tiles.
#pragma once

#include "masala/model/target.h"

namespace masala::gemmini {

const model::Target& target();

}  // namespace masala::gemmini
