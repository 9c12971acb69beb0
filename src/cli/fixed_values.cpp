#include "cli/fixed_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/input_error.h"
#include "io/text.h"

namespace masala::cli {

void check_fixed(const std::vector<model::FixedValue>& fixed,
                 const model::Accelerator& accelerator) {
  for (const model::FixedValue& value : fixed) {
    if (model::hardware_range(accelerator, value.key) == nullptr) {
      const std::vector<std::string> keys = model::hardware_keys(accelerator);
      throw io::InputError(fmt::format("--fix {}: unknown hardware key; expected one of {}{}",
                                       value.key,
                                       fmt::join(keys, ", "),
                                       io::did_you_mean(value.key, keys)));
    }
    if (value.value < 1.0 || value.value > static_cast<double>(model::kMaxBound)) {
      throw io::InputError(fmt::format("--fix {}: got {:.0f}; expected an integer from 1 to {}",
                                       value.key,
                                       value.value,
                                       model::kMaxBound));
    }
  }
}

}  // namespace masala::cli
