#pragma once

#include <string>

#include "masala/app/search.h"

namespace masala::cli {

// The HTML page of a found design: what it costs and where, how the search went.
std::string search_page(const app::SearchResult& result);

}  // namespace masala::cli
