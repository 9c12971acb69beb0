// What a training says of its rows and of the model, for programs.
#include "masala/app/train.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <nlohmann/json.hpp>

namespace masala::app {

using Json = nlohmann::ordered_json;
using learned::FoldMetrics;
using learned::Folds;
using learned::Metrics;

namespace {

struct MetricField {
  const char* name;
  double Metrics::*value;
};
constexpr MetricField kMetrics[] = {{"spearman", &Metrics::spearman},
                                    {"kendall", &Metrics::kendall},
                                    {"mape_percent", &Metrics::mape_percent},
                                    {"median_ape_percent", &Metrics::median_ape_percent},
                                    {"p90_ape_percent", &Metrics::p90_ape_percent},
                                    {"log_r2", &Metrics::log_r2},
                                    {"bias", &Metrics::bias},
                                    {"within_layer_spearman", &Metrics::within_layer_spearman},
                                    {"pair_accuracy", &Metrics::pair_accuracy}};

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json metrics_json(const std::vector<FoldMetrics>& divisions, Folds kind) {
  Json json = Json::object();
  for (const std::string& tier : metric_tiers()) {
    if (!has_tier(divisions, tier)) continue;
    Json entry = Json::object();
    Json range = Json::object();
    for (const MetricField& field : kMetrics) {
      const MetricSpread spread = spread_of(divisions, kind, tier, field.value);
      entry[field.name] = number(spread.mean);
      range[field.name] = {number(spread.least), number(spread.most)};
    }
    entry["rows"] = divisions.front().tiers.at(tier).rows;
    entry["layers"] = divisions.front().tiers.at(tier).layers;
    if (kind == Folds::leave_layer_out) entry["range"] = std::move(range);
    json[tier] = std::move(entry);
  }
  return json;
}

}  // namespace

const std::vector<std::string>& metric_tiers() {
  static const std::vector<std::string> kTiers = {"macs",
                                                  "roofline",
                                                  "calibrated",
                                                  "hybrid",
                                                  "hybrid_with_pretraining",
                                                  "hybrid_without_pretraining",
                                                  "dnn"};
  return kTiers;
}

MetricSpread spread_of(const std::vector<FoldMetrics>& divisions,
                       Folds kind,
                       const std::string& tier,
                       double Metrics::*value) {
  MetricSpread spread;
  spread.least = std::numeric_limits<double>::infinity();
  spread.most = -std::numeric_limits<double>::infinity();
  double count = 0.0;
  for (const FoldMetrics& division : divisions) {
    if (division.folds != kind) continue;
    const double x = division.tiers.at(tier).*value;
    spread.mean += x;
    spread.least = std::min(spread.least, x);
    spread.most = std::max(spread.most, x);
    ++count;
  }
  spread.mean /= count;
  return spread;
}

bool has_tier(const std::vector<FoldMetrics>& divisions, const std::string& tier) {
  return !divisions.empty() && divisions.front().tiers.count(tier) > 0;
}

double worst_fold_percent(const std::vector<FoldMetrics>& divisions) {
  double worst = 0.0;
  for (const FoldMetrics& division : divisions) {
    if (division.folds == Folds::leave_layer_out)
      worst = std::max(worst, division.worst_calibrated_mape_percent);
  }
  return worst;
}

std::map<std::int64_t, std::size_t> rows_per_array(const learned::TrainingSet& set,
                                                   const LoadedAccelerator& loaded) {
  std::map<std::int64_t, std::size_t> rows;
  for (const model::MeasuredRow& row : set.rows)
    ++rows[loaded.target->array_dim(row, loaded.accelerator, set.conditions.program)];
  return rows;
}

std::size_t num_layers(const learned::TrainingSet& set) {
  return std::set<std::string>(set.layers.begin(), set.layers.end()).size();
}

std::pair<double, double> cycle_range(const learned::TrainingSet& set) {
  const auto [least, most] =
      std::minmax_element(set.rows.begin(), set.rows.end(), [](const auto& a, const auto& b) {
        return a.cycles < b.cycles;
      });
  return {least->cycles, most->cycles};
}

Json report_json(const learned::TrainingResult& result,
                 const learned::TrainingSet& set,
                 const LoadedAccelerator& loaded) {
  Json json;
  json["schema"] = "masala.train/1";
  json["accelerator"] = loaded.accelerator.name;
  json["program"] = set.conditions.program;
  json["cache"] = set.conditions.cache;
  const auto [least, most] = cycle_range(set);
  Json arrays = Json::object();
  for (const auto& [dim, rows] : rows_per_array(set, loaded)) arrays[std::to_string(dim)] = rows;
  json["rows"] = {{"read", set.rows_read},
                  {"trained", set.rows.size()},
                  {"layers", num_layers(set)},
                  {"arrays", arrays},
                  {"least_cycles", least},
                  {"most_cycles", most},
                  {"below_compute", set.below_compute}};
  json["noise"] = {{"mappings", set.noise.mappings},
                   {"rows", set.noise.rows},
                   {"median_percent", set.noise.median_percent},
                   {"p90_percent", set.noise.p90_percent}};
  json["dropped"] = Json::array();
  for (const learned::DroppedRow& row : set.dropped)
    json["dropped"].push_back({{"line", row.line}, {"reason", row.reason}});
  const auto& divisions = result.report.divisions;
  json["folds"] = {{"count", 5},
                   {"leave_layer_out_seeds", divisions.size() - 1},
                   {"worst_calibrated_fold_mape_percent", worst_fold_percent(divisions)}};
  json["pretraining"] = {{"tried", result.report.pretraining_tried},
                         {"kept", result.report.pretrained},
                         {"rows", result.report.pretraining_rows}};
  json["constants_at_bounds"] = Json::array();
  for (const learned::ConstantAtBound& constant : result.report.at_bounds) {
    json["constants_at_bounds"].push_back(
        {{"name", constant.name}, {"value", constant.value}, {"bound", constant.bound}});
  }
  json["shrinkage"] = {{"range_rate", result.model.shrinkage.range_rate},
                       {"noise", result.model.shrinkage.noise}};
  json["metrics"] = {{"leave_layer_out", metrics_json(divisions, Folds::leave_layer_out)},
                     {"random", metrics_json(divisions, Folds::random)}};
  return json;
}

}  // namespace masala::app
