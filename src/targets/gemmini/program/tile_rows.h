// How many rows of the scratchpad and of the accumulator a program's tile takes, and half of the
// memories offers (the other half loads the next tile meanwhile).
#pragma once

#include "targets/gemmini/program/driver_program.h"

namespace masala::gemmini {

// Doubles: exact below 2^53, and no layer overflows them.
struct TileRows {
  double inputs = 0.0;
  double weights = 0.0;
  double outputs = 0.0;  // in the accumulator
};
TileRows tile_rows(const DriverProgram& program);

struct HalfRows {
  double scratchpad = 0.0;   // rows of dim bytes
  double accumulator = 0.0;  // rows of dim 32-bit words
};
HalfRows half_rows(std::int64_t dim, double scratchpad_kib, double accumulator_kib);

bool fits(const TileRows& rows, const HalfRows& half);

}  // namespace masala::gemmini
