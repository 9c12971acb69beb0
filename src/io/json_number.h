// Numbers as JSON has them in what we write.
#pragma once

#include <cmath>
#include <cstdint>

#include <nlohmann/json.hpp>

namespace masala::io {

// Without a fraction where there is none.
inline nlohmann::ordered_json json_number(double value) {
  constexpr double kMostExact = 9007199254740992.0;  // 2^53
  if (std::floor(value) == value && std::abs(value) <= kMostExact) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

}  // namespace masala::io
