#include "io/hardware_values.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "masala/io/input_error.h"
#include "masala/io/text.h"

namespace masala::io {
namespace {

using model::Accelerator;
using Keys = std::vector<std::string>;

Keys keys_beyond(const Keys& keys, const Keys& others) {
  Keys beyond;
  for (const std::string& key : keys) {
    if (std::find(others.begin(), others.end(), key) == others.end()) beyond.push_back(key);
  }
  return beyond;
}

std::string listed(const Keys& keys) {
  return keys.empty() ? "nothing" : fmt::format("{}", fmt::join(keys, ", "));
}

void check_keys(const Field& field, MapReader& map, const Accelerator& accelerator) {
  const Keys expected = model::hardware_keys(accelerator);
  Keys given;
  for (const auto& [key, value] : map.all()) given.push_back(key);
  const Keys extra = keys_beyond(given, expected);
  const Keys missing = keys_beyond(expected, given);
  if (!field.is_map() || (extra.empty() && missing.empty())) return;
  field.fail(
      fmt::format("other keys than the accelerator's: {} too many, {} missing; expected {}, "
                  "as {} has them",
                  listed(extra),
                  listed(missing),
                  listed(expected),
                  accelerator.name));
}

double read_value(const Field& field, bool is_parameter) {
  if (is_parameter) {
    return static_cast<double>(field.integer(1, kMaxHardwareValue).value_or(1));
  }
  const auto kib = field.positive_number();
  if (kib && *kib > static_cast<double>(kMaxHardwareValue)) {
    field.expected(fmt::format("at most {}", kMaxHardwareValue));
  }
  return kib.value_or(1.0);
}

// A parameter counts things; a size in KiB may be fractional.
void check_value(const model::Accelerator& accelerator, const model::FixedValue& fixed) {
  const bool is_parameter = accelerator.find_parameter(fixed.key).has_value();
  const bool is_in_range =
      fixed.value > 0.0 && fixed.value <= static_cast<double>(kMaxHardwareValue);
  if (is_in_range && !(is_parameter && fixed.value != std::floor(fixed.value))) return;
  throw InputError(fmt::format("{}: got {}; expected {} {}",
                               fixed.key,
                               fixed.value,
                               is_parameter ? "an integer from 1 to" : "a number > 0, at most",
                               kMaxHardwareValue));
}

}  // namespace

Codec<model::Hardware> hardware_values(const Accelerator& accelerator) {
  const auto read = [&accelerator](const Field& field, model::Hardware& hardware) {
    hardware = model::default_hardware(accelerator);
    MapReader map(field);
    check_keys(field, map, accelerator);
    for (const std::string& key : model::hardware_keys(accelerator)) {
      const bool is_parameter = accelerator.find_parameter(key).has_value();
      const double value = read_value(map.optional(key), is_parameter);
      model::set_hardware_value(accelerator, hardware, key, value);
    }
  };
  const auto write = [&accelerator](const model::Hardware& hardware) {
    Json json = Json::object();
    for (const std::string& key : model::hardware_keys(accelerator)) {
      json[key] = json_number(model::hardware_value(accelerator, hardware, key).value_or(0.0));
    }
    return json;
  };
  return {"map: hardware key to number", read, write};
}

void set_fixed_values(const model::Accelerator& accelerator,
                      const std::vector<model::FixedValue>& fixed,
                      model::Hardware& hardware) {
  for (const model::FixedValue& value : fixed) {
    if (model::hardware_range(accelerator, value.key) == nullptr) {
      const std::vector<std::string> keys = model::hardware_keys(accelerator);
      throw InputError(fmt::format("{}: unknown hardware key; expected one of {}{}",
                                   value.key,
                                   fmt::join(keys, ", "),
                                   did_you_mean(value.key, keys)));
    }
    check_value(accelerator, value);
    model::set_hardware_value(accelerator, hardware, value.key, value.value);
  }
}

std::string changed_values(const Accelerator& accelerator,
                           const model::Hardware& from,
                           const model::Hardware& to) {
  std::string text;
  for (const std::string& key : model::hardware_keys(accelerator)) {
    const double before = *model::hardware_value(accelerator, from, key);
    const double after = *model::hardware_value(accelerator, to, key);
    if (before == after) continue;
    text += fmt::format("{}{} {} in place of {}", text.empty() ? "" : ", ", key, after, before);
  }
  return text;
}

}  // namespace masala::io
