// How the rows of a table were run: with which driver program, and from which state of the caches.
#pragma once

#include <optional>
#include <string>

#include "io/csv.h"
#include "simulator/cache_state.h"
#include "simulator/driver_program.h"

namespace masala::app {

struct ChosenProgram {
  simulator::ProgramKind kind = simulator::ProgramKind::clean;
  std::string why;
};

// What was asked for. Otherwise tables of ours say which program their rows are for; those of
// FireSim runs are recognised by their columns and by the array that their generator wrote. Throws
// an InputError where a table contradicts itself.
ChosenProgram choose_program(std::optional<simulator::ProgramKind> asked, const io::CsvTable& csv);

// What the column sim.cache says; nullopt where there is none. Throws an InputError where it says
// different things.
std::optional<simulator::CacheState> cache_of(const io::CsvTable& csv);

}  // namespace masala::app
