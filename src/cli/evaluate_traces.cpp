// Rows of a table: counts, energy, cycles of any latency model, agreement with measured cycles.
#include "cli/evaluate_traces.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "cli/fixed_values.h"
#include "cli/latency_flags.h"
#include "cli/measured_rows.h"
#include "cli/provenance.h"
#include "cli/simulate_request.h"
#include "cli/table_json.h"
#include "cli/trace_program.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/text.h"
#include "io/trace_csv.h"
#include "learned/metrics.h"
#include "model/cost.h"
#include "model/traffic.h"

namespace masala::cli {
namespace {

using model::kAllOperands;
using model::Operand;

constexpr double kPicojoulesPerMicrojoule = 1e6;

struct CountColumn {
  int level;
  Operand operand;
  model::PerLevel<model::PerOperand<std::int64_t>> model::Traffic::*action;
  std::string name;
};

std::vector<CountColumn> count_columns(const model::Accelerator& accelerator) {
  std::vector<CountColumn> columns;
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const model::Level& level = accelerator.levels[static_cast<std::size_t>(l)];
    for (Operand operand : kAllOperands) {
      if (!level.keeps[operand]) continue;
      const std::string stem = fmt::format("masala.{}.{}.", level.name, model::name(operand));
      columns.push_back({l, operand, &model::Traffic::reads, stem + "reads"});
      columns.push_back({l, operand, &model::Traffic::fills, stem + "fills"});
      columns.push_back({l, operand, &model::Traffic::updates, stem + "updates"});
    }
  }
  return columns;
}

// The cycles of a row by the chosen latency model.
model::LatencyEstimate estimate(const LoadedLatency& latency,
                                const model::Mapping& mapping,
                                const model::Layer& layer,
                                const model::Machine& machine,
                                const model::LayerCost& roofline) {
  if (latency.model) return latency.model->estimate(mapping, layer, machine, roofline);
  return {roofline.cycles, 0.0, true};
}

std::vector<std::string> scored_cells(const io::TraceRow& row,
                                      const model::Accelerator& accelerator,
                                      const LoadedLatency& latency,
                                      const std::vector<CountColumn>& columns) {
  const model::Machine machine = model::resolve(accelerator, row.hardware);
  const model::Traffic traffic = model::count_traffic(row.mapping, row.layer, machine);
  const model::LayerCost cost = model::cost_of(traffic, row.mapping, row.layer, machine);
  const model::LatencyEstimate found = estimate(latency, row.mapping, row.layer, machine, cost);
  const double energy_uj = cost.energy_pj / kPicojoulesPerMicrojoule;
  std::vector<std::string> cells = {
      latency.model ? fmt::format("{:.1f}", found.cycles) : fmt::format("{:.0f}", found.cycles),
      fmt::format("{}", energy_uj),
      fmt::format("{}", energy_uj * found.cycles),
      cost.bottleneck == model::kComputeBound
          ? "compute"
          : accelerator.levels[static_cast<std::size_t>(cost.bottleneck)].name};
  for (const CountColumn& column : columns) {
    cells.push_back(std::to_string(
        (traffic.*column.action)[static_cast<std::size_t>(column.level)][column.operand]));
  }
  if (latency.model) {
    cells.push_back(fmt::format("{:.1f}", found.cycles * found.log_std));
    cells.emplace_back(found.in_range ? "1" : "0");
  }
  return cells;
}

// Columns of ours that an earlier run left in the table are replaced, not repeated.
void drop_columns(io::CsvTable& table, const std::string& prefix) {
  for (std::size_t c = table.columns.size(); c-- > 0;) {
    if (table.columns[c].compare(0, prefix.size(), prefix) != 0) continue;
    const auto at = static_cast<std::ptrdiff_t>(c);
    table.columns.erase(table.columns.begin() + at);
    for (auto& row : table.rows) row.erase(row.begin() + at);
  }
}

io::CsvTable score_table(io::TraceTable traces,
                         const model::Accelerator& accelerator,
                         const LoadedLatency& latency) {
  const std::vector<CountColumn> columns = count_columns(accelerator);
  io::CsvTable table = std::move(traces.csv);
  drop_columns(table, "masala.");
  std::vector<std::string> added = {
      "masala.cycles", "masala.energy_uj", "masala.edp", "masala.bottleneck"};
  for (const CountColumn& column : columns) added.push_back(column.name);
  if (latency.model) added.insert(added.end(), {"masala.cycles_std", "masala.in_range"});
  table.columns.insert(table.columns.end(), added.begin(), added.end());
  const bool any_invalid = traces.num_valid() != traces.rows.size();
  if (any_invalid) table.columns.emplace_back("masala.note");
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    std::vector<std::string> cells(added.size());
    if (traces.rows[r]) cells = scored_cells(*traces.rows[r], accelerator, latency, columns);
    table.rows[r].insert(table.rows[r].end(), cells.begin(), cells.end());
    if (any_invalid) table.rows[r].push_back(traces.notes[r]);
  }
  return table;
}

// ---- Agreement with measured cycles ------------------------------------------------------------

struct Agreement {
  learned::Metrics metrics;
  std::size_t dropped = 0;   // artefacts
  std::size_t repeats = 0;   // rows merged into others
  std::size_t in_range = 0;  // rows where the model does not extrapolate
};

// Repeats are scored by their geometric mean; artefacts of the measured program are left out.
Agreement compare_with(const io::TraceTable& traces,
                       const model::Accelerator& accelerator,
                       const LoadedLatency& latency,
                       simulator::ProgramKind program) {
  std::vector<learned::MeasuredRow> rows;
  for (const auto& row : traces.rows) {
    if (!row) continue;
    rows.push_back({row->line, row->layer, row->mapping, row->hardware, *row->measured_cycles});
  }
  const learned::TrainingSet set = learned::make_training_set(rows, accelerator, program);
  std::vector<double> predicted;
  std::vector<double> measured;
  Agreement agreement;
  for (const learned::MeasuredRow& row : set.rows) {
    const model::Machine machine = model::resolve(accelerator, row.hardware);
    const model::LayerCost cost = model::cost_of(row.mapping, row.layer, machine);
    const model::LatencyEstimate found = estimate(latency, row.mapping, row.layer, machine, cost);
    predicted.push_back(found.cycles);
    measured.push_back(row.cycles);
    agreement.in_range += found.in_range ? 1 : 0;
  }
  agreement.metrics = learned::compute_metrics(predicted, measured, set.layers);
  agreement.dropped = set.dropped.size();
  agreement.repeats = rows.size() - set.dropped.size() - set.rows.size();
  return agreement;
}

nlohmann::ordered_json agreement_json(const Agreement& agreement,
                                      const std::string& column,
                                      const LoadedLatency& latency) {
  const learned::Metrics& m = agreement.metrics;
  const auto number = [](double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
  };
  return {{"schema", "masala.agreement/1"},
          {"against", column},
          {"latency_model", latency.tier},
          {"rows", m.rows},
          {"layers", m.layers},
          {"in_range", agreement.in_range},
          {"dropped", agreement.dropped},
          {"merged_repeats", agreement.repeats},
          {"spearman", number(m.spearman)},
          {"kendall", number(m.kendall)},
          {"mape_percent", number(m.mape_percent)},
          {"median_ape_percent", number(m.median_ape_percent)},
          {"p90_ape_percent", number(m.p90_ape_percent)},
          {"log_r2", number(m.log_r2)},
          {"bias", number(m.bias)},
          {"within_layer_spearman", number(m.within_layer_spearman)},
          {"pair_accuracy", number(m.pair_accuracy)}};
}

std::string agreement_text(const Agreement& agreement,
                           const std::string& column,
                           const LoadedLatency& latency) {
  const learned::Metrics& m = agreement.metrics;
  const auto shown = [](double value, const char* format) {
    return std::isfinite(value) ? fmt::format(fmt::runtime(format), value) : std::string("-");
  };
  std::string text =
      fmt::format("{} against {}: {} rows of {} layers", latency.tier, column, m.rows, m.layers);
  if (agreement.repeats > 0) text += fmt::format(", {} repeats merged", agreement.repeats);
  if (agreement.dropped > 0) text += fmt::format(", {} artefacts left out", agreement.dropped);
  if (latency.model) text += fmt::format(", {} in range", agreement.in_range);
  text += "\n";
  const std::pair<const char*, std::string> lines[] = {
      {"median error %", shown(m.median_ape_percent, "{:.2f}")},
      {"MAPE %", shown(m.mape_percent, "{:.2f}")},
      {"90 % below %", shown(m.p90_ape_percent, "{:.2f}")},
      {"Spearman", shown(m.spearman, "{:.4f}")},
      {"Kendall", shown(m.kendall, "{:.4f}")},
      {"Spearman within a layer", shown(m.within_layer_spearman, "{:.4f}")},
      {"pairs in order", shown(m.pair_accuracy, "{:.3f}")},
      {"log R2", shown(m.log_r2, "{:.4f}")},
      {"median predicted / measured", shown(m.bias, "{:.3f}")}};
  for (const auto& [name, value] : lines) text += fmt::format("  {:<28} {:>8}\n", name, value);
  return text;
}

// Which program the rows ran with: the flag, what the table says, or else what the model is of.
ChosenProgram program_of(const Arguments& arguments,
                         const io::CsvTable& csv,
                         const model::Accelerator& accelerator) {
  if (const auto given = program_flag(arguments, "evaluate")) return {*given, "as --program says"};
  if (!learned::has_gemmini_driver(accelerator)) return {};
  return choose_program(csv);
}

// What the caches held: the flag, what the table says, or else what the model takes them to hold.
std::optional<simulator::CacheState> cache_of_rows(const Arguments& arguments,
                                                   const io::CsvTable& csv,
                                                   const model::Accelerator& accelerator,
                                                   simulator::ProgramKind program) {
  const bool counts_misses = evaluate_tier(arguments) != "roofline";
  if (!counts_misses || !learned::has_gemmini_driver(accelerator)) return std::nullopt;
  if (const auto given = cache_flag(arguments)) return given;
  if (const auto stated = cache_of(csv)) return stated;
  // FireSim's harness runs a layer's arrays through the caches first.
  if (program == simulator::ProgramKind::measured) return simulator::CacheState::warm;
  return std::nullopt;
}

}  // namespace

int evaluate_traces(const Arguments& arguments, const CommonFlags& flags, const Words& command) {
  const LoadedAccelerator loaded = load_accelerator(arguments.required_text("accelerator"));
  const std::string traces_path = arguments.required_text("traces");
  if (flags.output) io::ensure_new_file(*flags.output, flags.force);
  io::TraceOptions options;
  options.fixed = arguments.fixed_values();
  options.factors = arguments.factors();
  options.skip_invalid = arguments.has("skip-invalid");
  options.target_column = arguments.text("against");
  check_fixed(options.fixed, loaded.accelerator);
  io::CsvTable csv = io::read_csv(
      traces_path, options.skip_invalid ? io::RaggedRows::keep : io::RaggedRows::refuse);
  const ChosenProgram program = program_of(arguments, csv, loaded.accelerator);
  options.checked_with = measured_sizes(loaded.accelerator, program.kind);
  const LoadedLatency latency =
      load_latency(arguments,
                   loaded.accelerator,
                   evaluate_tier(arguments),
                   program.kind,
                   cache_of_rows(arguments, csv, loaded.accelerator, program.kind));
  io::TraceTable traces = io::parse_traces(std::move(csv), loaded.accelerator, options);
  const std::size_t valid = traces.num_valid();
  if (latency.model && !flags.quiet && !program.why.empty()) {
    fmt::print(stderr, "program {}: {}\n", simulator::name(program.kind), program.why);
  }
  if (options.target_column) {
    const Agreement agreement = compare_with(traces, loaded.accelerator, latency, program.kind);
    if (flags.format == Format::json) {
      fmt::print("{}\n", agreement_json(agreement, *options.target_column, latency).dump(2));
    } else {
      fmt::print("{}", agreement_text(agreement, *options.target_column, latency));
    }
    if (!flags.output) return 0;
  }
  const io::CsvTable table = score_table(std::move(traces), loaded.accelerator, latency);
  const bool as_json = flags.format == Format::json && !options.target_column;
  const std::string text = as_json ? table_json(table) : io::to_csv(table);
  if (!flags.output) {
    fmt::print("{}", text);
    return 0;
  }
  std::vector<std::string> inputs = {loaded.path, traces_path};
  if (latency.path) inputs.push_back(*latency.path);
  io::write_file_atomically(*flags.output, text);
  write_provenance(*flags.output, make_provenance(command, inputs), flags.seed);
  if (!flags.quiet) {
    const std::size_t invalid = table.rows.size() - valid;
    fmt::print(stderr,
               "{} row{} scored{}\n",
               with_commas(static_cast<std::int64_t>(valid)),
               valid == 1 ? "" : "s",
               invalid == 0 ? "" : fmt::format(", {} invalid (see masala.note)", invalid));
  }
  return 0;
}

}  // namespace masala::cli
