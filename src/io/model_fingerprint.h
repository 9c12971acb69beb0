// What of an accelerator a latency model depends on.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "masala/model/accelerator.h"

namespace masala::io {

// Of an accelerator, what a latency model was fitted to: levels, what they keep, spatial
// dimensions, bandwidths and the program section; not ranges, sizes or the array's edge.
nlohmann::ordered_json fingerprint(const model::Accelerator& accelerator);

// Path of the first difference of two fingerprints, and both values; empty where there is none.
std::string fingerprint_difference(const nlohmann::ordered_json& trained,
                                   const nlohmann::ordered_json& given);

}  // namespace masala::io
