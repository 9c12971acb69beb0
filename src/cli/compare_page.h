#pragma once

#include <string>

#include "cli/compare_request.h"
#include "compare/comparison.h"

namespace masala::cli {

// The HTML page of a comparison: what each model bought, how far its predictions are off.
std::string compare_page(const CompareRequest& request, const compare::Comparison& comparison);

}  // namespace masala::cli
