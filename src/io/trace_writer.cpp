#include "io/trace_writer.h"

#include <cmath>

#include <fmt/format.h>

#include "io/yaml_writer.h"
#include "masala/targets/targets.h"

namespace masala::io {

using model::Accelerator;
using model::Dim;
using model::Level;

std::vector<std::string> trace_columns(const Accelerator& accelerator) {
  std::vector<std::string> columns = {"mapping.mapping"};
  for (Dim dim : model::kAllDims) columns.push_back(fmt::format("prob.{}", model::name(dim)));
  for (const char* name : {"Wstride", "Hstride", "Wdilation", "Hdilation", "groups"}) {
    columns.push_back(fmt::format("prob.{}", name));
  }
  for (const model::Parameter& parameter : accelerator.parameters) {
    columns.push_back(targets::trace_column(parameter.name));
  }
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const Level& level = accelerator.levels[static_cast<std::size_t>(l)];
    if (!level.is_sized()) continue;
    columns.push_back("arch." + level.name + "_kib");
    for (const char* name : {"entries", "depth", "width"}) {
      columns.push_back(fmt::format("arch.mem{}_{}", l, name));
    }
  }
  return columns;
}

std::vector<std::string> trace_cells(const model::Mapping& mapping,
                                     const model::Layer& layer,
                                     const model::Hardware& hardware,
                                     const Accelerator& accelerator) {
  std::vector<std::string> cells = {model::to_text(mapping, accelerator)};
  for (Dim dim : model::kAllDims) cells.push_back(std::to_string(layer.bounds[dim]));
  for (std::int64_t value :
       {layer.stride_w, layer.stride_h, layer.dilation_w, layer.dilation_h, layer.groups}) {
    cells.push_back(std::to_string(value));
  }
  for (std::int64_t value : hardware.parameters) cells.push_back(std::to_string(value));
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const Level& level = accelerator.levels[static_cast<std::size_t>(l)];
    if (!level.is_sized()) continue;
    const double kib = hardware.kib[static_cast<std::size_t>(l)];
    const double instances = level.instances.value(hardware.parameters);
    const double words = std::floor(kib * 1024.0 * 8.0 / level.word_bits / instances);
    const double block = level.block_words.value(hardware.parameters);
    cells.push_back(yaml_number(kib));
    cells.push_back(fmt::format("{:.0f}", words));
    cells.push_back(fmt::format("{:.0f}", std::floor(words / block)));
    cells.push_back(fmt::format("{:.0f}", block * level.word_bits));
  }
  return cells;
}

}  // namespace masala::io
