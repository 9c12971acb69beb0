// The programs that measured rows come from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "masala/model/measured_row.h"
#include "targets/gemmini/program/driver_program.h"

namespace masala::gemmini {

// Edge of the array that a row ran on.
std::int64_t array_dim(const model::MeasuredRow& row,
                       const model::Accelerator& accelerator,
                       ProgramKind program);

DriverProgram program_of(const model::MeasuredRow& row,
                         const model::Accelerator& accelerator,
                         ProgramKind program);

// Every reason why a row cannot have been measured with the program: a tile that does not fit the
// memories, more rows or columns than the array has, an array or a layer that the driver does not
// know.
std::vector<std::string> row_problems(const model::MeasuredRow& row,
                                      const model::Accelerator& accelerator,
                                      ProgramKind program);

}  // namespace masala::gemmini
