#include "io/model_file.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "io/document.h"
#include "io/file.h"
#include "io/model_fingerprint.h"
#include "io/model_network.h"
#include "io/sha256.h"
#include "learned/ensemble.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"
#include "masala/targets/targets.h"

namespace masala::io {

using Json = nlohmann::ordered_json;

namespace {

[[noreturn]] void refuse(const std::string& path, std::string_view key, const std::string& why) {
  throw InputError(located(path, {1}, key, why));
}

[[noreturn]] void refuse_content(const std::string& path, const std::exception& error) {
  refuse(path, "content", fmt::format("{}; expected what masala train writes", error.what()));
}

Json constants_to_json(const learned::TrainedModel& trained) {
  Json json = Json::object();
  const std::vector<model::FittedConstant> constants = trained.target->constants();
  for (std::size_t i = 0; i < constants.size(); ++i) json[constants[i].name] = trained.constants[i];
  return json;
}

std::vector<std::string> constant_names(const model::Target& target) {
  std::vector<std::string> names;
  for (const model::FittedConstant& constant : target.constants()) names.push_back(constant.name);
  std::sort(names.begin(), names.end());
  return names;
}

// A name that the target knows; without a driver it is never asked for one.
std::string known_name(const model::Target& target,
                       const std::string& name,
                       const std::vector<std::string>& known,
                       const char* otherwise) {
  if (target.has_driver() && std::find(known.begin(), known.end(), name) == known.end())
    throw std::invalid_argument(otherwise);
  return name;
}

// The first name that one list has and the other has not.
std::string name_difference(const std::vector<std::string>& written,
                            const std::vector<std::string>& known) {
  const auto lacks = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) == names.end();
  };
  for (const std::string& name : known) {
    if (lacks(written, name)) return name + " is missing";
  }
  for (const std::string& name : written) {
    if (lacks(known, name)) return shown(name) + " is unknown";
  }
  return "another order";
}

// Models name their constants and features: those of another masala may have others.
void check_names(const std::string& path,
                 std::string_view what,
                 const std::vector<std::string>& written,
                 const std::vector<std::string>& known) {
  if (written == known) return;
  refuse(path,
         "content",
         fmt::format("its {} are not those of this masala ({}); expected to train anew",
                     what,
                     name_difference(written, known)));
}

// Sorted, as their order says nothing.
std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<double> constants_from_json(const model::Target& target, const Json& json) {
  std::vector<double> constants;
  for (const model::FittedConstant& constant : target.constants())
    constants.push_back(json.at(constant.name).get<double>());
  return constants;
}

// Empty where it is no text.
std::string text_at(const Json& json, const char* key) {
  const bool has_text = json.is_object() && json.contains(key) && json[key].is_string();
  return has_text ? json[key].get<std::string>() : "";
}

std::string why_other(std::string_view schema) {
  const auto version = schema_version(schema, kModelSchema);
  if (!version) return "it is damaged";
  return *version > *schema_version(kModelSchema, kModelSchema)
             ? "a newer masala wrote it: update this one, or train anew"
             : "an older masala wrote it: train anew";
}

// JSON is compared, written and hashed recursively, so that deep nesting exhausts the stack.
Json parse_shallow(const std::string& text) {
  return Json::parse(text, [](int depth, Json::parse_event_t /*event*/, Json& /*parsed*/) {
    if (depth > static_cast<int>(kMaxNesting)) throw std::length_error("nested too deeply");
    return true;
  });
}

Json parse_checked(const std::string& text, const std::string& path) {
  if (!is_model_text(text)) {
    refuse(path, "", "not a model file; expected one that masala train wrote");
  }
  Json json;
  try {
    json = parse_shallow(text);
  } catch (const std::exception&) {
    refuse(path, "", "damaged: it ends early or is no JSON; expected the file as it was written");
  }
  const std::string schema = text_at(json, "schema");
  if (schema != kModelSchema) {
    refuse(path,
           "schema",
           fmt::format("got {}; expected {} ({})", shown(schema), kModelSchema, why_other(schema)));
  }
  const std::string written = text_at(json, "sha256");
  if (!json.contains("content") || sha256_hex(json["content"].dump()) != written) {
    refuse(path, "sha256", "damaged: the content is not what was written; expected it unchanged");
  }
  return json["content"];
}

}  // namespace

std::string to_model_text(const learned::TrainedModel& trained,
                          const model::Accelerator& accelerator,
                          const nlohmann::ordered_json& about) {
  Json content;
  content["accelerator"] = {{"name", accelerator.name}, {"fingerprint", fingerprint(accelerator)}};
  content["about"] = about;
  content["base"] = trained.target->name();
  content["program"] = trained.conditions.program;
  content["cache"] = trained.conditions.cache;
  content["constants"] = constants_to_json(trained);
  content["shrinkage"] = {{"range_rate", trained.shrinkage.range_rate},
                          {"noise", trained.shrinkage.noise}};
  content["residual"] = ensemble_to_json(*trained.residual, trained.feature_names);
  content["dnn"] = ensemble_to_json(*trained.dnn, trained.dnn_feature_names);
  Json json;
  json["schema"] = kModelSchema;
  json["sha256"] = sha256_hex(content.dump());
  json["content"] = std::move(content);
  return json.dump() + "\n";
}

ModelFile parse_model(const std::string& text,
                      const std::string& path,
                      const model::Accelerator& accelerator) {
  const Json content = parse_checked(text, path);
  ModelFile file;
  try {
    file.accelerator_name = content.at("accelerator").at("name").get<std::string>();
    const std::string difference = fingerprint_difference(
        content.at("accelerator").at("fingerprint"), fingerprint(accelerator));
    if (!difference.empty()) {
      refuse(path,
             "accelerator",
             fmt::format("trained for {}, which differs from {}: {}; expected a model of it",
                         file.accelerator_name,
                         accelerator.name,
                         difference));
    }
    learned::TrainedModel& trained = file.trained;
    trained.target = targets::find_target(content.at("base").get<std::string>());
    if (trained.target == nullptr) throw std::invalid_argument("unknown base");
    const model::Target& target = *trained.target;
    trained.conditions.program = known_name(
        target, content.at("program").get<std::string>(), target.programs(), "unknown program");
    // Models of before had no say in this: warm.
    trained.conditions.cache = known_name(
        target, content.value("cache", "warm"), target.cache_states(), "unknown state of caches");
    check_names(path, "constants", keys_of(content.at("constants")), constant_names(target));
    trained.constants = constants_from_json(target, content.at("constants"));
    trained.shrinkage.range_rate = content.at("shrinkage").at("range_rate").get<double>();
    trained.shrinkage.noise = content.at("shrinkage").at("noise").get<double>();
    trained.residual = ensemble_from_json(content.at("residual"), trained.feature_names);
    trained.dnn = ensemble_from_json(content.at("dnn"), trained.dnn_feature_names);
    const learned::FeatureNames expected = learned::feature_names(target, accelerator);
    check_names(path, "features", trained.feature_names, expected.residual);
    check_names(path, "dnn's features", trained.dnn_feature_names, expected.dnn);
  } catch (const InputError&) {
    throw;
  } catch (const std::exception& error) {
    refuse_content(path, error);
  }
  return file;
}

ModelFile read_model(const std::string& path, const model::Accelerator& accelerator) {
  return parse_model(read_file(path), path, accelerator);
}

bool is_model_text(std::string_view text) {
  constexpr std::size_t kHead = 64;
  return text.substr(0, kHead).find(schema_stem(kModelSchema)) != std::string_view::npos;
}

nlohmann::ordered_json model_about(const std::string& text, const std::string& path) {
  const Json content = parse_checked(text, path);
  try {
    Json about = content.at("about");
    about["accelerator"] = content.at("accelerator").at("name");
    about["program"] = content.at("program");
    about["cache"] = content.value("cache", "warm");
    about["constants"] = content.at("constants");
    return about;
  } catch (const Json::exception& error) {
    refuse_content(path, error);
  }
}

}  // namespace masala::io
