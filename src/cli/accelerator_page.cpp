#include "cli/accelerator_page.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/table.h"

namespace masala::cli {
namespace {

using nlohmann::ordered_json;

template <class Range, class Name>
std::string joined(const Range& items, const Name& name) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : " ") + std::string(name(item));
  return text;
}

Table hardware_table(const model::Accelerator& accelerator) {
  Table table;
  table.columns = {{"hardware", "hardware", "", {}, Align::left},
                   {"range", "range", "", {}, Align::left},
                   {"default", "default", "", {}}};
  for (const std::string& key : model::hardware_keys(accelerator)) {
    const model::Range& range = *model::hardware_range(accelerator, key);
    table.rows.push_back({key, range_text(range), range.fallback});
  }
  return table;
}

// The loops that search may put at a level, as "P Q N" or "any, N Q P innermost".
std::string loops_text(const model::Level& level, bool is_outermost) {
  std::vector<model::Dim> allowed;
  for (model::Dim dim : model::kAllDims) {
    if (is_outermost || level.rules.temporal[dim]) allowed.push_back(dim);
  }
  if (allowed.empty()) return "none";
  const auto name = [](model::Dim dim) { return model::name(dim); };
  std::string text = allowed.size() == model::kNumDims ? "any" : joined(allowed, name);
  if (!level.rules.innermost.empty())
    text += ", " + joined(level.rules.innermost, name) + " innermost";
  return text;
}

std::string spatial_text(const model::Level& level, const model::PerDim<std::int64_t>& limits) {
  return joined(level.spatial, [&](const model::SpatialDim& spatial) {
    return fmt::format("{}x{}", model::name(spatial.dim), limits[spatial.dim]);
  });
}

std::string keeps_text(const model::Level& level) {
  std::vector<model::Operand> kept;
  for (model::Operand operand : model::kAllOperands) {
    if (level.keeps[operand]) kept.push_back(operand);
  }
  return joined(kept, [](model::Operand operand) { return model::name(operand); });
}

Table level_table(const model::Accelerator& accelerator) {
  const model::Machine machine = model::resolve(accelerator, model::default_hardware(accelerator));
  Table table;
  table.columns = {{"level", "level", "", {}, Align::left},
                   {"keeps", "keeps", "", {}, Align::left},
                   {"words/instance", "words/instance", "", {}},
                   {"words/cycle", "words/cycle", "", {}},
                   {"pJ/block", "pJ/block", "", {}},
                   {"words/block", "words/block", "", {}},
                   {"spatial", "spatial", "", {}, Align::left},
                   {"loops in search", "loops in search", "", {}, Align::left}};
  const std::string unlimited = "unlimited";
  for (int l = accelerator.num_levels() - 1; l >= 0; --l) {
    const auto i = static_cast<std::size_t>(l);
    const model::Level& level = accelerator.levels[i];
    const std::int64_t words = machine.capacity_words[i];
    table.rows.push_back({level.name,
                          keeps_text(level),
                          words == 0 ? Cell(unlimited) : Cell(words),
                          level.bandwidth_words_per_cycle
                              ? Cell(machine.bandwidth_words_per_cycle[i])
                              : Cell(unlimited),
                          machine.block_energy_pj[i],
                          machine.block_words[i],
                          spatial_text(level, machine.spatial_limit[i]),
                          loops_text(level, l + 1 == accelerator.num_levels())});
  }
  return table;
}

}  // namespace

std::string range_text(const model::Range& range) {
  if (range.is_fixed()) return fmt::format("{}", range.min);
  std::string text = fmt::format("{}-{}", range.min, range.max);
  if (range.powers_of_two) text += " (2^n)";
  if (range.step > 1) text += fmt::format(" by {}", range.step);
  return text;
}

std::string accelerator_page(const model::Accelerator& accelerator, bool as_json) {
  const Table hardware = hardware_table(accelerator);
  const Table levels = level_table(accelerator);
  if (as_json) {
    const ordered_json json = {{"name", accelerator.name},
                               {"description", accelerator.description},
                               {"mac_energy_pj", accelerator.mac_energy_pj},
                               {"hardware", to_json(hardware)},
                               {"levels", to_json(levels)}};
    return json.dump(2) + "\n";
  }
  return fmt::format(
      "{}: {}\n\nHardware values and what search may choose\n{}\n"
      "Levels at the default hardware, outermost first; a MAC takes {} pJ\n{}",
      accelerator.name,
      accelerator.description,
      to_text(hardware),
      accelerator.mac_energy_pj,
      to_text(levels));
}

}  // namespace masala::cli
