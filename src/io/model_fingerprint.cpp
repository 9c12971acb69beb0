#include "io/model_fingerprint.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace masala::io {

using Json = nlohmann::ordered_json;

namespace {

// `at`: the path of the two.
std::string first_difference(const Json& trained, const Json& given, const std::string& at) {
  if (trained.type() != given.type() || !trained.is_structured()) {
    if (trained == given) return "";
    return fmt::format(
        "{} is {} in the model and {} in the accelerator", at, trained.dump(), given.dump());
  }
  if (trained.is_array() && trained.size() != given.size()) {
    return fmt::format("{} has {} entries in the model and {} in the accelerator",
                       at,
                       trained.size(),
                       given.size());
  }
  for (const auto& [key, value] : trained.items()) {
    const std::string path =
        trained.is_array() ? fmt::format("{}[{}]", at, key) : at + (at.empty() ? "" : ".") + key;
    if (!trained.is_array() && !given.contains(key)) return path + " is not in the accelerator";
    const Json& other = trained.is_array() ? given[std::stoul(key)] : given[key];
    if (std::string found = first_difference(value, other, path); !found.empty()) return found;
  }
  if (trained.is_object() && trained.size() != given.size()) return at + " has other keys";
  return "";
}

}  // namespace

nlohmann::ordered_json fingerprint(const model::Accelerator& accelerator) {
  const auto scaled = [&](const model::Scaled& value) {
    if (value.parameter < 0) return fmt::format("{}", value.factor);
    return fmt::format("{} {}",
                       value.factor,
                       accelerator.parameters[static_cast<std::size_t>(value.parameter)].name);
  };
  Json json;
  json["levels"] = Json::array();
  for (const model::Level& level : accelerator.levels) {
    Json entry;
    entry["name"] = level.name;
    entry["keeps"] = Json::array();
    for (model::Operand operand : model::kAllOperands) {
      if (level.keeps[operand]) entry["keeps"].push_back(model::name(operand));
    }
    entry["word_bits"] = level.word_bits;
    entry["instances"] = scaled(level.instances);
    entry["spatial"] = Json::object();
    for (const model::SpatialDim& spatial : level.spatial)
      entry["spatial"][std::string(model::name(spatial.dim))] = scaled(spatial.limit);
    entry["bandwidth_words_per_cycle"] =
        level.bandwidth_words_per_cycle ? scaled(*level.bandwidth_words_per_cycle) : "unlimited";
    json["levels"].push_back(std::move(entry));
  }
  json["program"] = nullptr;
  if (accelerator.program) {
    json["program"] = Json::object();
    json["program"]["driver"] = accelerator.program->driver;
    for (const auto& [key, value] : accelerator.program->measured_hardware)
      json["program"]["measured_hardware"][key] = value;
  }
  return json;
}

std::string fingerprint_difference(const Json& trained, const Json& given) {
  return first_difference(trained, given, "");
}

}  // namespace masala::io
