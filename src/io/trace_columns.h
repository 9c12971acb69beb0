// The columns of trace tables that say on what hardware a row ran.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "masala/model/accelerator.h"

namespace masala::io {

inline constexpr std::string_view kMappingColumn = "mapping.mapping";
inline constexpr std::string_view kLayerColumns = "prob.";  // before the key of a LayerSize

// How a column states the size of a level: the KiB of all its instances, or of one instance the
// words, the rows of `block_words` words, and the bits of a row.
enum class SizeUnit { kib, entries, depth, width };

inline std::string size_column(const model::Accelerator& accelerator, int level, SizeUnit unit) {
  constexpr const char* kNames[] = {"", "entries", "depth", "width"};
  const std::string& name = accelerator.levels[static_cast<std::size_t>(level)].name;
  return unit == SizeUnit::kib
             ? "arch." + name + "_kib"
             : fmt::format("arch.mem{}_{}", level, kNames[static_cast<int>(unit)]);
}

inline std::string parameter_column(const model::Parameter& parameter) {
  return "arch." + parameter.name;
}

}  // namespace masala::io
