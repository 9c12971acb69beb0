// Pieces of YAML text.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace masala::io {

// A string as a YAML scalar, quoted unless every YAML reader takes it for text.
std::string yaml_scalar(std::string_view text);

// The shortest text that reads back as the same double.
std::string yaml_number(double value);

// The same content as YAML: block style for maps and lists of maps, flow style inside them.
std::string yaml_from_json(const nlohmann::ordered_json& json);

}  // namespace masala::io
