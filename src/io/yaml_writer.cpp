#include "io/yaml_writer.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "masala/io/text.h"

namespace masala::io {
namespace {

using Json = nlohmann::ordered_json;

// Words that YAML readers take for booleans or null.
bool is_reserved(std::string_view text) {
  constexpr std::string_view kReserved[] = {"true", "false", "yes", "no", "on", "off", "null"};
  return std::any_of(std::begin(kReserved), std::end(kReserved), [&](std::string_view word) {
    return equal_but_for_case(word, text);
  });
}

bool is_plain(std::string_view text) {
  const auto is_safe = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ||
           c == '/';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_safe) &&
         (std::isalpha(static_cast<unsigned char>(text[0])) != 0 || text[0] == '_' ||
          text[0] == '/') &&
         !is_reserved(text);
}

// "2 * pes", which no reader takes for a number.
bool is_product(std::string_view text) {
  constexpr std::string_view kTimes = " * ";
  const std::size_t at = text.find(kTimes);
  return at != std::string_view::npos && parse_number(text.substr(0, at)) &&
         is_plain(text.substr(at + kTimes.size()));
}

void append(const Json& json,
            const std::string& path,
            const std::string& indent,
            const std::set<std::string>& blocks,
            std::string& out) {
  for (const auto& [key, value] : json.items()) {
    const std::string at = json.is_array() ? path + "[]" : path + (path.empty() ? "" : ".") + key;
    const std::string lead = json.is_array() ? "-" : yaml_scalar(key) + ":";
    if (value.empty() || blocks.count(at) == 0) {
      out += indent + lead + " " + yaml_flow(value) + "\n";
      continue;
    }
    std::string block;
    append(value, at, indent + "  ", blocks, block);
    // "- " stands in for the indentation of the first line of a map in a list.
    out += indent + lead + (json.is_array() ? block.substr(indent.size() + 1) : "\n" + block);
  }
}

}  // namespace

std::string yaml_scalar(std::string_view text) {
  if (is_plain(text) || is_product(text)) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string yaml_flow(const Json& json) {
  if (json.is_string()) return yaml_scalar(json.get_ref<const std::string&>());
  if (json.is_number_float()) return number_text(json.get<double>());
  if (!json.is_structured()) return json.dump();
  std::string text;
  for (const auto& [key, value] : json.items()) {
    if (!text.empty()) text += ", ";
    if (json.is_object()) text += yaml_scalar(key) + ": ";
    text += yaml_flow(value);
  }
  return json.is_object() ? "{" + text + "}" : "[" + text + "]";
}

std::string yaml_from_json(const Json& json, const std::set<std::string>& blocks) {
  std::string out;
  append(json, "", "", blocks, out);
  return out;
}

}  // namespace masala::io
