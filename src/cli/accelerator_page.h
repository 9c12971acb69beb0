#pragma once

#include <string>

#include "masala/app/inputs.h"

namespace masala::cli {

// "2-128", "16-4096 (2^n)" or "16".
std::string range_text(const model::Range& range);

// What an accelerator file says: hardware values and their ranges, levels, loops that search may
// use.
std::string accelerator_page(const model::Accelerator& accelerator, bool as_json);

}  // namespace masala::cli
