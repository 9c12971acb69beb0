#pragma once

#include "cli/arguments.h"
#include "cli/commands.h"

namespace masala::cli {

// `masala evaluate --traces`: scores every row, appends columns, compares with a measured column.
int evaluate_traces(const Arguments& arguments, const CommonFlags& flags, const Words& command);

}  // namespace masala::cli
