// Judges the simulator on measured rows, and fits its memory constants.
//
//   simulator_accuracy MAPPINGS.csv [SEARCHED.csv] [--fit]
//
// MAPPINGS.csv: measured random mappings (docs/formats.md). Prints the errors per array size, of
// rows that hit the driver's wrap bug, and next to them how far repeated measurements lie apart.
// SEARCHED.csv: designs measured one after the other with Gemmini's default tiling before each
// found mapping. --fit: constants are fitted on one half of the layers and judged on the other,
// both ways.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <thread>

#include "io/data_dir.h"
#include "masala/io/accelerator_yaml.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"
#include "masala/io/trace_csv.h"
#include "masala/learned/metrics.h"
#include "masala/model/parallel.h"
#include "targets/gemmini/simulator/network_memory.h"
#include "targets/gemmini/simulator/simulate.h"

namespace {

using namespace masala;  // NOLINT: a program, not a header
using gemmini::DriverProgram;
using gemmini::ProgramKind;
using gemmini::SimulatorConstants;

constexpr std::int64_t kFitBudget = 60000;  // events per row while fitting
constexpr double kLargestError = 0.6;       // of a log ratio, in the fit: outliers do not steer it

struct Row {
  model::Layer layer;
  DriverProgram program;
  std::string layer_key;
  std::string mapping;
  double measured = 0.0;
  double predicted = 0.0;
  bool wraps = false;
};

std::string layer_key(const model::Layer& layer) {
  std::string key;
  for (std::int64_t bound : layer.bounds.values) key += std::to_string(bound) + " ";
  return key +
         fmt::format(
             "{} {} {} {}", layer.stride_w, layer.stride_h, layer.dilation_w, layer.dilation_h);
}

io::TraceTable read(const std::string& path, const model::Accelerator& accelerator) {
  io::TraceOptions options;
  options.target_column = "target.gemmini_cycle";
  // The measured hardware had 4 MiB of each; the columns only limited the mappings.
  options.checked_with = {{"scratchpad_kib", 4096}, {"accumulator_kib", 4096}};
  return io::read_traces(path, accelerator, options);
}

Row make_row(const io::TraceRow& trace, const model::Accelerator& accelerator) {
  Row row;
  row.layer = trace.layer;
  row.layer_key = layer_key(trace.layer);
  row.mapping = model::to_text(trace.mapping, accelerator);
  const std::int64_t dim = gemmini::measured_array_dim(trace.mapping, trace.hardware.parameters[0]);
  const auto tiling = gemmini::tiling_of(trace.mapping, trace.layer, ProgramKind::measured);
  row.program = gemmini::make_program(tiling, trace.layer, dim, ProgramKind::measured);
  row.measured = *trace.measured_cycles;
  row.wraps = gemmini::wraps(row.program);
  return row;
}

void predict(std::vector<Row*>& rows,
             const SimulatorConstants& constants,
             std::int64_t budget,
             int threads) {
  model::run_parallel(static_cast<int>(rows.size()), threads, [&](int i) {
    Row& row = *rows[static_cast<std::size_t>(i)];
    gemmini::SimulationSettings options;
    if (budget > 0) options.work_budget = budget;
    row.predicted = gemmini::simulate(row.program, constants, options).cycles;
  });
}

void print(const std::string& what, const std::vector<const Row*>& rows) {
  if (rows.empty()) return;
  std::vector<double> predicted;
  std::vector<double> measured;
  std::vector<std::string> layers;
  for (const Row* row : rows) {
    predicted.push_back(row->predicted);
    measured.push_back(row->measured);
    layers.push_back(row->layer_key);
  }
  const learned::Metrics m = learned::compute_metrics(predicted, measured, layers);
  fmt::print("{:<22} {:>5} {:>8.2f} {:>8.2f} {:>8.2f} {:>9.4f} {:>9.4f} {:>7.3f}\n",
             what,
             m.rows,
             m.median_ape_percent,
             m.mape_percent,
             m.p90_ape_percent,
             m.spearman,
             m.within_layer_spearman,
             m.bias);
}

void print_header() {
  fmt::print("{:<22} {:>5} {:>8} {:>8} {:>8} {:>9} {:>9} {:>7}\n",
             "rows",
             "n",
             "median %",
             "MAPE %",
             "p90 %",
             "Spearman",
             "in layer",
             "bias");
}

void print_groups(const std::vector<Row>& rows) {
  std::vector<const Row*> all;
  std::vector<const Row*> wrapped;
  std::map<std::int64_t, std::vector<const Row*>> by_dim;
  for (const Row& row : rows) {
    if (row.wraps) {
      wrapped.push_back(&row);
      continue;
    }
    all.push_back(&row);
    by_dim[row.program.dim].push_back(&row);
  }
  print_header();
  print("all but wrap-bug rows", all);
  for (const auto& [dim, group] : by_dim) print(fmt::format("array {0} x {0}", dim), group);
  print("wrap-bug rows", wrapped);
}

// How far measurements of the same mapping lie from their geometric mean.
void print_noise(const std::vector<Row>& rows) {
  std::map<std::string, std::vector<double>> repeats;
  for (const Row& row : rows) {
    repeats[row.layer_key + row.mapping + std::to_string(row.program.dim)].push_back(
        std::log(row.measured));
  }
  std::vector<double> errors;
  for (const auto& [key, logs] : repeats) {
    if (logs.size() < 2) continue;
    double mean = 0.0;
    for (double value : logs) mean += value / static_cast<double>(logs.size());
    for (double value : logs) errors.push_back(100.0 * std::abs(std::exp(value - mean) - 1.0));
  }
  if (errors.empty()) return;
  fmt::print(
      "replicate noise: {} repeated measurements, median {:.2f} % off their mean, 90 % within "
      "{:.1f} %\n",
      errors.size(),
      learned::median(errors),
      learned::quantile(errors, 0.9));
}

double loss(std::vector<Row*>& rows, const SimulatorConstants& constants, int threads) {
  predict(rows, constants, kFitBudget, threads);
  double sum = 0.0;
  for (const Row* row : rows)
    sum += std::min(kLargestError, std::abs(std::log(row->predicted / row->measured)));
  return sum / static_cast<double>(rows.size());
}

// Coordinate descent in the logarithm, each constant within its bounds.
SimulatorConstants fit(std::vector<Row*> rows, int threads) {
  SimulatorConstants best;
  double best_loss = loss(rows, best, threads);
  for (double step = 1.3; step > 1.08; step = std::sqrt(step)) {
    for (const gemmini::ConstantField& field : gemmini::constant_fields()) {
      for (double factor : {step, 1.0 / step}) {
        SimulatorConstants trial = best;
        trial.*(field.value) = std::clamp(best.*(field.value) * factor, field.low, field.high);
        const double trial_loss = loss(rows, trial, threads);
        if (trial_loss >= best_loss) continue;
        best_loss = trial_loss;
        best = trial;
        break;
      }
    }
    fmt::print(stderr, "fit: mean |log error| {:.4f}\n", best_loss);
  }
  return best;
}

void cross_validate(std::vector<Row>& rows, int threads) {
  std::map<std::string, int> half;
  int next = 0;
  for (const Row& row : rows) {
    if (half.emplace(row.layer_key, next).second) next ^= 1;
  }
  std::vector<std::vector<Row*>> halves(2);
  for (Row& row : rows) halves[static_cast<std::size_t>(half[row.layer_key])].push_back(&row);
  for (std::size_t held_out : {1U, 0U}) {
    std::vector<Row*> training;
    for (Row* row : halves[1 - held_out]) {
      if (!row->wraps) training.push_back(row);
    }
    const SimulatorConstants constants = fit(training, threads);
    predict(halves[held_out], constants, 0, threads);
    fmt::print("fitted without half {}:", held_out);
    for (const auto& field : gemmini::constant_fields())
      fmt::print(" {} {:.3g}", field.name, constants.*(field.value));
    fmt::print("\n");
  }
  fmt::print("\nconstants fitted on the other half of the layers:\n");
  print_groups(rows);
}

// Rows ran in file order, per layer the default tiling, then the found one; caches carry over.
void judge_searched(const std::string& path, const model::Accelerator& accelerator) {
  const io::TraceTable table = read(path, accelerator);
  const auto auto_column = table.csv.find("target.gemmini_auto_cycle");
  gemmini::NetworkMemory memory{SimulatorConstants()};
  gemmini::SimulationSettings carry;
  carry.cache = gemmini::CacheState::carry;
  std::vector<Row> found;
  std::vector<Row> defaults;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const io::TraceRow& trace = *table.rows[i];
    Row row = make_row(trace, accelerator);
    if (auto_column) {
      Row automatic = row;
      const auto tiling =
          gemmini::default_tiling(row.layer, row.program.dim, 256, 64, ProgramKind::measured);
      automatic.program =
          gemmini::make_program(tiling.tiling, row.layer, row.program.dim, ProgramKind::measured);
      automatic.measured = io::parse_number(table.csv.rows[i][*auto_column]).value_or(0.0);
      gemmini::SimulationSettings options = carry;
      options.tiler_size_checks = tiling.size_checks;
      automatic.predicted = gemmini::simulate(automatic.program, {}, options, &memory).cycles;
      defaults.push_back(automatic);
    }
    row.predicted = gemmini::simulate(row.program, {}, carry, &memory).cycles;
    found.push_back(row);
  }
  const auto pointers = [](const std::vector<Row>& rows) {
    std::vector<const Row*> all;
    for (const Row& row : rows) all.push_back(&row);
    return all;
  };
  print_header();
  print("found mappings", pointers(found));
  print("default tiler", pointers(defaults));
  print_noise(found);
}

int run(const std::vector<std::string>& arguments) {
  std::vector<std::string> paths;
  bool fitting = false;
  for (const std::string& argument : arguments) {
    if (argument == "--fit") {
      fitting = true;
    } else {
      paths.push_back(argument);
    }
  }
  if (paths.empty() || paths.size() > 2) {
    fmt::print(stderr, "usage: simulator_accuracy MAPPINGS.csv [SEARCHED.csv] [--fit]\n");
    return 2;
  }
  const auto threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const model::Accelerator accelerator =
      io::read_accelerator(io::resolve_data_path("accelerators", "gemmini"));
  const io::TraceTable table = read(paths[0], accelerator);
  std::vector<Row> rows;
  for (const auto& trace : table.rows) rows.push_back(make_row(*trace, accelerator));
  std::vector<Row*> all;
  for (Row& row : rows) all.push_back(&row);
  predict(all, SimulatorConstants(), 0, threads);
  fmt::print("default constants:\n");
  print_groups(rows);
  print_noise(rows);
  if (paths.size() == 2) {
    fmt::print("\nsearched designs, default constants, caches carried from row to row:\n");
    judge_searched(paths[1], accelerator);
  }
  if (fitting) {
    fmt::print("\n");
    cross_validate(rows, threads);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const io::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
