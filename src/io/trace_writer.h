// Mappings as rows of a trace table, which read_traces() takes back with the same layer, hardware
// and mapping.
#pragma once

#include <string>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::io {

// mapping.mapping, prob.*, and arch.*: each parameter (under the name that its target gives it),
// each sized level in KiB and, as measured tables have it, its words, rows and row width per
// instance.
std::vector<std::string> trace_columns(const model::Accelerator& accelerator);
std::vector<std::string> trace_cells(const model::Mapping& mapping,
                                     const model::Layer& layer,
                                     const model::Hardware& hardware,
                                     const model::Accelerator& accelerator);

}  // namespace masala::io
