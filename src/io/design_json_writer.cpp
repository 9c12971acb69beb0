#include <cmath>

#include <nlohmann/json.hpp>

#include "io/yaml_writer.h"
#include "masala/io/design_json.h"
#include "masala/search/space/objective.h"

namespace masala::io {
namespace {

using Json = nlohmann::ordered_json;
using model::Accelerator;

// Doubles that hold an integer are written as one.
Json number(double value) {
  constexpr double kMaxExact = 9007199254740992.0;  // 2^53
  if (value == std::floor(value) && std::abs(value) <= kMaxExact) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

Json hardware_json(const DesignFile& design, const Accelerator& accelerator) {
  Json json = Json::object();
  for (const std::string& key : model::hardware_keys(accelerator)) {
    json[key] = number(model::hardware_value(accelerator, design.hardware, key).value());
  }
  return json;
}

Json totals_json(const DesignTotals& totals) {
  return {{"cycles", number(totals.cycles)},
          {"energy_uj", number(totals.energy_uj)},
          {"edp_uj_cycles", number(totals.edp_uj_cycles)},
          {"area_mm2", totals.area_mm2 ? number(*totals.area_mm2) : Json()}};
}

Json shape_json(const model::Layer& layer) {
  Json json = Json::object();
  for (model::Dim dim : model::kAllDims) json[std::string(model::name(dim))] = layer.bounds[dim];
  json["stride"] = Json::array({layer.stride_w, layer.stride_h});
  json["dilation"] = Json::array({layer.dilation_w, layer.dilation_h});
  json["groups"] = layer.groups;
  return json;
}

Json layers_json(const DesignFile& design, const Accelerator& accelerator) {
  Json json = Json::array();
  for (std::size_t i = 0; i < design.workload.layers.size(); ++i) {
    const model::Layer& layer = design.workload.layers[i];
    const LayerResult& result = design.results.at(i);
    Json entry = {{"name", layer.name},
                  {"count", layer.count},
                  {"shape", shape_json(layer)},
                  {"mapping", model::to_text(design.mappings.at(i), accelerator)},
                  {"cycles", number(result.cycles)},
                  {"energy_uj", number(result.energy_uj)},
                  {"bottleneck", result.bottleneck}};
    if (result.confidence) {
      entry["cycles_log_std"] = number(result.confidence->cycles_log_std);
      entry["in_range"] = result.confidence->in_range;
    }
    json.push_back(std::move(entry));
  }
  return json;
}

Json search_json(const SearchRecord& search) {
  Json history = Json::array();
  for (const auto& [evaluations, best] : search.history) {
    history.push_back(Json::array({evaluations, number(best)}));
  }
  Json json = Json::object();
  json["method"] = search.method;
  json["seed"] = search.seed;
  json["starts"] = search.starts;
  json["evaluations"] = search.evaluations;
  json["seconds"] = number(search.seconds);
  json["interrupted"] = search.interrupted;
  json["history"] = std::move(history);
  return json;
}

Json latency_file_json(const DesignFile& design) {
  if (!design.latency_file) return nullptr;
  return {{"path", design.latency_file->path}, {"sha256", design.latency_file->sha256}};
}

Json bound_json(const DesignFile& design) {
  if (!design.bound) return nullptr;
  const Json value = number(design.bound->value);
  const Json gap_percent = number(design.bound->gap_percent);
  const auto objective = search::objective_from_name(design.objective).value();
  if (objective == search::Objective::edp)
    return {{"edp_uj_cycles", value}, {"gap_percent", gap_percent}};
  return {{"objective", design.objective},
          {"value", value},
          {"unit", search::unit(objective)},
          {"gap_percent", gap_percent}};
}

Json provenance_json(const Provenance& provenance) {
  Json inputs = Json::object();
  for (const auto& [path, sha256] : provenance.inputs) inputs[path] = sha256;
  return {{"version", provenance.version},
          {"torch", provenance.torch},
          {"command", provenance.command},
          {"inputs", std::move(inputs)}};
}

}  // namespace

Json to_json(const DesignFile& design, const Accelerator& accelerator) {
  return {
      {"schema", kDesignSchema},
      {"workload", design.workload.name},
      {"accelerator", {{"name", design.accelerator_name}, {"sha256", design.accelerator_sha256}}},
      {"hardware", hardware_json(design, accelerator)},
      {"latency_model", design.latency_model},
      {"latency_file", latency_file_json(design)},
      {"objective", design.objective},
      {"totals", totals_json(design.totals)},
      {"layers", layers_json(design, accelerator)},
      {"search", search_json(design.search)},
      {"bound", bound_json(design)},
      {"provenance", provenance_json(design.provenance)}};
}

std::string to_yaml(const DesignFile& design, const Accelerator& accelerator) {
  return yaml_from_json(to_json(design, accelerator));
}

}  // namespace masala::io
