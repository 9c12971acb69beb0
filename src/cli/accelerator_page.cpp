#include "cli/accelerator_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/listing.h"

namespace masala::cli {
namespace {

using nlohmann::ordered_json;

template <class Range, class Name>
std::string joined(const Range& items, const Name& name) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : " ") + std::string(name(item));
  return text;
}

Listing hardware_listing(const model::Accelerator& accelerator) {
  Listing listing;
  listing.columns = {{"hardware", Align::left}, {"range", Align::left}, {"default", Align::right}};
  for (const std::string& key : model::hardware_keys(accelerator)) {
    const model::Range& range = *model::hardware_range(accelerator, key);
    listing.rows.push_back(
        {{"hardware", key}, {"range", range_text(range)}, {"default", range.fallback}});
  }
  return listing;
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

Listing level_listing(const model::Accelerator& accelerator) {
  const model::Machine machine = model::resolve(accelerator, model::default_hardware(accelerator));
  Listing listing;
  listing.columns = {{"level", Align::left},
                     {"keeps", Align::left},
                     {"words/instance", Align::right},
                     {"words/cycle", Align::right},
                     {"pJ/block", Align::right},
                     {"words/block", Align::right},
                     {"spatial", Align::left},
                     {"loops in search", Align::left}};
  for (int l = accelerator.num_levels() - 1; l >= 0; --l) {
    const auto i = static_cast<std::size_t>(l);
    const model::Level& level = accelerator.levels[i];
    const std::string unlimited = "unlimited";
    ordered_json row = {{"level", level.name}, {"keeps", keeps_text(level)}};
    row["words/instance"] = machine.capacity_words[i] == 0
                                ? ordered_json(unlimited)
                                : ordered_json(machine.capacity_words[i]);
    row["words/cycle"] = level.bandwidth_words_per_cycle
                             ? ordered_json(machine.bandwidth_words_per_cycle[i])
                             : ordered_json(unlimited);
    row["pJ/block"] = machine.block_energy_pj[i];
    row["words/block"] = machine.block_words[i];
    row["spatial"] = spatial_text(level, machine.spatial_limit[i]);
    row["loops in search"] = loops_text(level, l + 1 == accelerator.num_levels());
    listing.rows.push_back(row);
  }
  return listing;
}

}  // namespace

std::string range_text(const model::Range& range) {
  if (range.is_fixed()) return fmt::format("{}", range.min);
  std::string text = fmt::format("{}-{}", range.min, range.max);
  if (range.powers_of_two) text += " (2^n)";
  if (range.step > 1) text += fmt::format(" by {}", range.step);
  return text;
}

std::string accelerator_page(const model::Accelerator& accelerator, Format format) {
  const Listing hardware = hardware_listing(accelerator);
  const Listing levels = level_listing(accelerator);
  if (format == Format::json) {
    const ordered_json json = {{"name", accelerator.name},
                               {"description", accelerator.description},
                               {"mac_energy_pj", accelerator.mac_energy_pj},
                               {"hardware", hardware.rows},
                               {"levels", levels.rows}};
    return json.dump(2) + "\n";
  }
  return fmt::format(
      "{}: {}\n\nHardware values and what search may choose\n{}\n"
      "Levels at the default hardware, outermost first; a MAC takes {} pJ\n{}",
      accelerator.name,
      accelerator.description,
      hardware.table(),
      accelerator.mac_energy_pj,
      levels.table());
}

}  // namespace masala::cli
