// Flags that every command with a search or a latency model takes.
#pragma once

#include "cli/arguments.h"
#include "masala/app/search.h"

namespace masala::cli {

// --objective, --fix, --max-area-mm2; --model, --caution; --method, --factors, --starts, --budget.
void add_problem_flags(Arguments& arguments);
void add_model_flags(Arguments& arguments);
void add_search_flags(Arguments& arguments);

// What they say. `uses_model`: whether any latency model tells how sure it is; --caution and
// --model are refused where none does.
app::SearchSettings search_settings(const Arguments& arguments, bool uses_model);

// --latency with --model, `otherwise` where it is not given. --model is refused with the roofline.
app::LatencyChoice latency_choice(const Arguments& arguments, const std::string& otherwise);

}  // namespace masala::cli
