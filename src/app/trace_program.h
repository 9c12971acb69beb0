// How the rows of a table were run: with which driver program, and from which state of the caches.
#pragma once

#include <optional>
#include <string>

#include "masala/io/csv.h"
#include "masala/model/target.h"

namespace masala::app {

// What was asked for. Otherwise tables of ours say which program their rows are for; the
// target recognises others. Throws
// an InputError where a table contradicts itself.
model::RecognisedProgram choose_program(const std::optional<std::string>& asked,
                                        const model::Target& target,
                                        const io::CsvTable& csv);

// What the column sim.cache says; nullopt where there is none. Throws an InputError where it says
// different things.
std::optional<std::string> cache_of(const model::Target& target, const io::CsvTable& csv);

}  // namespace masala::app
