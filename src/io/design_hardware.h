// The hardware of a design file.
#pragma once

#include <string>

#include "io/field_reader.h"
#include "masala/model/accelerator.h"

namespace masala::io {

// A value for every hardware key of the accelerator; keys that only one of the two has are reported
// together.
model::Hardware read_design_hardware(const Field& field, const model::Accelerator& accelerator);

// "pes 8 in place of 16, ...": the values that differ, empty where none do.
std::string changed_values(const model::Accelerator& accelerator,
                           const model::Hardware& from,
                           const model::Hardware& to);

}  // namespace masala::io
