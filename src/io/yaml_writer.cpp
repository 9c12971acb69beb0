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
  std::string lower;
  for (char c : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  constexpr std::string_view kReserved[] = {"true", "false", "yes", "no", "on", "off", "null"};
  return std::find(std::begin(kReserved), std::end(kReserved), lower) != std::end(kReserved);
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

// A map, or a list that has maps: written over several lines.
bool is_block(const Json& json) {
  if (json.is_object()) return !json.empty();
  return json.is_array() &&
         std::any_of(json.begin(), json.end(), [](const Json& item) { return item.is_object(); });
}

std::string flow(const Json& json) {
  if (json.is_string()) return yaml_scalar(json.get_ref<const std::string&>());
  if (!json.is_structured()) return json.dump();
  std::string text;
  for (const auto& [key, value] : json.items()) {
    if (!text.empty()) text += ", ";
    if (json.is_object()) text += yaml_scalar(key) + ": ";
    text += flow(value);
  }
  return json.is_object() ? "{" + text + "}" : "[" + text + "]";
}

// Every nested map of one layer is short: flow style keeps a layer readable.
constexpr int kMaxBlockDepth = 2;

void append(const Json& json, int depth, std::string& out) {
  const std::string indent(static_cast<std::size_t>(2 * depth), ' ');
  for (const auto& [key, value] : json.items()) {
    const std::string lead = json.is_object() ? yaml_scalar(key) + ":" : "-";
    if (json.is_array() && value.is_object() && !value.empty()) {
      // "- " stands in for the indentation of the map's first line.
      std::string item;
      append(value, depth + 1, item);
      out += indent + "- " + item.substr(indent.size() + 2);
    } else if (is_block(value) && depth < kMaxBlockDepth) {
      out += indent + lead + "\n";
      append(value, depth + 1, out);
    } else {
      out += indent + lead + " " + flow(value) + "\n";
    }
  }
}

}  // namespace

std::string yaml_scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
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

std::string yaml_number(double value) {
  return fmt::format("{}", value);
}

std::string yaml_from_json(const Json& json) {
  if (!is_block(json)) return flow(json) + "\n";
  std::string out;
  append(json, 0, out);
  return out;
}

}  // namespace masala::io
