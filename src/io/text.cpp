#include "masala/io/text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "masala/io/input_error.h"

namespace masala::io {
namespace {

template <class T>
std::optional<T> from_whole_text(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool is_same_letter(char a, char b) {
  return lower(a) == lower(b);
}

// Insertions, deletions, substitutions and swaps of neighbours between the lower-cased names.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + cost});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) now[j] = std::min(now[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

// The length of the UTF-8 sequence at the start of `text`, or 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and values above U+10FFFF.
  const bool is_refused = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) >= 0xA0) ||
                          (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90);
  return is_refused ? 0 : length;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (const auto exact = from_whole_text<std::int64_t>(text)) return exact;
  constexpr double kMaxExact = 9007199254740992.0;  // 2^53
  const auto value = parse_number(text);
  // Digits alone that did not parse above overflow.
  const bool is_fractional_form = text.find_first_of(".eE") != std::string_view::npos;
  if (!value || !is_fractional_form || *value != std::floor(*value)) return std::nullopt;
  if (std::abs(*value) > kMaxExact) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  return from_whole_text<std::uint64_t>(text);
}

std::optional<double> parse_number(std::string_view text) {
  const auto value = from_whole_text<double>(text);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::string number_text(double value) {
  return fmt::format("{}", value);
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMaxShown = 60;
  std::string excerpt = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (i + length > kMaxShown) {
      excerpt += "...";
      break;
    }
    if (length == 0 || is_control(text[i]) || text[i] == '\n' || text[i] == '\r') {
      excerpt += '?';
    } else {
      excerpt += text.substr(i, length);
    }
    i += std::max<std::size_t>(1, length);
  }
  return excerpt + "\"";
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), is_same_letter);
}

bool contains_but_for_case(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), is_same_letter) !=
         text.end();
}

std::optional<std::string> closest(std::string_view name,
                                   const std::vector<std::string>& candidates) {
  constexpr std::size_t kMaxLength = 100;  // keeps the quadratic distance cheap on junk
  if (name.size() > kMaxLength) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = 1 + std::max<std::size_t>(1, name.size() / 3);
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance >= best_distance || distance >= candidate.size()) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const auto candidate = closest(name, candidates);
  return candidate ? " (did you mean " + *candidate + "?)" : "";
}

bool is_identifier(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), is_inner);
}

std::string_view schema_stem(std::string_view schema) {
  return schema.substr(0, schema.rfind('/') + 1);
}

std::optional<std::int64_t> schema_version(std::string_view schema, std::string_view like) {
  const std::string_view stem = schema_stem(like);
  if (schema.substr(0, stem.size()) != stem) return std::nullopt;
  return parse_integer(schema.substr(stem.size()));
}

void require_text(std::string_view text, const std::string& path) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0 || is_control(text[i])) {
      const std::string_view what = length == 0 ? "not UTF-8" : "control character";
      throw InputError(located(path, {line}, "", std::string(what) + "; expected a text file"));
    }
    if (text[i] == '\n') ++line;
    i += length;
  }
}

}  // namespace masala::io
