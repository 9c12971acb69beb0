// The C program that runs a layer on Gemmini: DRAM loops over tiles, one hardware-loop call each.
//
// Dimensions keep the letters of the mapping: P output columns, Q output rows, R kernel columns,
// S kernel rows, C input channels, K output channels, N batches. A matrix multiply is I = P rows,
// J = K columns, K = C reduction.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::gemmini {

// measured: the driver of the published FireSim measurements, bug for bug. clean: the same hardware
// driven correctly. docs/simulator.md lists the differences.
enum class ProgramKind { measured, clean };

std::string_view name(ProgramKind kind);
// Throws std::invalid_argument for an unknown name.
ProgramKind program_of_name(std::string_view name);

// Tile sizes in elements and the order of the DRAM loops, before a driver interprets them.
struct Tiling {
  model::PerDim<std::int64_t> tile = model::filled<std::int64_t>(1);
  std::array<model::Dim, model::kNumDims> inner_to_outer = model::kAllDims;
};

// A program ready to run.
struct DriverProgram {
  ProgramKind kind = ProgramKind::clean;
  bool is_matmul = false;
  std::int64_t dim = 16;  // the array is dim x dim

  // Loop limits and tile sizes in elements (matmul tiles are multiples of dim); the trip count of a
  // DRAM loop is ceil(limit / tile), the last tile is clipped.
  model::PerDim<std::int64_t> limit = model::filled<std::int64_t>(1);
  model::PerDim<std::int64_t> tile = model::filled<std::int64_t>(1);
  std::array<model::Dim, model::kNumDims> inner_to_outer = model::kAllDims;

  // Convolutions: the stored image and how outputs map to it.
  std::int64_t image_columns = 1;
  std::int64_t image_rows = 1;
  std::int64_t stride_w = 1;
  std::int64_t stride_h = 1;
  std::int64_t dilation_w = 1;
  std::int64_t dilation_h = 1;
  std::int64_t padding = 0;

  // clean: C is stored at each visit and reloaded at the next; measured: stored once, at the last
  // reduction step.
  bool spills_partial_sums = false;

  std::int64_t trips(model::Dim d) const { return (limit[d] + tile[d] - 1) / tile[d]; }
  std::int64_t num_tiles() const;
  double macs() const;  // that it really makes
};

// The tiling that a mapping means to the given driver: everything at or below the accumulator level
// plus the scratchpad level's spatial factors (clean: also its temporal ones and level 0's N); the
// order of the outermost loops, innermost first, missing dimensions appended as the driver does.
Tiling tiling_of(const model::Mapping& mapping, const model::Layer& layer, ProgramKind kind);

// The array that a row of the measured program ran on: the smallest power of two >= max(2, spatial
// factors), if `mesh` is the generator's 128; otherwise `mesh`.
std::int64_t measured_array_dim(const model::Mapping& mapping, std::int64_t mesh);

DriverProgram make_program(const Tiling& tiling,
                           const model::Layer& layer,
                           std::int64_t dim,
                           ProgramKind kind);

// Gemmini's own tiler (tiled_conv_auto, tiled_matmul_auto) for double-buffered memories of the
// given sizes. `kind` is the driver that calls it: the measured one asks for the problem it runs
// (square, one output more with even kernels; its matrix blocks are 16 rows: dim 16 only). Throws
// std::invalid_argument when no tile fits.
struct DefaultTiling {
  Tiling tiling;
  std::int64_t size_checks = 0;  // evaluations of the size function (runs on the CPU, timed)
};
DefaultTiling default_tiling(const model::Layer& layer,
                             std::int64_t dim,
                             double scratchpad_kib,
                             double accumulator_kib,
                             ProgramKind kind = ProgramKind::clean);

// The tiling as a mapping of the accelerator: imperfect factors where it does not divide the layer,
// and tiles of C and K up to dim - 1 shorter where it is no multiple of the array.
model::Mapping mapping_of(const Tiling& tiling,
                          const model::Layer& layer,
                          const model::Accelerator& accelerator,
                          std::int64_t dim);

// Every reason why the program's tile does not fit half of the scratchpad or accumulator.
std::vector<std::string> legality_problems(const DriverProgram& program,
                                           double scratchpad_kib,
                                           double accumulator_kib);

// True when a tile lies wholly in the zero padding, so that the driver's unsigned 16-bit row or
// column count wraps (measured program only).
bool wraps(const DriverProgram& program);

}  // namespace masala::gemmini
