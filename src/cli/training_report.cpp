#include "cli/training_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/console.h"

namespace masala::cli {

using Json = nlohmann::ordered_json;
using learned::FoldMetrics;
using learned::Folds;
using learned::Metrics;

namespace {

constexpr std::size_t kMostDroppedShown = 5;

// In the order in which people read them.
constexpr const char* kTiers[] = {"macs",
                                  "roofline",
                                  "calibrated",
                                  "hybrid",
                                  "hybrid_with_pretraining",
                                  "hybrid_without_pretraining",
                                  "dnn"};

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

// Mean and range of one metric over the divisions of a kind.
struct Spread {
  double mean = 0.0;
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();
};

Spread spread_of(const std::vector<FoldMetrics>& divisions,
                 Folds kind,
                 const std::string& tier,
                 double Metrics::*value) {
  Spread spread;
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

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json metrics_json(const std::vector<FoldMetrics>& divisions, Folds kind) {
  Json json = Json::object();
  for (const char* tier : kTiers) {
    if (!has_tier(divisions, tier)) continue;
    Json entry = Json::object();
    Json range = Json::object();
    for (const MetricField& field : kMetrics) {
      const Spread spread = spread_of(divisions, kind, tier, field.value);
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

double worst_fold(const std::vector<FoldMetrics>& divisions) {
  double worst = 0.0;
  for (const FoldMetrics& division : divisions) {
    if (division.folds == Folds::leave_layer_out)
      worst = std::max(worst, division.worst_calibrated_mape_percent);
  }
  return worst;
}

std::map<int, std::size_t> rows_per_array(const learned::TrainingSet& set,
                                          const model::Accelerator& accelerator) {
  std::map<int, std::size_t> rows;
  for (const learned::MeasuredRow& row : set.rows)
    ++rows[learned::array_dim(row, accelerator, set.program)];
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

void add_rows(TextTable& table, const std::vector<FoldMetrics>& divisions, Folds kind) {
  for (const char* tier : kTiers) {
    if (!has_tier(divisions, tier)) continue;
    const auto cell = [&](double Metrics::*value, const char* format) {
      const double mean = spread_of(divisions, kind, tier, value).mean;
      return std::isfinite(mean) ? fmt::format(fmt::runtime(format), mean) : std::string("-");
    };
    std::string name = tier;
    std::replace(name.begin(), name.end(), '_', ' ');
    table.add_row({kind == Folds::leave_layer_out ? "leave-layer-out" : "random",
                   name,
                   cell(&Metrics::median_ape_percent, "{:.2f}"),
                   cell(&Metrics::mape_percent, "{:.2f}"),
                   cell(&Metrics::spearman, "{:.4f}"),
                   cell(&Metrics::kendall, "{:.4f}"),
                   cell(&Metrics::within_layer_spearman, "{:.4f}"),
                   cell(&Metrics::pair_accuracy, "{:.3f}"),
                   cell(&Metrics::log_r2, "{:.4f}")});
  }
}

}  // namespace

std::string rows_text(const learned::TrainingSet& set, const model::Accelerator& accelerator) {
  std::string text = fmt::format("rows       {} read, {} to train on, {} layers, program {}{}\n",
                                 set.rows_read,
                                 set.rows.size(),
                                 num_layers(set),
                                 simulator::name(set.program),
                                 learned::has_gemmini_driver(accelerator)
                                     ? fmt::format(", caches: {}", simulator::name(set.cache))
                                     : "");
  std::vector<std::string> arrays;
  for (const auto& [dim, rows] : rows_per_array(set, accelerator))
    arrays.push_back(fmt::format("{0}x{0}: {1}", dim, rows));
  if (learned::has_gemmini_driver(accelerator))
    text += fmt::format("arrays     {}\n", fmt::join(arrays, "   "));
  const auto [least, most] = cycle_range(set);
  text += fmt::format("cycles     {} to {}", with_commas(least), with_commas(most));
  text += fmt::format("; {} rows faster than their array can compute\n", set.below_compute);
  if (set.noise.mappings > 0) {
    text += fmt::format(
        "repeats    {} rows of {} mappings, merged; off their geometric mean by {:.1f} % (median), "
        "{:.1f} % (90 %)\n",
        set.noise.rows,
        set.noise.mappings,
        set.noise.median_percent,
        set.noise.p90_percent);
  }
  if (!set.dropped.empty()) {
    text += fmt::format("dropped    {} rows: {}\n", set.dropped.size(), set.dropped.front().reason);
    std::vector<std::string> lines;
    for (const learned::DroppedRow& row : set.dropped) {
      if (lines.size() == kMostDroppedShown) {
        lines.emplace_back("...");
        break;
      }
      lines.push_back(std::to_string(row.line));
    }
    text += fmt::format("           lines {}\n", fmt::join(lines, ", "));
  }
  return text;
}

std::string metrics_text(const learned::TrainingResult& result, const learned::TrainingSet& set) {
  const auto& divisions = result.report.divisions;
  TextTable table;
  table.add_column("folds", Align::left);
  table.add_column("model", Align::left);
  for (const char* title :
       {"median %", "MAPE %", "Spearman", "Kendall", "in layer", "pairs", "log R2"})
    table.add_column(title);
  add_rows(table, divisions, Folds::leave_layer_out);
  add_rows(table, divisions, Folds::random);
  std::string text = table.str();
  text += fmt::format(
      "(errors |p - y| / y; leave-layer-out: mean over {} divisions into 5 folds; largest MAPE of "
      "a "
      "calibrated fold {:.1f} %)\n",
      divisions.size() - 1,
      worst_fold(divisions));
  if (set.noise.mappings > 0)
    text += fmt::format("(noise floor: repeats differ by {:.1f} %, median)\n",
                        set.noise.median_percent);
  if (result.report.pretraining_tried) {
    text += fmt::format("--pretrain: {} simulated rows of other layers: {}\n",
                        result.report.pretraining_rows,
                        result.report.pretrained ? "kept, it helps leave-layer-out"
                                                 : "not kept, it does not help leave-layer-out");
  }
  return text;
}

Json report_json(const learned::TrainingResult& result,
                 const learned::TrainingSet& set,
                 const model::Accelerator& accelerator) {
  Json json;
  json["schema"] = "masala.train/1";
  json["accelerator"] = accelerator.name;
  json["program"] = simulator::name(set.program);
  json["cache"] = simulator::name(set.cache);
  const auto [least, most] = cycle_range(set);
  Json arrays = Json::object();
  for (const auto& [dim, rows] : rows_per_array(set, accelerator))
    arrays[std::to_string(dim)] = rows;
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
                   {"worst_calibrated_fold_mape_percent", worst_fold(divisions)}};
  json["pretraining"] = {{"tried", result.report.pretraining_tried},
                         {"kept", result.report.pretrained},
                         {"rows", result.report.pretraining_rows}};
  json["shrinkage"] = {{"range_rate", result.model.shrinkage.range_rate},
                       {"noise", result.model.shrinkage.noise}};
  json["metrics"] = {{"leave_layer_out", metrics_json(divisions, Folds::leave_layer_out)},
                     {"random", metrics_json(divisions, Folds::random)}};
  return json;
}

}  // namespace masala::cli
