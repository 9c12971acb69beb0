#include "masala/app/evaluate.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/measured_rows.h"
#include "app/trace_program.h"
#include "masala/app/provenance.h"
#include "masala/io/trace_csv.h"
#include "masala/model/cost.h"
#include "masala/model/latency_model.h"
#include "masala/model/traffic.h"

namespace masala::app {
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

std::vector<std::string> scored_cells(const io::TraceRow& row,
                                      const model::Accelerator& accelerator,
                                      const LoadedLatency& latency,
                                      const std::vector<CountColumn>& columns) {
  const model::Machine machine = model::resolve(accelerator, row.hardware);
  const model::Traffic traffic = model::count_traffic(row.mapping, row.layer, machine);
  const model::LayerCost cost = model::cost_of(traffic, row.mapping, row.layer, machine);
  const model::LatencyEstimate found =
      latency.model->estimate(row.mapping, row.layer, machine, cost);
  const double energy_uj = cost.energy_pj / kPicojoulesPerMicrojoule;
  std::vector<std::string> cells = {
      latency.is_trained() ? fmt::format("{:.1f}", found.cycles)
                           : fmt::format("{:.0f}", found.cycles),
      fmt::format("{}", energy_uj),
      fmt::format("{}", energy_uj * found.cycles),
      cost.bottleneck == model::kComputeBound
          ? "compute"
          : accelerator.levels[static_cast<std::size_t>(cost.bottleneck)].name};
  for (const CountColumn& column : columns) {
    cells.push_back(std::to_string(
        (traffic.*column.action)[static_cast<std::size_t>(column.level)][column.operand]));
  }
  if (latency.is_trained()) {
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
                         const LoadedLatency& latency,
                         const Monitor& monitor) {
  const std::vector<CountColumn> columns = count_columns(accelerator);
  io::CsvTable table = std::move(traces.csv);
  drop_columns(table, "masala.");
  std::vector<std::string> added = {
      "masala.cycles", "masala.energy_uj", "masala.edp", "masala.bottleneck"};
  for (const CountColumn& column : columns) added.push_back(column.name);
  if (latency.is_trained()) added.insert(added.end(), {"masala.cycles_std", "masala.in_range"});
  table.columns.insert(table.columns.end(), added.begin(), added.end());
  const bool any_invalid = traces.num_valid() != traces.rows.size();
  if (any_invalid) table.columns.emplace_back("masala.note");
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    monitor.throw_if_stopped();
    if (monitor.report) {
      monitor.report({"scoring",
                      static_cast<double>(r) / static_cast<double>(table.rows.size()),
                      static_cast<std::int64_t>(r),
                      "rows",
                      std::nullopt,
                      ""});
    }
    std::vector<std::string> cells(added.size());
    if (traces.rows[r]) cells = scored_cells(*traces.rows[r], accelerator, latency, columns);
    table.rows[r].insert(table.rows[r].end(), cells.begin(), cells.end());
    if (any_invalid) table.rows[r].push_back(traces.notes[r]);
  }
  return table;
}

Agreement compare_with(const io::TraceTable& traces,
                       const LoadedAccelerator& loaded,
                       const LoadedLatency& latency,
                       const std::string& program,
                       const Monitor& monitor) {
  const model::Accelerator& accelerator = loaded.accelerator;
  std::vector<model::MeasuredRow> rows;
  for (const auto& row : traces.rows) {
    if (!row) continue;
    rows.push_back({row->line, row->layer, row->mapping, row->hardware, *row->measured_cycles});
  }
  const learned::TrainingSet set =
      learned::make_training_set(rows, accelerator, *loaded.target, {program, ""}, monitor);
  std::vector<double> predicted;
  std::vector<double> measured;
  Agreement agreement;
  for (const model::MeasuredRow& row : set.rows) {
    monitor.throw_if_stopped();
    const model::Machine machine = model::resolve(accelerator, row.hardware);
    const model::LayerCost cost = model::cost_of(row.mapping, row.layer, machine);
    const model::LatencyEstimate found =
        latency.model->estimate(row.mapping, row.layer, machine, cost);
    predicted.push_back(found.cycles);
    measured.push_back(row.cycles);
    agreement.in_range += found.in_range ? 1 : 0;
  }
  agreement.metrics = learned::compute_metrics(predicted, measured, set.layers);
  agreement.dropped = set.dropped.size();
  agreement.repeats = rows.size() - set.dropped.size() - set.rows.size();
  return agreement;
}

// What the caches held: as asked, what the table says, or else what the model takes them to hold.
std::optional<std::string> cache_of_rows(const EvaluateRowsRequest& request,
                                         const io::CsvTable& csv,
                                         const model::Target& target,
                                         const std::string& program) {
  const bool counts_misses = request.latency.tier != kRoofline;
  if (!counts_misses || !target.has_driver()) return std::nullopt;
  if (request.cache) return request.cache;
  if (const auto stated = cache_of(target, csv)) return stated;
  return target.usual_cache(program);
}

}  // namespace

EvaluateRowsResult evaluate_rows(const EvaluateRowsRequest& request, const Monitor& monitor) {
  const LoadedAccelerator loaded = load_accelerator(request.accelerator);
  const model::Accelerator& accelerator = loaded.accelerator;
  check_fixed(request.fixed, accelerator);
  io::CsvTable csv = io::read_csv(
      request.traces, request.skip_invalid ? io::RaggedRows::keep : io::RaggedRows::refuse);
  EvaluateRowsResult result;
  const model::Target& target = *loaded.target;
  result.program = target.programs().front();
  if (request.program || target.has_driver()) {
    const model::RecognisedProgram chosen = choose_program(request.program, target, csv);
    result.program = chosen.program;
    result.why = chosen.why;
  }
  result.latency = load_latency(
      request.latency, loaded, result.program, cache_of_rows(request, csv, target, result.program));
  io::TraceOptions options;
  options.fixed = request.fixed;
  options.factors = request.factors;
  options.skip_invalid = request.skip_invalid;
  options.target_column = request.against;
  options.checked_with = target.measured_sizes(accelerator, result.program);
  io::TraceTable traces = io::parse_traces(std::move(csv), accelerator, options);
  if (result.latency.is_trained())
    check_program(loaded, result.program, request.skip_invalid, traces);
  result.valid = traces.num_valid();
  if (request.against) {
    result.agreement = compare_with(traces, loaded, result.latency, result.program, monitor);
  }
  result.rows = score_table(std::move(traces), accelerator, result.latency, monitor);
  std::vector<std::string> inputs = {loaded.path, request.traces};
  if (result.latency.path) inputs.push_back(*result.latency.path);
  result.provenance = make_provenance(request.run.command, inputs);
  return result;
}

nlohmann::ordered_json agreement_json(const Agreement& agreement,
                                      const std::string& column,
                                      const std::string& tier) {
  const learned::Metrics& m = agreement.metrics;
  const auto number = [](double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
  };
  return {{"schema", "masala.agreement/1"},
          {"against", column},
          {"latency_model", tier},
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

}  // namespace masala::app
