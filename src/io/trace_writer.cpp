#include "io/trace_writer.h"

#include <cmath>

#include "io/layer_fields.h"
#include "io/trace_columns.h"
#include "masala/io/text.h"
#include "masala/targets/targets.h"

namespace masala::io {

using model::Accelerator;
using model::Level;

std::vector<std::string> trace_columns(const Accelerator& accelerator) {
  std::vector<std::string> columns = {std::string(kMappingColumn)};
  for (const LayerSize& size : kLayerSizes) {
    columns.push_back(fmt::format("{}{}", kLayerColumns, size.key));
  }
  for (const auto& parameter : accelerator.parameters) {
    columns.push_back(targets::trace_column(parameter.name));
  }
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    if (!accelerator.levels[static_cast<std::size_t>(l)].is_sized()) continue;
    for (SizeUnit unit : {SizeUnit::kib, SizeUnit::entries, SizeUnit::depth, SizeUnit::width}) {
      columns.push_back(size_column(accelerator, l, unit));
    }
  }
  return columns;
}

std::vector<std::string> trace_cells(const model::Mapping& mapping,
                                     const model::Layer& layer,
                                     const model::Hardware& hardware,
                                     const Accelerator& accelerator) {
  std::vector<std::string> cells = {model::to_text(mapping, accelerator)};
  for (const LayerSize& size : kLayerSizes) cells.push_back(std::to_string(size(layer)));
  for (std::int64_t value : hardware.parameters) cells.push_back(std::to_string(value));
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const Level& level = accelerator.levels[static_cast<std::size_t>(l)];
    if (!level.is_sized()) continue;
    const double kib = hardware.kib[static_cast<std::size_t>(l)];
    const double instances = level.instances.value(hardware.parameters);
    const double words = std::floor(kib * 1024.0 * 8.0 / level.word_bits / instances);
    const double block = level.block_words.value(hardware.parameters);
    cells.push_back(number_text(kib));
    for (double value : {words, std::floor(words / block), block * level.word_bits}) {
      cells.push_back(fmt::format("{:.0f}", value));
    }
  }
  return cells;
}

}  // namespace masala::io
