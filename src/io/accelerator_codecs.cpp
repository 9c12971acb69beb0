#include "io/accelerator_codecs.h"

#include <cmath>

#include <fmt/format.h>

#include "io/hardware_values.h"
#include "masala/io/text.h"

namespace masala::io {
namespace {

using model::Accelerator;
using model::Dim;
using model::Operand;
using model::Range;
using model::Scaled;

// Largest factor of a parameter: with one up to kMaxHardwareValue, the product stays exact in a
// double.
constexpr double kMaxFactor = static_cast<double>(std::int64_t{1} << 22);

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(' ') - start + 1);
}

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

bool is_allowed(const Scaled& scaled, Quantity quantity) {
  const double max = scaled.parameter < 0 ? static_cast<double>(kMaxWords) : kMaxFactor;
  if (!(scaled.factor > 0.0) || scaled.factor > max) return false;
  return quantity == Quantity::rate || scaled.factor == std::floor(scaled.factor);
}

Json scaled_json(const Scaled& scaled, const Accelerator& accelerator) {
  if (scaled.parameter < 0) return json_number(scaled.factor);
  const std::string& name = accelerator.parameters[static_cast<std::size_t>(scaled.parameter)].name;
  return scaled.factor == 1.0 ? name : number_text(scaled.factor) + " * " + name;
}

void read_range(const Field& field, Range& range) {
  MapReader map(field);
  const auto whole = [](const Field& value) { return value.integer(1, kMaxHardwareValue); };
  if (field.has("fixed")) {
    range.min = whole(map.required("fixed")).value_or(1);
    range.max = range.fallback = range.min;
  } else if (field.is_map()) {
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
}

Json range_json(const Range& range) {
  if (range.is_fixed() && range.step == 1 && !range.powers_of_two) return {{"fixed", range.min}};
  Json json = {{"min", range.min}, {"max", range.max}};
  if (range.powers_of_two) {
    json["powers_of_two"] = true;
  } else {
    json["step"] = range.step;
  }
  json["default"] = range.fallback;
  return json;
}

void read_operands(const Field& field, model::PerOperand<bool>& keeps) {
  for (const Field& item : field.list()) {
    const auto text = item.word();
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
}

// The names of those that are set.
template <class All, class Flags>
Json set_names(const All& all, const Flags& flags) {
  Json names = Json::array();
  for (const auto& item : all) {
    if (flags[item]) names.push_back(model::name(item));
  }
  return names;
}

std::optional<Dim> read_dim(const Field& field) {
  const auto text = field.word();
  const auto dim = text && text->size() == 1 ? model::dim_from_letter((*text)[0]) : std::nullopt;
  if (!dim) field.expected("a dimension R S P Q C K N");
  return dim;
}

FieldTable<model::AccessEnergy> energy_fields() {
  using model::AccessEnergy;
  FieldTable<AccessEnergy> sram_fields;
  sram_fields.required("slope_per_kib", &AccessEnergy::slope_per_kib, number(0.0))
      .means(
          "m of a linear SRAM model, for sized levels: "
          "(m · (KiB of one instance - 0.5) + 1) · block_words · word_bits / 16 pJ");
  Codec<AccessEnergy> sram = map_of(sram_fields);
  sram.read = [sram_fields](const Field& field, AccessEnergy& energy) {
    energy.linear_sram = true;
    sram_fields.read(field, energy);
  };
  FieldTable<AccessEnergy> fields;
  fields.optional("per_access_pj", &AccessEnergy::per_access_pj, number(0.0))
      .means("of one access to a block");
  fields.optional("linear_sram", kWhole, sram).means("in place of `per_access_pj`");
  fields.exactly_one("per_access_pj", "linear_sram");
  return fields;
}

Json energy_json(const model::AccessEnergy& energy) {
  if (!energy.linear_sram) return {{"per_access_pj", json_number(energy.per_access_pj)}};
  return {{"linear_sram", {{"slope_per_kib", json_number(energy.slope_per_kib)}}}};
}

}  // namespace

Codec<Scaled> scaled(const Accelerator& accelerator, Quantity quantity) {
  const auto read = [&accelerator, quantity](const Field& field, Scaled& value) {
    const std::string text = field.word().value_or("");
    const auto scaled = parse_scaled(text, accelerator);
    if (scaled && is_allowed(*scaled, quantity)) {
      value = *scaled;
      return;
    }
    std::vector<std::string> names;
    for (const auto& parameter : accelerator.parameters) names.push_back(parameter.name);
    field.expected(fmt::format("{}, a parameter, or number * parameter{}",
                               quantity == Quantity::count ? "an integer >= 1" : "a number > 0",
                               did_you_mean(text, names)));
  };
  return {"value", read, [&](const Scaled& value) { return scaled_json(value, accelerator); }};
}

Codec<std::vector<model::SpatialDim>> spatial_dims(const Accelerator& accelerator) {
  const Codec<Scaled> limit = scaled(accelerator, Quantity::count);
  const auto read = [limit](const Field& field, std::vector<model::SpatialDim>& spatial) {
    MapReader map(field);
    for (const auto& [key, value] : map.all()) {
      const auto dim = key.size() == 1 ? model::dim_from_letter(key[0]) : std::nullopt;
      if (!dim) {
        value.fail("unknown dimension " + shown(key) + "; expected one of R S P Q C K N");
        continue;
      }
      limit.read(value, spatial.emplace_back(model::SpatialDim{*dim, {}}).limit);
    }
  };
  const auto write = [limit](const std::vector<model::SpatialDim>& spatial) {
    Json json = Json::object();
    for (const auto& item : spatial) {
      json[std::string(model::name(item.dim))] = limit.write(item.limit);
    }
    return json;
  };
  return {"map: dimension to value", read, write};
}

Codec<Range> range() {
  return {"range", read_range, range_json};
}

Codec<model::PerOperand<bool>> operands() {
  return {"list of `weights`, `inputs`, `outputs`", read_operands, [](const auto& keeps) {
            return set_names(model::kAllOperands, keeps);
          }};
}

Codec<Dim> dim() {
  Codec<Dim> codec = scalar<Dim>("dimension", read_dim);
  codec.write = [](Dim dim) { return Json(model::name(dim)); };
  return codec;
}

Codec<model::PerDim<bool>> dims() {
  const auto read = [](const Field& field, model::PerDim<bool>& dims) {
    dims = model::filled(false);
    for (const Field& item : field.list()) {
      if (const auto dim = read_dim(item)) dims[*dim] = true;
    }
  };
  return {
      "list: dimension", read, [](const auto& dims) { return set_names(model::kAllDims, dims); }};
}

Codec<model::AccessEnergy> access_energy() {
  Codec<model::AccessEnergy> codec = map_of(energy_fields());
  codec.write = energy_json;
  return codec;
}

Codec<model::AreaTerm> area_term() {
  const auto read = [](const Field& field, model::AreaTerm& term) {
    MapReader map(field);
    term.coefficient_mm2 = map.required("mm2").number().value_or(0.0);
    for (const auto& [key, value] : map.all()) {
      if (key == "mm2") continue;
      if (const auto exponent = value.number()) term.exponents.emplace_back(key, *exponent);
    }
  };
  const auto write = [](const model::AreaTerm& term) {
    Json json = {{"mm2", json_number(term.coefficient_mm2)}};
    for (const auto& [key, exponent] : term.exponents) json[key] = json_number(exponent);
    return json;
  };
  return {"`{mm2: a, KEY: e, ...}`", read, write};
}

}  // namespace masala::io
