#pragma once

#include <vector>

#include "model/accelerator.h"
#include "model/cost.h"

namespace masala::cli {

// Refuses unknown keys of --fix, and values that are no size at all. Any size may be evaluated and
// simulated, also one that search would not try.
void check_fixed(const std::vector<model::FixedValue>& fixed,
                 const model::Accelerator& accelerator);

}  // namespace masala::cli
