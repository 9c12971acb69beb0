#include "masala/app/train.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/measured_rows.h"
#include "io/model_file.h"
#include "masala/app/provenance.h"
#include "masala/io/input_error.h"

namespace masala::app {
namespace {

constexpr std::size_t kFewestRows = 50;
constexpr std::size_t kFewestLayers = 5;  // as many as folds

learned::TrainingSet training_set(const MeasuredTable& table, const LoadedAccelerator& loaded) {
  learned::TrainingSet set =
      learned::make_training_set(table.rows, loaded.accelerator, *loaded.target, table.conditions);
  set.rows_read += table.skipped.size();
  set.dropped.insert(set.dropped.begin(), table.skipped.begin(), table.skipped.end());
  return set;
}

void check_enough(const learned::TrainingSet& set, const std::string& path) {
  const std::set<std::string> layers(set.layers.begin(), set.layers.end());
  if (set.rows.size() >= kFewestRows && layers.size() >= kFewestLayers) return;
  throw io::InputError(fmt::format(
      "{}: {} usable rows of {} layers; expected at least {} rows of {} layers to train on",
      path,
      set.rows.size(),
      layers.size(),
      kFewestRows,
      kFewestLayers));
}

void check_possible(const learned::TrainingSet& set,
                    const std::string& path,
                    const TrainRequest& request) {
  io::Problems problems;
  for (const std::string& problem : learned::training_problems(set, request.allow_impossible))
    problems.add(path, {}, "", problem);
  problems.throw_if_any();
}

// Simulated rows of trained layers are left out, or leave-layer-out would not leave them out.
void check_other_layers(const learned::TrainingSet& simulated,
                        const learned::TrainingSet& training,
                        const std::string& path) {
  const std::set<std::string> known(training.layers.begin(), training.layers.end());
  const bool has_others =
      std::any_of(simulated.layers.begin(), simulated.layers.end(), [&](const std::string& layer) {
        return known.count(layer) == 0;
      });
  if (has_others) return;
  throw io::InputError(fmt::format(
      "{}: --pretrain: every row is of a layer that --traces has; expected rows of other layers",
      path));
}

}  // namespace

TrainingRows read_training_rows(const TrainRequest& request) {
  TrainingRows rows;
  rows.loaded = load_accelerator(request.accelerator);
  const model::Accelerator& accelerator = rows.loaded.accelerator;
  check_fixed(request.fixed, accelerator);
  MeasuredTableRequest table;
  table.path = request.traces;
  table.target_column = request.target_column;
  table.program = request.program;
  table.cache = request.cache;
  table.fixed = request.fixed;
  table.skip_invalid = request.skip_invalid;
  const MeasuredTable measured = read_measured(table, rows.loaded);
  rows.why = measured.why;
  rows.set = training_set(measured, rows.loaded);
  check_enough(rows.set, request.traces);
  check_possible(rows.set, request.traces, request);
  if (!request.pretrain) return rows;
  table.path = *request.pretrain;
  table.target_column = kCyclesColumn;
  table.program = std::nullopt;
  table.cache = std::nullopt;
  rows.simulated = training_set(read_measured(table, rows.loaded), rows.loaded);
  check_other_layers(*rows.simulated, rows.set, *request.pretrain);
  check_possible(*rows.simulated, *request.pretrain, request);
  return rows;
}

TrainResult train(const TrainRequest& request, const TrainingRows& rows, const Monitor& monitor) {
  const model::Accelerator& accelerator = rows.loaded.accelerator;
  learned::ValidationOptions options;
  options.threads = request.run.threads;
  TrainResult result;
  result.training = learned::train(rows.set,
                                   rows.simulated ? &*rows.simulated : nullptr,
                                   accelerator,
                                   *rows.loaded.target,
                                   learned::make_plan(request.run.seed),
                                   options,
                                   monitor);
  std::vector<std::string> inputs = {rows.loaded.path, request.traces};
  if (request.pretrain) inputs.push_back(*request.pretrain);
  nlohmann::ordered_json report = report_json(result.training, rows.set, rows.loaded);
  report["seed"] = request.run.seed;
  report["provenance"] = provenance_json(make_provenance(request.run.command, inputs));
  result.report_text = report.dump(2) + "\n";
  result.model_text = io::to_model_text(result.training.model, accelerator, report);
  return result;
}

}  // namespace masala::app
