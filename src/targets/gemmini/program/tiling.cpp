// Between mappings and the driver's tilings.
//
// The level indices are Gemmini's: the hardware loop runs what lies at or below the accumulator,
// the driver's loops over tiles are the outermost level's.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "targets/gemmini/machine.h"
#include "targets/gemmini/program/driver_program.h"

namespace masala::gemmini {
namespace {

using model::Dim;
using model::Mapping;

constexpr int kGemminiLevels = static_cast<int>(kLevelNames.size());

// In which the driver appends the loops that a mapping does not name, inner to outer.
constexpr std::array<Dim, model::kNumDims> kAppended = {
    Dim::C, Dim::R, Dim::S, Dim::K, Dim::P, Dim::Q, Dim::N};

void expect_gemmini_levels(int num_levels) {
  if (num_levels == kGemminiLevels) return;
  throw std::invalid_argument(
      "a Gemmini program needs the levels registers, accumulator, "
      "scratchpad and dram; got " +
      std::to_string(num_levels) + " levels");
}

std::int64_t tile_of(const Mapping& mapping, Dim dim, ProgramKind kind) {
  const auto& levels = mapping.levels;
  std::int64_t tile = levels[kRegisters].spatial[dim] * levels[kAccumulator].temporal[dim] *
                      levels[kAccumulator].spatial[dim] * levels[kScratchpad].spatial[dim];
  const bool clean = kind == ProgramKind::clean;
  if (dim != Dim::N || clean) tile *= levels[kRegisters].temporal[dim];
  if (clean) tile *= levels[kScratchpad].temporal[dim];
  return tile;
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

// Loop factors cannot say that the last block of a tile is narrower: all get the same width, at
// most the mean, so that the tile still fits; the one tile of a whole layer is clipped by it.
std::int64_t block_width(std::int64_t tile, std::int64_t blocks, std::int64_t bound) {
  return tile == bound ? ceil_div(tile, blocks) : tile / blocks;
}

}  // namespace

Tiling tiling_of(const Mapping& mapping, const model::Layer& layer, ProgramKind kind) {
  expect_gemmini_levels(mapping.num_levels);
  Tiling tiling;
  for (Dim dim : model::kAllDims) {
    tiling.tile[dim] = std::min(tile_of(mapping, dim, kind), layer.bounds[dim]);
  }
  const model::LevelMapping& outermost = mapping.levels[kDram];
  auto next = tiling.inner_to_outer.begin();
  // A loop of bound 1 is as good as not named: a mapping keeps it outermost, in a canonical order.
  for (auto dim = outermost.order.rbegin(); dim != outermost.order.rend(); ++dim) {
    if (outermost.temporal[*dim] > 1) *next++ = *dim;
  }
  for (Dim dim : kAppended) {
    if (outermost.temporal[dim] == 1) *next++ = dim;
  }
  return tiling;
}

Mapping mapping_of(const Tiling& tiling,
                   const model::Layer& layer,
                   const model::Accelerator& accelerator,
                   std::int64_t dim) {
  expect_gemmini_levels(accelerator.num_levels());
  Mapping mapping;
  mapping.num_levels = kGemminiLevels;
  model::PerLevel<model::LevelMapping>& levels = mapping.levels;
  for (Dim d : model::kAllDims) {
    const std::int64_t bound = layer.bounds[d];
    // A tile of whole array blocks may be longer than the layer.
    std::int64_t tile = std::min(tiling.tile[d], bound);
    if (d == Dim::C || d == Dim::K) {
      const std::int64_t blocks = ceil_div(tile, dim);
      const std::int64_t spatial = block_width(tile, blocks, bound);
      levels[d == Dim::C ? kAccumulator : kScratchpad].spatial[d] = spatial;
      levels[kAccumulator].temporal[d] = blocks;
      tile = blocks * spatial;
    } else {
      levels[kAccumulator].temporal[d] = tile;
    }
    levels[kDram].temporal[d] = ceil_div(bound, tile);
  }
  // Weights stay in the array while N, Q and P run.
  levels[kAccumulator].order = {Dim::R, Dim::S, Dim::C, Dim::K, Dim::N, Dim::Q, Dim::P};
  std::reverse_copy(
      tiling.inner_to_outer.begin(), tiling.inner_to_outer.end(), levels[kDram].order.begin());
  return mapping;
}

}  // namespace masala::gemmini
