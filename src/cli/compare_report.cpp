#include "cli/compare_report.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "cli/json_number.h"
#include "cli/simulate_request.h"
#include "io/trace_writer.h"

namespace masala::cli {
namespace {

using compare::ComparedWorkload;
using compare::Comparison;
using compare::Contender;
using compare::Gains;
using compare::PredictionError;
using compare::Score;
using nlohmann::ordered_json;

constexpr const char* kRoofline = "roofline";
constexpr const char* kHybrid = "hybrid";

std::string gain_text(double gain) {
  return fmt::format("{:.3f}", gain);
}

std::string percent_text(double percent) {
  return fmt::format("{:.1f}", percent);
}

// "1.20x lower EDP" or "1.05x higher EDP".
std::string change_text(double gain, const char* less, const char* more, const char* quantity) {
  return fmt::format(
      "{:.2f}x {} {}", gain >= 1.0 ? gain : 1.0 / gain, gain >= 1.0 ? less : more, quantity);
}

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
  const Score judged = compare::judged_score(contender, compared.workload);
  const Score predicted = compare::predicted_score(contender);
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
    error = compare::prediction_error(compare::predicted_cycles(contender.design),
                                      contender.judged_cycles);
  }
  json["prediction_error_percent"] = error_json(error);
  return json;
}

ordered_json judge_json(const CompareRequest& request) {
  if (request.judge_path) {
    return {{"kind", "csv"}, {"program", nullptr}, {"cache", nullptr}, {"version", nullptr}};
  }
  return {{"kind", "simulator"},
          {"program", simulator::name(simulator::ProgramKind::clean)},
          {"cache", simulator::name(request.simulate.cache)},
          {"version", simulator::kSimulatorVersion}};
}

TextTable text_table(const std::vector<std::string>& titles,
                     std::vector<std::vector<std::string>> rows) {
  TextTable table;
  for (const std::string& title : titles) {
    table.add_column(title, title == titles.front() ? Align::left : Align::right);
  }
  for (std::vector<std::string>& row : rows) table.add_row(std::move(row));
  return table;
}

}  // namespace

std::string judge_text(const CompareRequest& request) {
  if (request.judge_path) return "measured cycles of " + *request.judge_path;
  return fmt::format("simulator {}, {} program, {} caches",
                     simulator::kSimulatorVersion,
                     simulator::name(simulator::ProgramKind::clean),
                     simulator::name(request.simulate.cache));
}

std::string verdict(const Comparison& comparison) {
  // The hybrid, or else the last model, against the roofline; a single model against the default.
  const std::size_t last = comparison.num_models() - 1;
  const std::size_t chosen = comparison.find(kHybrid).value_or(last);
  const std::size_t roofline = comparison.find(kRoofline).value_or(0);
  const std::size_t base = chosen == roofline ? 0 : roofline;
  const Gains ours = comparison.mean_gains(chosen);
  const Gains theirs = comparison.mean_gains(base);
  return fmt::format(
      "Designs found with the {} model have {} than {}: {} and {} ({}).",
      comparison.model(chosen),
      change_text(ours.edp / theirs.edp, "lower", "higher", "EDP"),
      base == 0 ? std::string("Gemmini's own tiler") : "those of the " + comparison.model(base),
      change_text(ours.cycles / theirs.cycles, "fewer", "more", "cycles"),
      change_text(ours.energy / theirs.energy, "less", "more", "energy"),
      comparison.workloads.size() == 1
          ? comparison.workloads.front().workload.name
          : fmt::format("geometric mean over {} workloads", comparison.workloads.size()));
}

std::vector<std::string> compare_titles(const model::Accelerator& accelerator) {
  std::vector<std::string> titles = {"model"};
  for (const std::string& key : model::hardware_keys(accelerator)) titles.push_back(key);
  for (const char* title : {"cycles predicted",
                            "cycles judged",
                            "energy uJ",
                            "EDP predicted",
                            "EDP judged",
                            "x cycles",
                            "x energy",
                            "x EDP"}) {
    titles.emplace_back(title);
  }
  return titles;
}

std::vector<std::vector<std::string>> compare_rows(const ComparedWorkload& compared,
                                                   const model::Accelerator& accelerator) {
  std::vector<std::vector<std::string>> rows;
  for (const Contender& contender : compared.contenders) {
    const Score predicted = compare::predicted_score(contender);
    const Score judged = compare::judged_score(contender, compared.workload);
    const Gains gains = compared.gains_of(contender);
    const bool is_predicted = !contender.has_default_tiles;
    std::vector<std::string> row = {contender.model};
    for (const std::string& key : model::hardware_keys(accelerator)) {
      row.push_back(
          fmt::format("{}", *model::hardware_value(accelerator, contender.design.hardware, key)));
    }
    row.push_back(is_predicted ? with_commas(predicted.cycles) : "-");
    row.push_back(with_commas(judged.cycles));
    row.push_back(with_commas(judged.energy_uj, column_decimals({judged.energy_uj})));
    row.push_back(is_predicted ? significant(predicted.edp_uj_cycles()) : "-");
    row.push_back(significant(judged.edp_uj_cycles()));
    row.push_back(gain_text(gains.cycles));
    row.push_back(gain_text(gains.energy));
    row.push_back(gain_text(gains.edp));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> mean_titles() {
  return {"model", "x cycles", "x energy", "x EDP", "median error %", "max error %"};
}

std::vector<std::vector<std::string>> mean_rows(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t m = 0; m < comparison.num_models(); ++m) {
    const Gains gains = comparison.mean_gains(m);
    const auto error = comparison.error(m);
    rows.push_back({comparison.model(m),
                    gain_text(gains.cycles),
                    gain_text(gains.energy),
                    gain_text(gains.edp),
                    error ? percent_text(error->median_percent) : "-",
                    error ? percent_text(error->max_percent) : "-"});
  }
  return rows;
}

std::string compare_text(const CompareRequest& request, const Comparison& comparison) {
  const model::Accelerator& accelerator = request.loaded.accelerator;
  std::string text;
  for (const ComparedWorkload& compared : comparison.workloads) {
    text += fmt::format(
        "{} on {}\n{}\n",
        compared.workload.name,
        accelerator.name,
        text_table(compare_titles(accelerator), compare_rows(compared, accelerator)).str());
  }
  text += fmt::format("geometric mean over {} workload{}; errors of predicted cycles, by layer\n",
                      comparison.workloads.size(),
                      comparison.workloads.size() == 1 ? "" : "s");
  text += text_table(mean_titles(), mean_rows(comparison)).str();
  text += fmt::format(
      "\n{}\n(judged by: {}; x = default / model, above 1 is better;\n"
      "default = Gemmini's own tiler on 16 x 16, 256 KiB, 64 KiB; EDP in uJ.cycles)\n",
      verdict(comparison),
      judge_text(request));
  return text;
}

ordered_json compare_json(const CompareRequest& request, const Comparison& comparison) {
  ordered_json json;
  json["schema"] = "masala.compare/1";
  for (const ComparedWorkload& compared : comparison.workloads) {
    ordered_json& models = json["workloads"][compared.workload.name]["models"];
    for (const Contender& contender : compared.contenders) {
      models[contender.model] = contender_json(compared, contender, request.loaded.accelerator);
    }
  }
  for (std::size_t m = 0; m < comparison.num_models(); ++m) {
    json["geomean"][comparison.model(m)] = gains_json(comparison.mean_gains(m));
  }
  for (std::size_t m = 0; m < comparison.num_models(); ++m) {
    json["prediction_error_percent"][comparison.model(m)] = error_json(comparison.error(m));
  }
  json["judge"] = judge_json(request);
  std::vector<std::string> inputs = {request.loaded.path};
  for (const LoadedWorkload& workload : request.workloads) inputs.push_back(workload.path);
  for (const LoadedLatency& latency : request.models) {
    if (latency.path) inputs.push_back(*latency.path);
  }
  if (request.judge_path) inputs.push_back(*request.judge_path);
  const io::Provenance provenance = make_provenance(request.command, inputs);
  json["provenance"] = {{"version", provenance.version},
                        {"torch", provenance.torch},
                        {"command", provenance.command},
                        {"inputs", provenance.inputs}};
  return json;
}

io::CsvTable compare_table(const CompareRequest& request, const Comparison& comparison) {
  const model::Accelerator& accelerator = request.loaded.accelerator;
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

}  // namespace masala::cli
