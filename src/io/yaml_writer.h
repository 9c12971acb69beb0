// JSON values as YAML text.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace masala::io {

// A string as a YAML scalar, quoted unless every YAML reader takes it for text.
std::string yaml_scalar(std::string_view text);

// In one line: {a: 1, b: [2, 3]}.
std::string yaml_flow(const nlohmann::ordered_json& json);

// The map `json` with a line for each of its keys. `blocks`: key paths of the maps and lists inside
// that are written so too ("levels", and "levels[]" for the maps in it); all others are in one
// line.
std::string yaml_from_json(const nlohmann::ordered_json& json, const std::set<std::string>& blocks);

}  // namespace masala::io
