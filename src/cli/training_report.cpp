#include "cli/training_report.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/numbers.h"

namespace masala::cli {
namespace {

using learned::FoldMetrics;
using learned::Folds;
using learned::Metrics;

constexpr std::size_t kMostDroppedShown = 5;

}  // namespace

std::string rows_text(const learned::TrainingSet& set, const app::LoadedAccelerator& loaded) {
  std::string text = fmt::format(
      "rows       {} read, {} to train on, {} layers, program {}{}\n",
      set.rows_read,
      set.rows.size(),
      app::num_layers(set),
      set.conditions.program,
      loaded.target->has_driver() ? fmt::format(", caches: {}", set.conditions.cache) : "");
  std::vector<std::string> arrays;
  for (const auto& [dim, rows] : app::rows_per_array(set, loaded))
    arrays.push_back(fmt::format("{0}x{0}: {1}", dim, rows));
  if (loaded.target->has_driver()) text += fmt::format("arrays     {}\n", fmt::join(arrays, "   "));
  const auto [least, most] = app::cycle_range(set);
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

Table metrics_table(const std::vector<FoldMetrics>& divisions) {
  const struct {
    const char* title;
    double Metrics::*value;
    int decimals;
  } shown[] = {{"median %", &Metrics::median_ape_percent, 2},
               {"MAPE %", &Metrics::mape_percent, 2},
               {"Spearman", &Metrics::spearman, 4},
               {"Kendall", &Metrics::kendall, 4},
               {"in layer", &Metrics::within_layer_spearman, 4},
               {"pairs", &Metrics::pair_accuracy, 3},
               {"log R2", &Metrics::log_r2, 4}};
  Table table;
  table.columns = {{"folds", "folds", "", {}, Align::left},
                   {"model", "model", "", {}, Align::left}};
  for (const auto& metric : shown)
    table.columns.push_back({metric.title, metric.title, "", Format::fixed(metric.decimals)});
  for (const Folds kind : {Folds::leave_layer_out, Folds::random}) {
    for (const std::string& tier : app::metric_tiers()) {
      if (!app::has_tier(divisions, tier)) continue;
      std::string name = tier;
      std::replace(name.begin(), name.end(), '_', ' ');
      std::vector<Cell>& row = table.rows.emplace_back();
      row.emplace_back(std::string(kind == Folds::leave_layer_out ? "leave-layer-out" : "random"));
      row.emplace_back(name);
      for (const auto& metric : shown) {
        const double mean = app::spread_of(divisions, kind, tier, metric.value).mean;
        row.push_back(number_or_nothing(mean));
      }
    }
  }
  return table;
}

std::string metrics_text(const learned::TrainingResult& result, const learned::TrainingSet& set) {
  const auto& divisions = result.report.divisions;
  std::string text = to_text(metrics_table(divisions));
  text += fmt::format(
      "(errors |p - y| / y; leave-layer-out: mean over {} divisions into 5 folds;\n"
      "largest MAPE of a calibrated fold {:.1f} %)\n",
      divisions.size() - 1,
      app::worst_fold_percent(divisions));
  if (set.noise.mappings > 0)
    text += fmt::format("(noise floor: repeats differ by {:.1f} %, median)\n",
                        set.noise.median_percent);
  for (const learned::ConstantAtBound& constant : result.report.at_bounds) {
    text += fmt::format("(constant {} = {:.4g} ends at its bound {:.4g}: the rows ask for more)\n",
                        constant.name,
                        constant.value,
                        constant.bound);
  }
  if (result.report.pretraining_tried) {
    text += fmt::format("--pretrain: {} simulated rows of other layers: {}\n",
                        result.report.pretraining_rows,
                        result.report.pretrained ? "kept, it helps leave-layer-out"
                                                 : "not kept, it does not help leave-layer-out");
  }
  return text;
}

}  // namespace masala::cli
