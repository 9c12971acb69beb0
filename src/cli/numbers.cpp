#include "cli/numbers.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace masala::cli {
namespace {

// A decimal number with commas between the thousands before its point.
std::string grouped(std::string number) {
  const std::size_t first = number[0] == '-' ? 1 : 0;
  for (std::size_t at = std::min(number.find('.'), number.size()); at > first + 3; at -= 3)
    number.insert(at - 3, ",");
  return number;
}

}  // namespace

std::string with_commas(std::int64_t value) {
  return grouped(std::to_string(value));
}

std::string with_commas(double value, int decimals) {
  return grouped(fmt::format("{:.{}f}", value, decimals));
}

int column_decimals(const std::vector<double>& values) {
  constexpr int kMostDecimals = 6;
  int decimals = 0;
  const auto show = [&](double value, int digits) {
    if (value > 0.0)
      decimals = std::max(decimals, digits - 1 - static_cast<int>(std::floor(std::log10(value))));
  };
  if (!values.empty()) {
    show(*std::max_element(values.begin(), values.end()), 4);
    show(*std::min_element(values.begin(), values.end()), 2);
  }
  return std::min(decimals, kMostDecimals);
}

std::string significant(double value) {
  return fmt::format("{:.4g}", value);
}

std::string seconds_text(double seconds) {
  if (seconds < 60.0) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

std::optional<std::size_t> terminal_columns(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

}  // namespace masala::cli
