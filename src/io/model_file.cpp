#include "io/model_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "io/document.h"
#include "io/file.h"
#include "io/sha256.h"
#include "learned/ensemble.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"
#include "masala/model/batch.h"
#include "masala/targets/targets.h"

namespace masala::io {

using Json = nlohmann::ordered_json;
using learned::Tensor;

namespace {

constexpr std::string_view kSchemaStem = "masala.model/";

[[noreturn]] void refuse(const std::string& path, std::string_view key, const std::string& why) {
  throw InputError(located(path, 1, 0, key, why));
}

[[noreturn]] void refuse_content(const std::string& path, const std::exception& error) {
  refuse(path, "content", fmt::format("{}; expected what masala train writes", error.what()));
}

// ---- Numbers -----------------------------------------------------------------------------------

// Networks are trained in single precision: the shortest decimal of the float gives it back.
Json weights_to_json(const Tensor& tensor) {
  const Tensor flat = tensor.to(torch::kFloat32).contiguous().view({-1});
  Json list = Json::array();
  for (std::int64_t i = 0; i < flat.numel(); ++i)
    list.push_back(std::stod(fmt::format("{}", flat.data_ptr<float>()[i])));
  return list;
}

Tensor weights_from_json(const Json& list, const std::vector<std::int64_t>& shape) {
  std::vector<double> values;
  for (const Json& value : list) {
    const auto number = static_cast<double>(static_cast<float>(value.get<double>()));
    if (!std::isfinite(number)) throw std::invalid_argument("a weight is not finite");
    values.push_back(number);
  }
  return torch::tensor(values, model::real_options()).view(shape);
}

Json vector_to_json(const Tensor& tensor) {
  const Tensor flat = tensor.contiguous();
  return std::vector<double>(flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
}

Tensor vector_from_json(const Json& list, std::size_t size) {
  const auto values = list.get<std::vector<double>>();
  if (values.size() != size) throw std::invalid_argument("a list has the wrong length");
  return torch::tensor(values, model::real_options());
}

// ---- Parts -------------------------------------------------------------------------------------

Json ensemble_to_json(const learned::Ensemble& ensemble, const std::vector<std::string>& features) {
  const auto& tensors = ensemble.weights().tensors;
  Json json;
  json["features"] = features;
  json["low"] = vector_to_json(ensemble.scale().low);
  json["high"] = vector_to_json(ensemble.scale().high);
  json["mean"] = vector_to_json(ensemble.scale().mean);
  json["scale"] = vector_to_json(ensemble.scale().scale);
  json["target_mean"] = ensemble.target_mean();
  json["target_scale"] = ensemble.target_scale();
  json["members"] = tensors[0].size(0);
  json["hidden"] = tensors[0].size(2);
  json["weights"] = Json::array();
  for (const Tensor& tensor : tensors) json["weights"].push_back(weights_to_json(tensor));
  return json;
}

std::shared_ptr<const learned::Ensemble> ensemble_from_json(const Json& json,
                                                            std::vector<std::string>& features) {
  features = json.at("features").get<std::vector<std::string>>();
  const std::size_t size = features.size();
  learned::FeatureScale scale{vector_from_json(json.at("low"), size),
                              vector_from_json(json.at("high"), size),
                              vector_from_json(json.at("mean"), size),
                              vector_from_json(json.at("scale"), size)};
  const auto members = json.at("members").get<std::int64_t>();
  const auto hidden = json.at("hidden").get<std::int64_t>();
  if (members < 2 || hidden < 1)
    throw std::invalid_argument("an ensemble needs two members or more, each with hidden units");
  const auto inputs = static_cast<std::int64_t>(size);
  const std::vector<std::vector<std::int64_t>> shapes = {{members, inputs, hidden},
                                                         {members, 1, hidden},
                                                         {members, hidden, hidden},
                                                         {members, 1, hidden},
                                                         {members, hidden, 1},
                                                         {members, 1, 1}};
  learned::EnsembleWeights weights;
  for (std::size_t i = 0; i < shapes.size(); ++i)
    weights.tensors.push_back(weights_from_json(json.at("weights").at(i), shapes[i]));
  return std::make_shared<const learned::Ensemble>(std::move(scale),
                                                   std::move(weights),
                                                   json.at("target_mean").get<double>(),
                                                   json.at("target_scale").get<double>());
}

Json constants_to_json(const learned::TrainedModel& trained) {
  Json json = Json::object();
  const std::vector<model::FittedConstant> constants = trained.target->constants();
  for (std::size_t i = 0; i < constants.size(); ++i) json[constants[i].name] = trained.constants[i];
  return json;
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

std::vector<std::string> constant_names(const model::Target& target) {
  std::vector<std::string> names;
  for (const model::FittedConstant& constant : target.constants()) names.push_back(constant.name);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<double> constants_from_json(const model::Target& target, const Json& json) {
  std::vector<double> constants;
  for (const model::FittedConstant& constant : target.constants())
    constants.push_back(json.at(constant.name).get<double>());
  return constants;
}

// A name that a target knows.
std::string known_name(const std::string& name,
                       const std::vector<std::string>& known,
                       const char* otherwise) {
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw std::invalid_argument(otherwise);
  return name;
}

// ---- Reading -----------------------------------------------------------------------------------

// Path of the first difference of two fingerprints, and both values.
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

// Empty where it is no text.
std::string text_at(const Json& json, const char* key) {
  const bool has_text = json.is_object() && json.contains(key) && json[key].is_string();
  return has_text ? json[key].get<std::string>() : "";
}

// The version of a schema of model files, or nothing.
std::optional<int> schema_version(std::string_view schema) {
  if (schema.substr(0, kSchemaStem.size()) != kSchemaStem) return std::nullopt;
  const std::string_view digits = schema.substr(kSchemaStem.size());
  int version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return version;
}

std::string why_other(std::string_view schema) {
  const std::optional<int> version = schema_version(schema);
  if (!version) return "it is damaged";
  return *version > *schema_version(kModelSchema)
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
    refuse(path, "", fmt::format("not a model file; expected one that masala train wrote"));
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
    const std::string difference =
        first_difference(content.at("accelerator").at("fingerprint"), fingerprint(accelerator), "");
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
    trained.conditions.program = known_name(
        content.at("program").get<std::string>(), trained.target->programs(), "unknown program");
    // Models of before had no say in this: warm.
    trained.conditions.cache = known_name(
        content.value("cache", "warm"), trained.target->cache_states(), "unknown state of caches");
    check_names(
        path, "constants", keys_of(content.at("constants")), constant_names(*trained.target));
    trained.constants = constants_from_json(*trained.target, content.at("constants"));
    trained.shrinkage.range_rate = content.at("shrinkage").at("range_rate").get<double>();
    trained.shrinkage.noise = content.at("shrinkage").at("noise").get<double>();
    trained.residual = ensemble_from_json(content.at("residual"), trained.feature_names);
    trained.dnn = ensemble_from_json(content.at("dnn"), trained.dnn_feature_names);
    const learned::FeatureNames expected = learned::feature_names(*trained.target, accelerator);
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
  return text.substr(0, kHead).find(kSchemaStem) != std::string_view::npos;
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
