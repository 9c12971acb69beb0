#include "targets/gemmini/program/driver_program.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "model/operand_tile.h"

namespace masala::gemmini {
namespace {

using model::Dim;
using model::Layer;

// The generator of the measured mappings describes this array; the rows ran on smaller ones.
constexpr std::int64_t kGeneratorMesh = 128;
constexpr std::int64_t kSmallestArray = 2;

// The measured driver counts matrix blocks as T >> 4, whatever the array.
constexpr int kMeasuredBlockShift = 4;

std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Rows, columns and reduction of a matrix multiply. Batches share the weights, so a correct driver
// runs N x P rows at once; the measured one knows P rows only.
void set_matmul_problem(DriverProgram& program, const Layer& layer) {
  const std::int64_t batches =
      program.kind == ProgramKind::clean ? layer.bounds[Dim::N] : std::int64_t{1};
  program.limit[Dim::P] = batches * layer.bounds[Dim::P];
  program.limit[Dim::C] = layer.bounds[Dim::C];
  program.limit[Dim::K] = layer.bounds[Dim::K];
}

// The measured driver takes one output size and one kernel size, of P and R, for both axes.
void set_measured_convolution(DriverProgram& program, const Layer& layer) {
  const std::int64_t kernel = layer.bounds[Dim::R];
  const std::int64_t stride = layer.stride_w;
  const std::int64_t image = layer.bounds[Dim::P] * stride;
  program.padding = kernel / 2;
  const std::int64_t output = (image + 2 * program.padding - kernel) / stride + 1;
  program.limit = layer.bounds;
  program.limit[Dim::P] = program.limit[Dim::Q] = output;
  program.limit[Dim::R] = program.limit[Dim::S] = kernel;
  program.image_columns = program.image_rows = image;
  program.stride_w = program.stride_h = stride;
}

void set_clean_convolution(DriverProgram& program, const Layer& layer) {
  program.limit = layer.bounds;
  program.stride_w = layer.stride_w;
  program.stride_h = layer.stride_h;
  program.dilation_w = layer.dilation_w;
  program.dilation_h = layer.dilation_h;
  program.image_columns = model::input_width(layer.bounds, layer);
  program.image_rows = model::input_height(layer.bounds, layer);
}

void set_matmul_tile(DriverProgram& program, const Tiling& tiling) {
  const bool clean = program.kind == ProgramKind::clean;
  for (Dim d : {Dim::P, Dim::C, Dim::K}) {
    std::int64_t tile = tiling.tile[d];
    if (d == Dim::P && clean) tile *= tiling.tile[Dim::N];
    const std::int64_t measured_blocks = std::max<std::int64_t>(1, tile >> kMeasuredBlockShift);
    tile = clean ? round_up(tile, program.dim) : measured_blocks * program.dim;
    program.tile[d] = std::min(tile, round_up(program.limit[d], program.dim));
  }
}

void set_convolution_tile(DriverProgram& program, const Tiling& tiling) {
  for (Dim d : model::kAllDims) program.tile[d] = std::min(tiling.tile[d], program.limit[d]);
}

// The row loop of a matmul that merges N and P stands where the mapping has the loop that runs.
void merge_batch_loop(DriverProgram& program, const Tiling& tiling, const Layer& layer) {
  if (layer.bounds[Dim::N] == tiling.tile[Dim::N]) return;
  if (layer.bounds[Dim::P] > tiling.tile[Dim::P]) return;
  auto& order = program.inner_to_outer;
  std::iter_swap(std::find(order.begin(), order.end(), Dim::P),
                 std::find(order.begin(), order.end(), Dim::N));
}

bool reduces_outside_an_output_loop(const DriverProgram& program) {
  bool output_inside = false;
  for (Dim d : program.inner_to_outer) {
    if (program.trips(d) == 1) continue;
    if (model::is_indexed_by(model::Operand::outputs, d)) {
      output_inside = true;
    } else if (output_inside) {
      return true;
    }
  }
  return false;
}

// Whether the unpadded extent n - max(0, -i0) - max(0, i0 + n - image) of some tile is negative.
// A tile starts at input i0 = output * stride + tap - padding and reads n inputs; the extent is
// negative when it ends before the image or starts after it: the extreme tiles decide.
bool some_tile_misses_the_image(
    const DriverProgram& program, Dim output, Dim tap, std::int64_t stride, std::int64_t image) {
  const std::int64_t first_end =
      program.tile[output] * stride + program.tile[tap] - 1 - program.padding;
  const std::int64_t last_start = (program.trips(output) - 1) * program.tile[output] * stride +
                                  (program.trips(tap) - 1) * program.tile[tap] - program.padding;
  return first_end < 0 || last_start > image;
}

}  // namespace

std::string_view name(ProgramKind kind) {
  return kind == ProgramKind::measured ? "measured" : "clean";
}

ProgramKind program_of_name(std::string_view name) {
  for (ProgramKind kind : {ProgramKind::measured, ProgramKind::clean}) {
    if (gemmini::name(kind) == name) return kind;
  }
  throw std::invalid_argument("unknown driver program: " + std::string(name));
}

std::int64_t DriverProgram::num_tiles() const {
  std::int64_t tiles = 1;
  for (Dim d : model::kAllDims) {
    if (__builtin_mul_overflow(tiles, trips(d), &tiles)) {
      return std::numeric_limits<std::int64_t>::max();
    }
  }
  return tiles;
}

double DriverProgram::macs() const {
  double macs = 1.0;
  for (std::int64_t bound : limit.values) macs *= static_cast<double>(bound);
  return macs;
}

std::int64_t measured_array_dim(const model::Mapping& mapping, std::int64_t mesh) {
  if (mesh != kGeneratorMesh) return mesh;
  std::int64_t needed = kSmallestArray;
  for (int l = 0; l < mapping.num_levels; ++l) {
    for (std::int64_t factor : mapping.levels[l].spatial.values) needed = std::max(needed, factor);
  }
  std::int64_t dim = kSmallestArray;
  while (dim < needed) dim *= 2;
  return dim;
}

DriverProgram make_program(const Tiling& tiling,
                           const Layer& layer,
                           std::int64_t dim,
                           ProgramKind kind) {
  if (dim < 1)
    throw std::invalid_argument("an array needs at least one row; got " + std::to_string(dim));
  DriverProgram program;
  program.kind = kind;
  program.is_matmul = layer.is_matmul();
  program.dim = dim;
  program.inner_to_outer = tiling.inner_to_outer;
  if (program.is_matmul) {
    set_matmul_problem(program, layer);
    set_matmul_tile(program, tiling);
    if (kind == ProgramKind::clean) merge_batch_loop(program, tiling, layer);
  } else {
    if (kind == ProgramKind::measured) {
      set_measured_convolution(program, layer);
    } else {
      set_clean_convolution(program, layer);
    }
    set_convolution_tile(program, tiling);
  }
  program.spills_partial_sums =
      kind == ProgramKind::clean && reduces_outside_an_output_loop(program);
  return program;
}

bool wraps(const DriverProgram& program) {
  if (program.is_matmul || program.kind == ProgramKind::clean) return false;
  return some_tile_misses_the_image(
             program, Dim::P, Dim::R, program.stride_w, program.image_columns) ||
         some_tile_misses_the_image(program, Dim::Q, Dim::S, program.stride_h, program.image_rows);
}

}  // namespace masala::gemmini
