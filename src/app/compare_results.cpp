// What a judged comparison says, for programs.
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "io/json_number.h"
#include "io/trace_writer.h"
#include "masala/app/compare.h"
#include "masala/app/provenance.h"

namespace masala::app {
namespace {

using io::json_number;
using nlohmann::ordered_json;

ordered_json gains_json(const Gains& gains) {
  return {{"cycles", json_number(gains.cycles)},
          {"energy", json_number(gains.energy)},
          {"edp", json_number(gains.edp)}};
}

ordered_json error_json(const std::optional<PredictionError>& error) {
  if (!error) return nullptr;
  return {{"median", json_number(error->median_percent)}, {"max", json_number(error->max_percent)}};
}

ordered_json contender_json(const ComparedWorkload& compared,
                            const Contender& contender,
                            const model::Accelerator& accelerator) {
  const Score judged = judged_score(contender, compared.workload);
  const Score predicted = predicted_score(contender);
  const bool is_predicted = !contender.has_default_tiles;
  ordered_json json;
  for (const std::string& key : model::hardware_keys(accelerator)) {
    json["hardware"][key] =
        json_number(*model::hardware_value(accelerator, contender.design.hardware, key));
  }
  json["cycles_predicted"] = is_predicted ? json_number(predicted.cycles) : ordered_json();
  json["cycles_judged"] = json_number(judged.cycles);
  json["energy_uj"] = json_number(judged.energy_uj);
  json["edp_predicted"] = is_predicted ? json_number(predicted.edp_uj_cycles()) : ordered_json();
  json["edp_judged"] = json_number(judged.edp_uj_cycles());
  json["ratio_over_default"] = gains_json(compared.gains_of(contender));
  std::optional<PredictionError> error;
  if (is_predicted) {
    error = prediction_error(predicted_cycles(contender.design), contender.judged_cycles);
  }
  json["prediction_error_percent"] = error_json(error);
  return json;
}

ordered_json judge_json(const CompareRequest& request, const CompareResult& result) {
  if (!result.simulator) {
    return {{"kind", "csv"}, {"program", nullptr}, {"cache", nullptr}, {"version", nullptr}};
  }
  return {{"kind", "simulator"},
          {"program", result.loaded.target->programs().front()},
          {"cache", request.cache},
          {"version", result.simulator->version()}};
}

}  // namespace

std::string judge_name(const CompareRequest& request, const CompareResult& result) {
  if (!result.simulator) return "measured cycles of " + *request.judge_path;
  return fmt::format("simulator {}, {} program, {} caches",
                     result.simulator->version(),
                     result.loaded.target->programs().front(),
                     request.cache);
}

ordered_json compare_json(const CompareRequest& request, const CompareResult& result) {
  const Comparison& comparison = result.comparison;
  ordered_json json;
  json["schema"] = "masala.compare/1";
  for (const ComparedWorkload& compared : comparison.workloads) {
    ordered_json& models = json["workloads"][compared.workload.name]["models"];
    for (const Contender& contender : compared.contenders) {
      models[contender.model] = contender_json(compared, contender, result.loaded.accelerator);
    }
  }
  for (std::size_t m = 0; m < comparison.num_models(); ++m) {
    json["geomean"][comparison.model(m)] = gains_json(comparison.mean_gains(m));
  }
  for (std::size_t m = 0; m < comparison.num_models(); ++m) {
    json["prediction_error_percent"][comparison.model(m)] = error_json(comparison.error(m));
  }
  json["judge"] = judge_json(request, result);
  std::vector<std::string> inputs = {result.loaded.path};
  for (const LoadedWorkload& workload : result.workloads) inputs.push_back(workload.path);
  for (const LoadedLatency& latency : result.models) {
    if (latency.path) inputs.push_back(*latency.path);
  }
  if (request.judge_path) inputs.push_back(*request.judge_path);
  json["provenance"] = provenance_json(make_provenance(request.run.command, inputs));
  return json;
}

io::CsvTable compare_rows(const model::Accelerator& accelerator, const Comparison& comparison) {
  io::CsvTable table;
  table.columns = {"layer.workload",
                   "layer.model",
                   "layer.name",
                   "layer.count",
                   "layer.cycles_predicted",
                   "layer.energy_uj"};
  const std::vector<std::string> trace = io::trace_columns(accelerator);
  table.columns.insert(table.columns.end(), trace.begin(), trace.end());
  table.columns.emplace_back(kCyclesColumn);
  constexpr double kMicrojoulesPerPicojoule = 1e-6;
  for (const ComparedWorkload& compared : comparison.workloads) {
    for (const Contender& contender : compared.contenders) {
      for (std::size_t i = 0; i < compared.workload.layers.size(); ++i) {
        const model::Layer& layer = compared.workload.layers[i];
        const model::LayerCost& cost = contender.design.cost.layers[i];
        std::vector<std::string> row = {
            compared.workload.name,
            contender.model,
            layer.name,
            std::to_string(layer.count),
            contender.has_default_tiles ? "" : fmt::format("{}", cost.cycles),
            fmt::format("{}", cost.energy_pj * kMicrojoulesPerPicojoule)};
        const std::vector<std::string> cells = io::trace_cells(
            contender.design.mappings[i], layer, contender.design.hardware, accelerator);
        row.insert(row.end(), cells.begin(), cells.end());
        const double judged = contender.judged_cycles[i];
        row.push_back(judged > 0.0 ? fmt::format("{}", judged) : "");
        table.rows.push_back(std::move(row));
      }
    }
  }
  return table;
}

}  // namespace masala::app
