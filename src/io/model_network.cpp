#include "io/model_network.h"

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "masala/model/batch.h"

namespace masala::io {

using Json = nlohmann::ordered_json;
using learned::Tensor;

namespace {

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

}  // namespace

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

}  // namespace masala::io
