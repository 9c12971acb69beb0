#include "io/hardware_values.h"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "masala/io/input_error.h"
#include "masala/io/text.h"

namespace masala::io {
namespace {

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

}  // namespace masala::io
