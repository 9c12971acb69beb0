#include <cmath>
#include <cstdio>
#include <string>

#include "targets/gemmini/machine.h"
#include "targets/gemmini/program/tile_rows.h"

namespace masala::gemmini {
namespace {

using model::Dim;

constexpr double kBytesPerKib = 1024.0;

double blocks(std::int64_t words, std::int64_t dim) {
  return static_cast<double>((words + dim - 1) / dim);
}

// Input positions along one axis; the hardware counts one too many per output where stride > 1.
double input_extent(std::int64_t outputs,
                    std::int64_t taps,
                    std::int64_t stride,
                    std::int64_t dilation) {
  return static_cast<double>(outputs) * static_cast<double>(stride) +
         static_cast<double>(taps - 1) * static_cast<double>(dilation);
}

TileRows matmul_rows(const DriverProgram& program) {
  const double i = blocks(program.tile[Dim::P], program.dim);
  const double j = blocks(program.tile[Dim::K], program.dim);
  const double k = blocks(program.tile[Dim::C], program.dim);
  return {i * k * program.dim, k * j * program.dim, i * j * program.dim};
}

TileRows convolution_rows(const DriverProgram& program) {
  const auto tile = [&](Dim d) { return static_cast<double>(program.tile[d]); };
  const double input_blocks = blocks(program.tile[Dim::C], program.dim);
  const double output_blocks = blocks(program.tile[Dim::K], program.dim);
  const double input_columns = input_extent(
      program.tile[Dim::P], program.tile[Dim::R], program.stride_w, program.dilation_w);
  const double input_rows = input_extent(
      program.tile[Dim::Q], program.tile[Dim::S], program.stride_h, program.dilation_h);
  return {input_blocks * tile(Dim::N) * input_rows * input_columns,
          output_blocks * tile(Dim::R) * tile(Dim::S) * tile(Dim::C),
          output_blocks * tile(Dim::N) * tile(Dim::Q) * tile(Dim::P)};
}

// "4096", "0.5", "1.04858e+06": without trailing zeros.
std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, std::floor(value) == value ? "%.0f" : "%g", value);
  return text;
}

std::string offer(double half, double kib) {
  return "; expected at most " + text_of(half) + ", half of " + text_of(kib) + " KiB";
}

}  // namespace

TileRows tile_rows(const DriverProgram& program) {
  return program.is_matmul ? matmul_rows(program) : convolution_rows(program);
}

HalfRows half_rows(std::int64_t dim, double scratchpad_kib, double accumulator_kib) {
  const double scratchpad = std::floor(scratchpad_kib * kBytesPerKib / dim);
  const double accumulator =
      std::floor(accumulator_kib * kBytesPerKib / (static_cast<double>(kSumBytes * dim)));
  return {std::floor(scratchpad / 2), std::floor(accumulator / 2)};
}

bool fits(const TileRows& rows, const HalfRows& half) {
  return rows.inputs + rows.weights <= half.scratchpad && rows.outputs <= half.accumulator;
}

std::vector<std::string> legality_problems(const DriverProgram& program,
                                           double scratchpad_kib,
                                           double accumulator_kib) {
  const TileRows rows = tile_rows(program);
  const HalfRows half = half_rows(program.dim, scratchpad_kib, accumulator_kib);
  std::vector<std::string> problems;
  if (rows.inputs + rows.weights > half.scratchpad) {
    problems.push_back("the tile needs " + text_of(rows.inputs + rows.weights) +
                       " scratchpad rows (inputs " + text_of(rows.inputs) + ", weights " +
                       text_of(rows.weights) + ")" + offer(half.scratchpad, scratchpad_kib));
  }
  if (rows.outputs > half.accumulator) {
    problems.push_back("the tile needs " + text_of(rows.outputs) + " accumulator rows" +
                       offer(half.accumulator, accumulator_kib));
  }
  return problems;
}

}  // namespace masala::gemmini
