#pragma once

#include <string>

#include "masala/app/compare.h"

namespace masala::cli {

// The HTML page of a comparison: what each model bought, how far its predictions are off.
std::string compare_page(const app::CompareRequest& request, const app::CompareResult& result);

}  // namespace masala::cli
