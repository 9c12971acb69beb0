// Machines that are known by their description alone: no driver, no simulator; what is learned of
// them stands on the roofline.
#pragma once

#include "masala/model/target.h"

namespace masala::targets {

const model::Target& roofline_target();

}  // namespace masala::targets
