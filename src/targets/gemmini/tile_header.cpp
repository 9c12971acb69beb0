#include "targets/gemmini/tile_header.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "targets/gemmini/program/layer_run.h"

namespace masala::gemmini {
namespace {

using model::Dim;

const DriverProgram& program_of(const model::ExportedRun& run) {
  return static_cast<const GemminiRun&>(*run.run).program;
}

// "CRSKPQN": the driver's loops over tiles, innermost first.
std::string loops_of(const DriverProgram& program) {
  std::string text;
  for (Dim dim : program.inner_to_outer) text += model::name(dim);
  return text;
}

// A C string literal without escapes: layer names are for people.
std::string literal(std::string text) {
  std::replace_if(
      text.begin(),
      text.end(),
      [](unsigned char c) { return c == '"' || c == '\\' || std::iscntrl(c) != 0; },
      '_');
  return '"' + text + '"';
}

std::string conv_line(const model::ExportedRun& run) {
  const DriverProgram& p = program_of(run);
  return fmt::format("  {{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, \"{}\"}},\n",
                     literal(run.layer),
                     run.row,
                     p.dim,
                     p.tile[Dim::N],
                     p.tile[Dim::Q],
                     p.tile[Dim::P],
                     p.tile[Dim::K],
                     p.tile[Dim::S],
                     p.tile[Dim::R],
                     p.tile[Dim::C],
                     loops_of(p));
}

std::string matmul_line(const model::ExportedRun& run) {
  const DriverProgram& p = program_of(run);
  const auto blocks = [&](Dim dim) { return (p.tile[dim] + p.dim - 1) / p.dim; };
  return fmt::format("  {{{}, {}, {}, {}, {}, {}, \"{}\"}},\n",
                     literal(run.layer),
                     run.row,
                     p.dim,
                     blocks(Dim::P),
                     blocks(Dim::K),
                     blocks(Dim::C),
                     loops_of(p));
}

constexpr const char* kPreamble =
    R"(// Tile sizes of mappings of {0}, to pass to Gemmini's tiled_conv and tiled_matmul
// (gemmini.h of gemmini-rocc-tests). Written by masala sample.
//
// row: of the sampled table, from 1. dim: width of the array that the row is for (DIM).
// loops: order of the loops over tiles, innermost first; tiled_conv and tiled_matmul as published
// have a fixed order and ignore it.
#pragma once

// In elements, in the order of tiled_conv's arguments.
struct masala_conv_tiles {{
  const char* layer;
  int row, dim;
  int batches, orows, ocols, ochs, krows, kcols, kchs;
  const char* loops;
}};

// In units of dim, in the order of tiled_matmul's arguments: rows of the output, its columns, and
// the reduction.
struct masala_matmul_tiles {{
  const char* layer;
  int row, dim;
  int tile_I, tile_J, tile_K;
  const char* loops;
}};
)";

}  // namespace

std::string tile_header(const std::string& workload,
                        const std::string& identifier,
                        const std::vector<model::ExportedRun>& runs) {
  std::string convolutions;
  std::string matmuls;
  for (const model::ExportedRun& run : runs) {
    if (program_of(run).is_matmul) {
      matmuls += matmul_line(run);
    } else {
      convolutions += conv_line(run);
    }
  }
  std::string text = fmt::format(kPreamble, workload);
  // C has no arrays without elements.
  if (!convolutions.empty()) {
    text += fmt::format("\nstatic const struct masala_conv_tiles {}_conv[] = {{\n{}}};\n",
                        identifier,
                        convolutions);
  }
  if (!matmuls.empty()) {
    text += fmt::format(
        "\nstatic const struct masala_matmul_tiles {}_matmul[] = {{\n{}}};\n", identifier, matmuls);
  }
  return text;
}

}  // namespace masala::gemmini
