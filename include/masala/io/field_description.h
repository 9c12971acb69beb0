// What the documentation says of the fields of a file format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace masala::io {

struct FieldDescription {
  std::string key_path;  // "levels[].capacity.kib"
  std::string type;
  std::string presence;  // "required", or what a file without it means
  std::string meaning;
};

// A value that a file need not state, as the documentation shows it: "none" where it is empty.
std::string default_text(const nlohmann::ordered_json& value);

// Adds the fields of the maps at `key`; `key` + "[]" for those of a list.
void append_below(std::string_view key,
                  const std::vector<FieldDescription>& parts,
                  std::vector<FieldDescription>& all);

// A Markdown table, one field a line.
std::string markdown_table(const std::vector<FieldDescription>& fields);

}  // namespace masala::io
