#include "targets/gemmini/program/driver_words.h"

#include <algorithm>

#include "targets/gemmini/machine.h"
#include "targets/gemmini/program/layer_run.h"
#include "targets/gemmini/program/tile_rows.h"

namespace masala::gemmini {
namespace {

using model::Dim;
using model::PerLevel;

// Beyond any array and any memory; they keep the conversions to integers defined.
constexpr std::int64_t kLargestDim = 1 << 30;
constexpr double kMostWords = 4611686018427387904.0;  // 2^62

std::int64_t doubled(double rows, std::int64_t row_words) {
  return static_cast<std::int64_t>(
      std::min(2.0 * rows * static_cast<double>(row_words), kMostWords));
}

}  // namespace

model::WordsNeeded driver_words(const model::Accelerator& accelerator) {
  if (!driver_problems(accelerator, ProgramKind::clean).empty()) return nullptr;
  const auto& levels = accelerator.levels;
  if (!levels[kScratchpad].double_buffered || !levels[kAccumulator].double_buffered) return nullptr;
  return
      [](const model::Mapping& mapping, const model::Layer& layer, const model::Machine& machine) {
        // Columns of the array hold output channels.
        const std::int64_t dim = std::min(machine.spatial_limit[kScratchpad][Dim::K], kLargestDim);
        const DriverProgram program = make_program(
            tiling_of(mapping, layer, ProgramKind::clean), layer, dim, ProgramKind::clean);
        const TileRows rows = tile_rows(program);
        PerLevel<std::int64_t> words{};
        words[kScratchpad] = doubled(rows.inputs + rows.weights, dim);
        words[kAccumulator] =
            doubled(rows.outputs, 1);  // a row has one word in every column's instance
        return words;
      };
}

}  // namespace masala::gemmini
