#include "masala/io/accelerator_yaml.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "io/field_reader.h"
#include "io/file.h"
#include "io/hardware_values.h"
#include "masala/io/text.h"
#include "masala/model/layer.h"

namespace masala::io {
namespace {

using model::Accelerator;
using model::Dim;
using model::Level;
using model::Operand;
using model::Range;
using model::Scaled;

// Largest size in words.
constexpr std::int64_t kMaxWords = std::int64_t{1} << 40;
// Largest factor of a parameter: with one up to kMaxHardwareValue, the product stays exact in a
// double.
constexpr double kMaxFactor = static_cast<double>(std::int64_t{1} << 22);
constexpr std::int64_t kMaxWordBits = 1024;

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(' ') - start + 1);
}

// "16", "pes" or "2 * pes".
std::optional<Scaled> parse_scaled(std::string_view text, const Accelerator& accelerator) {
  if (const auto number = parse_number(text)) return Scaled{*number, -1};
  Scaled scaled;
  const std::size_t star = text.find('*');
  if (star != std::string_view::npos) {
    const auto factor = parse_number(trimmed(text.substr(0, star)));
    if (!factor) return std::nullopt;
    scaled.factor = *factor;
    text = trimmed(text.substr(star + 1));
  }
  const auto parameter = accelerator.find_parameter(text);
  if (!parameter) return std::nullopt;
  scaled.parameter = *parameter;
  return scaled;
}

// A count is a whole number of things (instances, words of a block, fan-out); a rate need not be.
enum class Quantity { count, rate };

bool is_allowed(const Scaled& scaled, Quantity quantity) {
  const double max = scaled.parameter < 0 ? static_cast<double>(kMaxWords) : kMaxFactor;
  if (!(scaled.factor > 0.0) || scaled.factor > max) return false;
  return quantity == Quantity::rate || scaled.factor == std::floor(scaled.factor);
}

Scaled read_scaled(const Field& field,
                   const Accelerator& accelerator,
                   Quantity quantity,
                   Scaled fallback = {}) {
  if (!field.is_present()) return fallback;
  const auto text = field.plain_text();
  const auto scaled = text ? parse_scaled(*text, accelerator) : std::nullopt;
  if (scaled && is_allowed(*scaled, quantity)) return *scaled;
  std::vector<std::string> names;
  for (const auto& parameter : accelerator.parameters) names.push_back(parameter.name);
  field.expected(fmt::format("{}, a parameter, or number * parameter{}",
                             quantity == Quantity::count ? "an integer >= 1" : "a number > 0",
                             text ? did_you_mean(*text, names) : ""));
  return fallback;
}

// {fixed: N}, or {min, max, step | powers_of_two, default}.
Range read_range(const Field& field) {
  Range range;
  MapReader map(field);
  const auto whole = [](const Field& value) { return value.integer(1, kMaxHardwareValue); };
  if (map.has("fixed")) {
    range.min = whole(map.required("fixed")).value_or(1);
    range.max = range.fallback = range.min;
  } else if (map.is_valid()) {
    range.min = whole(map.required("min")).value_or(1);
    range.max = whole(map.required("max")).value_or(range.min);
    range.powers_of_two = map.optional("powers_of_two").flag().value_or(false);
    const Field step = map.optional("step");
    range.step = whole(step).value_or(1);
    if (range.powers_of_two && step.is_present()) {
      step.fail("given together with powers_of_two; expected only one of them");
    }
    range.fallback = whole(map.optional("default")).value_or(range.min);
  }
  map.finish();
  return range;
}

std::optional<Dim> read_dim(const Field& field) {
  if (!field.is_present()) return std::nullopt;
  const auto text = field.plain_text();
  const auto dim = text && text->size() == 1 ? model::dim_from_letter((*text)[0]) : std::nullopt;
  if (!dim) field.expected("a dimension R S P Q C K N");
  return dim;
}

model::PerOperand<bool> read_keeps(const Field& field) {
  model::PerOperand<bool> keeps{};
  for (const Field& item : field.list()) {
    const auto text = item.plain_text();
    bool is_known = false;
    for (Operand operand : model::kAllOperands) {
      if (text != model::name(operand)) continue;
      is_known = true;
      if (keeps[operand]) item.fail(*text + " given twice; expected each operand once");
      keeps[operand] = true;
    }
    if (!is_known) {
      item.expected("weights, inputs or outputs" +
                    did_you_mean(text.value_or(""), {"weights", "inputs", "outputs"}));
    }
  }
  return keeps;
}

std::vector<model::SpatialDim> read_spatial(const Field& field, const Accelerator& accelerator) {
  std::vector<model::SpatialDim> spatial;
  MapReader map(field);
  for (const auto& [key, limit] : map.all()) {
    const auto dim = key.size() == 1 ? model::dim_from_letter(key[0]) : std::nullopt;
    if (!dim) {
      limit.fail("unknown dimension " + shown(key) + "; expected one of R S P Q C K N");
      continue;
    }
    spatial.push_back({*dim, read_scaled(limit, accelerator, Quantity::count)});
  }
  return spatial;
}

// {words: N} or {kib: {...}}.
void read_capacity(const Field& field, Level& level) {
  if (!field.is_present()) return;
  MapReader map(field);
  const Field words = map.optional("words");
  const Field kib = map.optional("kib");
  if (map.is_valid() && words.is_present() == kib.is_present()) {
    field.fail("got both or neither; expected one of words and kib");
  }
  level.capacity_words = words.integer(1, kMaxWords).value_or(0);
  if (kib.is_present()) level.kib = read_range(kib);
  map.finish();
}

// {per_access_pj: E} or {linear_sram: {slope_per_kib: M}}.
model::AccessEnergy read_energy(const Field& field) {
  model::AccessEnergy energy;
  MapReader map(field);
  const Field per_access = map.optional("per_access_pj");
  const Field linear = map.optional("linear_sram");
  if (map.is_valid() && per_access.is_present() == linear.is_present()) {
    field.fail("got both or neither; expected one of per_access_pj and linear_sram");
  }
  energy.per_access_pj = per_access.number(0.0).value_or(0.0);
  if (linear.is_present()) {
    energy.linear_sram = true;
    MapReader sram(linear);
    energy.slope_per_kib = sram.required("slope_per_kib").number(0.0).value_or(0.0);
    sram.finish();
  }
  map.finish();
  return energy;
}

model::MappingRules read_rules(const Field& field) {
  model::MappingRules rules;
  if (!field.is_present()) return rules;
  MapReader map(field);
  if (const Field temporal = map.optional("temporal"); temporal.is_present()) {
    rules.temporal = model::filled(false);
    for (const Field& item : temporal.list()) {
      if (const auto dim = read_dim(item)) rules.temporal[*dim] = true;
    }
  }
  for (const Field& item : map.optional("innermost").list()) {
    if (const auto dim = read_dim(item)) rules.innermost.push_back(*dim);
  }
  map.finish();
  return rules;
}

Level read_level(const Field& field, const Accelerator& accelerator) {
  Level level;
  MapReader map(field);
  level.name = map.required("name").identifier().value_or("");
  level.keeps = read_keeps(map.required("keeps"));
  level.word_bits =
      static_cast<int>(map.required("word_bits").integer(1, kMaxWordBits).value_or(8));
  level.instances = read_scaled(map.optional("instances"), accelerator, Quantity::count);
  if (const Field spatial = map.optional("spatial"); spatial.is_present()) {
    level.spatial = read_spatial(spatial, accelerator);
  }
  read_capacity(map.optional("capacity"), level);
  level.double_buffered = map.optional("double_buffered").flag().value_or(false);
  if (const Field rate = map.optional("bandwidth_words_per_cycle"); rate.is_present()) {
    level.bandwidth_words_per_cycle = read_scaled(rate, accelerator, Quantity::rate);
  }
  level.block_words = read_scaled(map.optional("block_words"), accelerator, Quantity::count);
  level.energy = read_energy(map.required("energy"));
  level.rules = read_rules(map.optional("mapping"));
  map.finish();
  return level;
}

// {mm2: coefficient, <hardware key>: exponent, ...}
model::AreaTerm read_area_term(const Field& field) {
  model::AreaTerm term;
  MapReader map(field);
  term.coefficient_mm2 = map.required("mm2").number().value_or(0.0);
  for (const auto& [key, value] : map.all()) {
    if (key == "mm2") continue;
    if (const auto exponent = value.number()) term.exponents.emplace_back(key, *exponent);
  }
  return term;
}

// A map of names to numbers.
std::vector<std::pair<std::string, double>> read_numbers(const Field& field) {
  std::vector<std::pair<std::string, double>> numbers;
  if (!field.is_present()) return numbers;
  MapReader map(field);
  for (const auto& [key, value] : map.all()) {
    if (const auto number = value.number(0.0)) numbers.emplace_back(key, *number);
  }
  return numbers;
}

// {driver: NAME, measured_hardware: {<hardware key>: value, ...}}
model::Program read_program(const Field& field) {
  model::Program program;
  MapReader map(field);
  program.driver = map.required("driver").identifier().value_or("");
  program.measured_hardware = read_numbers(map.optional("measured_hardware"));
  map.finish();
  return program;
}

Accelerator read_description(const Field& root) {
  Accelerator accelerator;
  MapReader map(root);
  accelerator.name = map.required("name").identifier().value_or("");
  accelerator.description = map.optional("description").text().value_or("");
  accelerator.mac_energy_pj = map.required("mac_energy_pj").number(0.0).value_or(0.0);
  if (const Field parameters = map.optional("parameters"); parameters.is_present()) {
    MapReader parameter_map(parameters);
    for (const auto& [key, value] : parameter_map.all()) {
      if (!is_identifier(key)) {
        value.fail("name " + shown(key) + "; expected letters, digits, '_' and '-'");
      }
      accelerator.parameters.push_back({key, read_range(value)});
    }
  }
  for (const Field& level : map.required("levels").list()) {
    accelerator.levels.push_back(read_level(level, accelerator));
  }
  for (const Field& term : map.optional("area").list()) {
    accelerator.area.push_back(read_area_term(term));
  }
  if (const Field program = map.optional("program"); program.is_present()) {
    accelerator.program = read_program(program);
  }
  accelerator.simulator = read_numbers(map.optional("simulator"));
  map.finish();
  return accelerator;
}

// Every other rule would fail too, and none would say why.
bool is_outer_first(const Accelerator& accelerator) {
  if (accelerator.num_levels() < 2) return false;
  const auto is_limited = [](const Level& level) {
    return level.is_sized() || level.capacity_words > 0;
  };
  const Level& first = accelerator.levels.front();
  const bool keeps_all = std::all_of(
      first.keeps.values.begin(), first.keeps.values.end(), [](bool is_kept) { return is_kept; });
  return keeps_all && !is_limited(first) && is_limited(accelerator.levels.back());
}

// "levels[1].keeps: empty; ..." -> its key path and the rest; no key path where the text before
// the first colon is a sentence.
std::pair<std::string, std::string> split_key_path(const std::string& problem) {
  const std::size_t colon = problem.find(": ");
  if (colon == std::string::npos || problem.find(' ') < colon) return {"", problem};
  return {problem.substr(0, colon), problem.substr(colon + 2)};
}

}  // namespace

Accelerator parse_accelerator(const std::string& text, const std::string& path) {
  const Document document = parse_yaml(text, path);
  Problems problems;
  Accelerator accelerator = read_description(root_field(document, problems));
  problems.throw_if_any();
  if (is_outer_first(accelerator)) {
    const Location at = locate(document, "levels");
    problems.add(path,
                 at.line,
                 at.column,
                 "levels",
                 fmt::format("given outer first; expected inner to outer: {} last, as it keeps "
                             "everything without a capacity",
                             accelerator.levels.front().name));
  }
  problems.throw_if_any();
  for (const std::string& problem : model::problems(accelerator)) {
    const auto [key_path, message] = split_key_path(problem);
    const Location at = key_path.empty() ? Location{1, 0} : locate(document, key_path);
    problems.add(path, at.line, at.column, key_path, message);
  }
  problems.throw_if_any();
  return accelerator;
}

Accelerator read_accelerator(const std::string& path) {
  return parse_accelerator(read_file(path), path);
}

}  // namespace masala::io
