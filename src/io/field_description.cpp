#include "masala/io/field_description.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "io/yaml_writer.h"

namespace masala::io {

std::string default_text(const nlohmann::ordered_json& value) {
  const bool is_empty_text = value.is_string() && value.get_ref<const std::string&>().empty();
  return value.empty() || is_empty_text ? "none" : fmt::format("`{}`", yaml_flow(value));
}

void append_below(std::string_view key,
                  const std::vector<FieldDescription>& parts,
                  std::vector<FieldDescription>& all) {
  for (FieldDescription part : parts) {
    const bool is_plain = key.empty() || part.key_path.rfind("[]", 0) == 0;
    part.key_path = fmt::format("{}{}{}", key, is_plain ? "" : ".", part.key_path);
    all.push_back(std::move(part));
  }
}

std::string markdown_table(const std::vector<FieldDescription>& fields) {
  std::string text = "| field | type | default | meaning |\n|---|---|---|---|\n";
  for (const FieldDescription& field : fields) {
    text += fmt::format(
        "| `{}` | {} | {} | {} |\n", field.key_path, field.type, field.presence, field.meaning);
  }
  return text;
}

}  // namespace masala::io
