#pragma once

#include <string>

#include "io/design_json.h"
#include "search/searcher.h"

namespace masala::cli {

// The HTML page of a search: what was found, where energy and cycles go, how the search went.
std::string search_page(const io::DesignFile& file,
                        const search::Design& design,
                        const search::Problem& problem);

}  // namespace masala::cli
