// The kinds of machines that are known. Another one is a folder here and a line in targets.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "masala/model/target.h"

namespace masala::targets {

// That with drivers, and last the one that stands for every other machine.
const std::vector<const model::Target*>& all_targets();

// Nullptr for an unknown name.
const model::Target* find_target(std::string_view name);

// The target that the accelerator's description is of: its driver's where that has no problems with
// the usual program, or else the one without a driver.
const model::Target& target_of(const model::Accelerator& accelerator);

// Every reason why a program cannot be run on the accelerator, with the key path first:
// "program.driver: ...". An empty program is the driver's usual one.
std::vector<std::string> program_problems(const model::Accelerator& accelerator,
                                          const std::string& program);

// Of all targets with a driver, each name once.
std::vector<std::string> program_names();
std::vector<std::string> cache_state_names();

// The column of trace tables for a parameter: as a target calls it, or arch.NAME.
std::string trace_column(const std::string& parameter);

}  // namespace masala::targets
