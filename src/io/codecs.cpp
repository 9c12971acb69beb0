#include "io/codecs.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace masala::io {
namespace {

// Powers of two from 2^20 on, and what is one below them, as such.
std::string limit_text(std::int64_t limit) {
  for (int bits = 20; bits < 63; ++bits) {
    const std::int64_t power = std::int64_t{1} << bits;
    if (limit == power) return fmt::format("2^{}", bits);
    if (limit == power - 1) return fmt::format("2^{} - 1", bits);
  }
  return std::to_string(limit);
}

}  // namespace

std::string integer_type(std::int64_t min, std::int64_t max) {
  if (max == std::numeric_limits<std::int64_t>::max()) return fmt::format("integer ≥ {}", min);
  return fmt::format("integer {} to {}", min, limit_text(max));
}

Codec<std::uint64_t> unsigned_integer() {
  return scalar<std::uint64_t>("integer ≥ 0", &Field::unsigned_integer);
}

Codec<double> number(double min) {
  const bool is_bounded = min > std::numeric_limits<double>::lowest();
  Codec<double> codec = scalar<double>(is_bounded ? fmt::format("number ≥ {}", min) : "number",
                                       [min](const Field& field) { return field.number(min); });
  codec.write = json_number;
  return codec;
}

Codec<bool> flag() {
  return scalar<bool>("true or false", &Field::flag);
}

Codec<std::string> text() {
  return scalar<std::string>("text", &Field::text);
}

Codec<std::string> any_text() {
  return scalar<std::string>("text", &Field::possibly_empty_text);
}

Codec<std::string> identifier() {
  return scalar<std::string>("name", &Field::identifier);
}

Codec<std::string> choice(const std::vector<std::string>& names, const std::string& type) {
  return scalar<std::string>(type, [names](const Field& field) {
    const auto text = field.text();
    if (text && std::find(names.begin(), names.end(), *text) == names.end()) {
      field.expected(fmt::format("{}{}", fmt::join(names, ", "), did_you_mean(*text, names)));
    }
    return text;
  });
}

}  // namespace masala::io
