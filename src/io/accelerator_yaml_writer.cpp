#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/yaml_writer.h"
#include "masala/io/accelerator_yaml.h"

namespace masala::io {
namespace {

using model::Accelerator;
using model::Dim;
using model::Level;
using model::Range;
using model::Scaled;

std::string text_of(const Scaled& scaled, const Accelerator& accelerator) {
  if (scaled.parameter < 0) return yaml_number(scaled.factor);
  const std::string& name = accelerator.parameters[static_cast<std::size_t>(scaled.parameter)].name;
  return scaled.factor == 1.0 ? name : yaml_number(scaled.factor) + " * " + name;
}

std::string text_of(const Range& range) {
  if (range.is_fixed() && range.step == 1 && !range.powers_of_two) {
    return fmt::format("{{fixed: {}}}", range.min);
  }
  const std::string grid =
      range.powers_of_two ? "powers_of_two: true" : fmt::format("step: {}", range.step);
  return fmt::format(
      "{{min: {}, max: {}, {}, default: {}}}", range.min, range.max, grid, range.fallback);
}

std::string list_of(const std::vector<std::string_view>& names) {
  return fmt::format("[{}]", fmt::join(names, ", "));
}

std::string text_of_keeps(const Level& level) {
  std::vector<std::string_view> names;
  for (model::Operand operand : model::kAllOperands) {
    if (level.keeps[operand]) names.push_back(model::name(operand));
  }
  return list_of(names);
}

std::string text_of_spatial(const Level& level, const Accelerator& accelerator) {
  std::vector<std::string> dims;
  for (const model::SpatialDim& spatial : level.spatial) {
    dims.push_back(
        fmt::format("{}: {}", model::name(spatial.dim), text_of(spatial.limit, accelerator)));
  }
  return fmt::format("{{{}}}", fmt::join(dims, ", "));
}

// Empty when every loop is allowed in any order.
std::string text_of(const model::MappingRules& rules) {
  std::vector<std::string> parts;
  std::vector<std::string_view> names;
  if (rules.temporal != model::filled(true)) {
    for (Dim dim : model::kAllDims) {
      if (rules.temporal[dim]) names.push_back(model::name(dim));
    }
    parts.push_back("temporal: " + list_of(names));
  }
  names.clear();
  for (Dim dim : rules.innermost) names.push_back(model::name(dim));
  if (!names.empty()) parts.push_back("innermost: " + list_of(names));
  return parts.empty() ? "" : fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::string text_of(const model::AccessEnergy& energy) {
  if (!energy.linear_sram) return fmt::format("{{per_access_pj: {}}}", energy.per_access_pj);
  return fmt::format("{{linear_sram: {{slope_per_kib: {}}}}}", energy.slope_per_kib);
}

bool is_one(const Scaled& scaled) {
  return scaled.parameter < 0 && scaled.factor == 1.0;
}

void append_level(const Level& level, const Accelerator& accelerator, std::string& out) {
  const auto line = [&](std::string_view key, const std::string& value) {
    out += fmt::format("    {}: {}\n", key, value);
  };
  out += fmt::format("  - name: {}\n", yaml_scalar(level.name));
  line("keeps", text_of_keeps(level));
  line("word_bits", std::to_string(level.word_bits));
  if (!is_one(level.instances)) line("instances", text_of(level.instances, accelerator));
  if (!level.spatial.empty()) line("spatial", text_of_spatial(level, accelerator));
  if (level.capacity_words > 0) {
    line("capacity", fmt::format("{{words: {}}}", level.capacity_words));
  }
  if (level.kib) line("capacity", fmt::format("{{kib: {}}}", text_of(*level.kib)));
  if (level.double_buffered) line("double_buffered", "true");
  if (level.bandwidth_words_per_cycle) {
    line("bandwidth_words_per_cycle", text_of(*level.bandwidth_words_per_cycle, accelerator));
  }
  if (!is_one(level.block_words)) line("block_words", text_of(level.block_words, accelerator));
  line("energy", text_of(level.energy));
  if (const std::string rules = text_of(level.rules); !rules.empty()) line("mapping", rules);
}

void append_area(const Accelerator& accelerator, std::string& out) {
  if (accelerator.area.empty()) return;
  out += "area:\n";
  for (const model::AreaTerm& term : accelerator.area) {
    out += fmt::format("  - {{mm2: {}", term.coefficient_mm2);
    for (const auto& [key, exponent] : term.exponents) {
      out += fmt::format(", {}: {}", key, exponent);
    }
    out += "}\n";
  }
}

std::string text_of(const std::vector<std::pair<std::string, double>>& numbers) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : numbers) {
    parts.push_back(fmt::format("{}: {}", yaml_scalar(key), yaml_number(value)));
  }
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

void append_program(const Accelerator& accelerator, std::string& out) {
  if (accelerator.program) {
    out += fmt::format("program:\n  driver: {}\n", yaml_scalar(accelerator.program->driver));
    const auto& measured = accelerator.program->measured_hardware;
    if (!measured.empty()) out += fmt::format("  measured_hardware: {}\n", text_of(measured));
  }
  if (!accelerator.simulator.empty()) {
    out += fmt::format("simulator: {}\n", text_of(accelerator.simulator));
  }
}

}  // namespace

std::string to_yaml(const Accelerator& accelerator) {
  std::string out = fmt::format("name: {}\n", yaml_scalar(accelerator.name));
  if (!accelerator.description.empty()) {
    out += fmt::format("description: {}\n", yaml_scalar(accelerator.description));
  }
  out += fmt::format("mac_energy_pj: {}\n", accelerator.mac_energy_pj);
  if (!accelerator.parameters.empty()) out += "parameters:\n";
  for (const model::Parameter& parameter : accelerator.parameters) {
    out += fmt::format("  {}: {}\n", parameter.name, text_of(parameter.range));
  }
  out += "levels:\n";
  for (const Level& level : accelerator.levels) append_level(level, accelerator, out);
  append_area(accelerator, out);
  append_program(accelerator, out);
  return out;
}

}  // namespace masala::io
