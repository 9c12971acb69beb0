#include "io/design_hardware.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/hardware_values.h"

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
  if (!map.is_valid() || (extra.empty() && missing.empty())) return;
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

}  // namespace

model::Hardware read_design_hardware(const Field& field, const Accelerator& accelerator) {
  model::Hardware hardware = model::default_hardware(accelerator);
  MapReader map(field);
  check_keys(field, map, accelerator);
  for (const std::string& key : model::hardware_keys(accelerator)) {
    const bool is_parameter = accelerator.find_parameter(key).has_value();
    const double value = read_value(map.optional(key), is_parameter);
    model::set_hardware_value(accelerator, hardware, key, value);
  }
  return hardware;
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
