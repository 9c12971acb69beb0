// Flags that every command with a search takes.
#pragma once

#include "cli/arguments.h"
#include "search/searcher.h"

namespace masala::cli {

// --objective, --fix, --max-area-mm2; --method, --factors, --starts, --budget, --orders.
void add_problem_flags(Arguments& arguments);
void add_search_flags(Arguments& arguments);

// What they and the common flags say; accelerator, workload and latency model are left out.
search::Problem search_problem(const Arguments& arguments);
const search::Method& search_method(const Arguments& arguments);
search::SearchOptions search_options(const Arguments& arguments, const CommonFlags& flags);

}  // namespace masala::cli
