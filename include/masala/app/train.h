// Fitting the latency models to measured cycles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "masala/app/inputs.h"
#include "masala/app/latency.h"
#include "masala/app/run_options.h"
#include "masala/learned/trained_model.h"

namespace masala::app {

struct TrainRequest {
  RunOptions run;
  std::string accelerator;  // built-in name or path, of what was measured
  std::string traces;       // path of the measured rows
  std::string target_column = kCyclesColumn;
  std::optional<std::string> program;    // empty: as the table says
  std::optional<std::string> cache;      // empty: as the table says, or warm
  std::vector<model::FixedValue> fixed;  // of rows that do not state it
  bool skip_invalid = false;
  std::optional<std::string> pretrain;  // path of simulated rows
  // Takes tables of which more than one row in a hundred is faster than its array can compute.
  bool allow_impossible = false;
};

// The rows, read and checked.
struct TrainingRows {
  LoadedAccelerator loaded;
  learned::TrainingSet set;
  std::optional<learned::TrainingSet> simulated;  // --pretrain
  std::string why;  // the program; empty where the accelerator has no driver
};
// Throws an InputError that lists bad rows, unless `skip_invalid`, and where the rows are too few.
TrainingRows read_training_rows(const TrainRequest& request);

struct TrainResult {
  learned::TrainingResult training;
  std::string model_text;   // of the model file
  std::string report_text;  // masala.train/1
};
// Throws Interrupted when stopped.
TrainResult train(const TrainRequest& request, const TrainingRows& rows, const Monitor& monitor);

// The content of the report, without seed and provenance.
nlohmann::ordered_json report_json(const learned::TrainingResult& result,
                                   const learned::TrainingSet& set,
                                   const LoadedAccelerator& loaded);

// ---- What there is to say of the rows and the metrics -------------------------------------------

// In the order in which people read them.
const std::vector<std::string>& metric_tiers();
bool has_tier(const std::vector<learned::FoldMetrics>& divisions, const std::string& tier);

// Mean and range of one metric over the divisions of a kind.
struct MetricSpread {
  double mean = 0.0;
  double least = 0.0;
  double most = 0.0;
};
MetricSpread spread_of(const std::vector<learned::FoldMetrics>& divisions,
                       learned::Folds kind,
                       const std::string& tier,
                       double learned::Metrics::*value);
// Largest MAPE of a calibrated fold.
double worst_fold_percent(const std::vector<learned::FoldMetrics>& divisions);

// Edge of the array -> rows.
std::map<std::int64_t, std::size_t> rows_per_array(const learned::TrainingSet& set,
                                                   const LoadedAccelerator& loaded);
std::size_t num_layers(const learned::TrainingSet& set);
std::pair<double, double> cycle_range(const learned::TrainingSet& set);

}  // namespace masala::app
