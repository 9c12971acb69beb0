// How the rows of a table were run: with which driver program, and from which state of the caches.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "io/csv.h"
#include "simulator/cache_state.h"
#include "simulator/driver_program.h"

namespace masala::cli {

// The values of a column that are not empty; none where the column is missing.
std::set<std::string> values_of(const io::CsvTable& csv, const char* column);

struct ChosenProgram {
  simulator::ProgramKind kind = simulator::ProgramKind::clean;
  std::string why;
};

// Tables of ours say which program their rows are for; those of FireSim runs are recognised by
// their columns and by the array that their generator wrote. Throws an InputError where a table
// contradicts itself.
ChosenProgram choose_program(const io::CsvTable& csv);

// What the column sim.cache says; nullopt where there is none. Throws an InputError where it says
// different things.
std::optional<simulator::CacheState> cache_of(const io::CsvTable& csv);

}  // namespace masala::cli
