// Accelerator descriptions in code, so that tests of the model need no files.
#pragma once

#include <string_view>

#include "masala/model/accelerator.h"

namespace masala::testing {

// The same as data/accelerators/gemmini.yaml.
model::Accelerator gemmini();

// The same as data/accelerators/gemmini-rtl.yaml, without timing constants: the array is fixed,
// scratchpad and accumulator are double-buffered powers of two.
model::Accelerator gemmini_rtl();

// Three levels. Level 0 (in every PE) keeps W, I and O; level 1 keeps I and O only, with S and Q
// unrolled below it, so weights bypass it; level 2 is DRAM.
model::Accelerator eyeriss_like();

// Five levels whose operands bypass different ones, with P, R, K and C unrolled at three of them:
//   0 [I]  1 [WO], R K below  2 [I], P below  3 [WO], P C below  4 [WIO]
// Inputs go 0 <- 2 <- 4, weights and outputs 1 <- 3 <- 4. P is unrolled twice.
model::Accelerator five_level_toy();

// One of the above by the name of its function.
model::Accelerator accelerator_named(std::string_view function);

}  // namespace masala::testing
