// Gemmini's own tiler: tiled_conv_auto shrinks the whole layer until it fits and then grows what it
// can; tiled_matmul_auto starts from square output tiles and grows.
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

#include "targets/gemmini/program/tile_rows.h"

namespace masala::gemmini {
namespace {

using model::Dim;
using model::Layer;
using model::PerDim;

constexpr std::array<Dim, model::kNumDims> kConvolutionOrder = {
    Dim::C, Dim::R, Dim::S, Dim::K, Dim::P, Dim::Q, Dim::N};
constexpr std::array<Dim, model::kNumDims> kMatmulOrder = {
    Dim::C, Dim::K, Dim::P, Dim::Q, Dim::R, Dim::S, Dim::N};

// The tiler's argument list: on a tie the first shrinks, and they grow in this order.
constexpr std::array<Dim, model::kNumDims> kArguments = {
    Dim::N, Dim::Q, Dim::P, Dim::K, Dim::S, Dim::R, Dim::C};

bool is_channel(Dim d) {
  return d == Dim::C || d == Dim::K;
}

[[noreturn]] void throw_too_small(const DriverProgram& smallest, const HalfRows& half) {
  const TileRows rows = tile_rows(smallest);
  const auto text = [](double value) { return std::to_string(static_cast<std::int64_t>(value)); };
  throw std::invalid_argument("no tile fits the memories: the smallest needs " +
                              text(rows.inputs + rows.weights) + " scratchpad and " +
                              text(rows.outputs) + " accumulator rows; half of them offers " +
                              text(half.scratchpad) + " and " + text(half.accumulator));
}

class ConvolutionTiler {
 public:
  // `problem`: limits and strides of the layer; its tile is where the search stands.
  ConvolutionTiler(const DriverProgram& problem, const HalfRows& half)
      : program_(problem), half_(half) {}

  DefaultTiling run() {
    shrink();
    while (grow(Dim::P)) {
    }
    for (bool grown = true; grown;) {
      grown = false;
      for (Dim d : kArguments) grown |= grow(d);
    }
    return {{program_.tile, kConvolutionOrder}, size_checks_};
  }

 private:
  bool tile_fits() const { return fits(tile_rows(program_), half_); }

  // The tiler calls its size function once for the scratchpad, once for the accumulator.
  bool check() {
    size_checks_ += 2;
    return tile_fits();
  }

  void shrink() {
    program_.tile = program_.limit;
    if (check()) return;
    skip_to_small_arguments();
    do {
      const Dim largest = largest_argument();
      if (program_.tile[largest] == 1) throw_too_small(program_, half_);
      program_.tile[largest] = next_lower(largest);
    } while (!check());
  }

  // Columns up to the array's width are kept while there are rows to give up.
  Dim largest_argument() const {
    Dim largest = Dim::Q;
    std::int64_t size = 0;
    for (Dim d : kArguments) {
      const bool keep =
          d == Dim::P && program_.tile[d] <= program_.dim && program_.tile[Dim::Q] > 1;
      if (keep || program_.tile[d] <= size) continue;
      largest = d;
      size = program_.tile[d];
    }
    return largest;
  }

  std::int64_t next_lower(Dim d) const {
    const std::int64_t size = program_.tile[d];
    if (!is_channel(d)) return size - 1;
    return std::max<std::int64_t>(1, (size - 1) / program_.dim * program_.dim);
  }

  // The arguments as they are when shrinking the largest has brought all of them down to `cap`,
  // a multiple of the array's width.
  PerDim<std::int64_t> capped(std::int64_t cap) const {
    PerDim<std::int64_t> tile = program_.limit;
    for (std::int64_t& size : tile.values) size = std::min(size, cap);
    return tile;
  }

  // Shrinking passes through the capped states in order and the first that fits ends it, so a
  // layer of billions goes to the last one known not to fit at once.
  void skip_to_small_arguments() {
    const std::int64_t dim = program_.dim;
    const auto largest =
        *std::max_element(program_.limit.values.begin(), program_.limit.values.end());
    const auto cap_fits = [&](std::int64_t blocks) {
      program_.tile = capped(blocks * dim);
      return tile_fits();
    };
    std::int64_t fitting = 0;  // blocks; 0 stands for nothing
    std::int64_t too_large = (largest + dim - 1) / dim;
    while (too_large - fitting > 1) {
      const std::int64_t middle = fitting + (too_large - fitting) / 2;
      (cap_fits(middle) ? fitting : too_large) = middle;
    }
    program_.tile = capped(too_large * dim);
    for (Dim d : kArguments) {
      const std::int64_t removed = program_.limit[d] - program_.tile[d];
      size_checks_ += 2 * (is_channel(d) ? (removed + dim - 1) / dim : removed);
    }
  }

  bool grow(Dim d) {
    if (program_.tile[d] == program_.limit[d]) return false;
    ++program_.tile[d];
    if (check()) return true;
    --program_.tile[d];
    return false;
  }

  DriverProgram program_;
  HalfRows half_;
  std::int64_t size_checks_ = 0;
};

class MatmulTiler {
 public:
  MatmulTiler(const DriverProgram& problem, const HalfRows& half)
      : program_(problem), half_(half) {}

  // Its few size checks cost nothing next to the layer and are not counted.
  DefaultTiling run() {
    set_blocks(1, 1);
    if (!fits(tile_rows(program_), half_)) throw_too_small(program_, half_);
    const auto operand_blocks = whole_blocks(half_.scratchpad / 2);
    const auto output_blocks = whole_blocks(half_.accumulator);
    // With an accumulator that is large for the scratchpad Gemmini's tiles come out 0 deep: here
    // they are 1 deep and narrow enough to fit.
    const auto side = std::min(
        static_cast<std::int64_t>(std::sqrt(static_cast<double>(output_blocks))), operand_blocks);
    set_blocks(side, operand_blocks / side);
    for (bool grown = true; grown;) {
      grown = false;
      for (Dim d : {Dim::K, Dim::P, Dim::C}) grown |= grow(d);
    }
    return {{program_.tile, kMatmulOrder}, 0};
  }

 private:
  std::int64_t whole_blocks(double rows) const {
    return static_cast<std::int64_t>(rows) / program_.dim;
  }

  std::int64_t padded_limit(Dim d) const {
    return (program_.limit[d] + program_.dim - 1) / program_.dim * program_.dim;
  }

  void set_blocks(std::int64_t side, std::int64_t depth) {
    const std::int64_t dim = program_.dim;
    program_.tile[Dim::P] = std::min(side * dim, padded_limit(Dim::P));
    program_.tile[Dim::K] = std::min(side * dim, padded_limit(Dim::K));
    program_.tile[Dim::C] = std::min(depth * dim, padded_limit(Dim::C));
  }

  bool grow(Dim d) {
    if (program_.tile[d] == padded_limit(d)) return false;
    program_.tile[d] += program_.dim;
    if (fits(tile_rows(program_), half_)) return true;
    program_.tile[d] -= program_.dim;
    return false;
  }

  DriverProgram program_;
  HalfRows half_;
};

// Rows of a matmul beyond one batch are whole further batches.
void split_rows_into_batches(Tiling& tiling, const Layer& layer) {
  const std::int64_t rows = tiling.tile[Dim::P];
  if (layer.bounds[Dim::N] == 1 || rows <= layer.bounds[Dim::P]) return;
  tiling.tile[Dim::P] = layer.bounds[Dim::P];
  tiling.tile[Dim::N] = std::min(layer.bounds[Dim::N], rows / layer.bounds[Dim::P]);
}

}  // namespace

DefaultTiling default_tiling(const Layer& layer,
                             std::int64_t dim,
                             double scratchpad_kib,
                             double accumulator_kib,
                             ProgramKind kind) {
  const DriverProgram problem = make_program(Tiling{}, layer, dim, kind);
  const HalfRows half = half_rows(dim, scratchpad_kib, accumulator_kib);
  if (!problem.is_matmul) return ConvolutionTiler(problem, half).run();
  DefaultTiling result = MatmulTiler(problem, half).run();
  if (kind == ProgramKind::clean) split_rows_into_batches(result.tiling, layer);
  return result;
}

}  // namespace masala::gemmini
