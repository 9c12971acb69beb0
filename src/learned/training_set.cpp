#include "masala/learned/training_set.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "masala/learned/metrics.h"

namespace masala::learned {

using model::MeasuredRow;

namespace {

constexpr std::size_t kMostLinesShown = 5;
constexpr std::size_t kOneIn = 100;  // of the rows may be faster than their array can compute

std::string mapping_key(const MeasuredRow& row,
                        const model::Accelerator& accelerator,
                        std::int64_t array_dim) {
  return layer_key(row.layer) + "|" + model::to_text(row.mapping, accelerator) + "|" +
         std::to_string(array_dim);
}

}  // namespace

std::string layer_key(const model::Layer& layer) {
  std::string key;
  for (std::int64_t bound : layer.bounds.values) key += std::to_string(bound) + " ";
  return key + "/" + std::to_string(layer.stride_w) + "," + std::to_string(layer.stride_h) + " ~" +
         std::to_string(layer.dilation_w) + "," + std::to_string(layer.dilation_h);
}

TrainingSet make_training_set(const std::vector<MeasuredRow>& rows,
                              const model::Accelerator& accelerator,
                              const model::Target& target,
                              const model::RunConditions& conditions,
                              const model::Monitor& monitor) {
  const std::string& program = conditions.program;
  TrainingSet set;
  set.conditions = conditions;
  set.rows_read = rows.size();
  std::map<std::string, std::size_t> first_of;       // mapping -> its row in the set
  std::vector<std::vector<double>> measured_cycles;  // of each row of the set
  for (const MeasuredRow& row : rows) {
    monitor.throw_if_stopped();
    if (std::string reason = target.artefact(row, accelerator, program); !reason.empty()) {
      set.dropped.push_back({row.line, std::move(reason)});
      continue;
    }
    const std::string key =
        mapping_key(row, accelerator, target.array_dim(row, accelerator, program));
    const auto [at, is_new] = first_of.emplace(key, set.rows.size());
    if (is_new) {
      set.rows.push_back(row);
      set.layers.push_back(layer_key(row.layer));
      measured_cycles.emplace_back();
    }
    measured_cycles[at->second].push_back(row.cycles);
  }
  std::vector<double> deviations;
  for (std::size_t i = 0; i < set.rows.size(); ++i) {
    monitor.throw_if_stopped();
    const std::vector<double>& repeats = measured_cycles[i];
    double log_mean = 0.0;
    for (double cycles : repeats)
      log_mean += std::log(cycles) / static_cast<double>(repeats.size());
    MeasuredRow& row = set.rows[i];
    if (repeats.size() > 1) {
      row.cycles = std::exp(log_mean);
      ++set.noise.mappings;
      set.noise.rows += repeats.size();
      for (double cycles : repeats)
        deviations.push_back(100.0 * std::abs(cycles / row.cycles - 1.0));
    }
    if (row.cycles >= target.compute_cycles(row, accelerator, program)) continue;
    ++set.below_compute;
    if (set.below_compute_lines.size() < kMostLinesShown)
      set.below_compute_lines.push_back(row.line);
  }
  if (!deviations.empty()) {
    set.noise.median_percent = median(deviations);
    set.noise.p90_percent = quantile(deviations, 0.9);
  }
  return set;
}

std::vector<std::string> training_problems(const TrainingSet& set, bool allow_impossible) {
  if (allow_impossible || set.below_compute * kOneIn <= set.rows.size()) return {};
  std::string lines;
  for (std::size_t line : set.below_compute_lines)
    lines += (lines.empty() ? "" : ", ") + std::to_string(line);
  const std::size_t shown = set.below_compute_lines.size();
  return {std::to_string(set.below_compute) + " of " + std::to_string(set.rows.size()) +
          " rows are faster than their array can compute (line" + (shown == 1 ? " " : "s ") +
          lines + (shown < set.below_compute ? ", ..." : "") +
          "); expected cycles; --allow-impossible takes them"};
}

}  // namespace masala::learned
