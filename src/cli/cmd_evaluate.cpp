// masala evaluate: score given mappings with the exact model.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_report.h"
#include "cli/fixed_values.h"
#include "cli/provenance.h"
#include "cli/table_json.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/text.h"
#include "io/trace_csv.h"
#include "model/cost.h"
#include "model/traffic.h"

namespace masala::cli {
namespace {

using model::kAllOperands;
using model::Operand;

constexpr double kPicojoulesPerMicrojoule = 1e6;

Arguments declare_flags() {
  Arguments arguments(
      "evaluate",
      "Scores given mappings with the exact analytical model: traffic per level and operand, "
      "roofline\n"
      "cycles, energy, EDP. Any valid mapping is accepted, also one that search would not try.\n");
  arguments.add("Input", "traces", "CSV of mappings, one per row (docs/formats.md)", "FILE");
  arguments.add("Input", "design", "a design.json or design.yaml to re-score instead", "FILE");
  arguments.add("Input",
                "a,accelerator",
                "built-in name or YAML file (with --design: the one it names)",
                "A");
  arguments.add("Input",
                "fix",
                "hardware value for rows that do not state it, as pe_dim=16; repeats",
                "KEY=VALUE");
  arguments.add("Input", "skip-invalid", "carry on past bad rows, noting why in masala.note");
  arguments.add(
      "Input",
      "factors",
      "perfect: those of a dimension multiply to its bound; imperfect: also to more, edge "
      "tiles count as large as they are (perfect)",
      "KIND");
  arguments.add("Model", "latency", "latency model: roofline (roofline)", "TIER");
  arguments.add("Output", "o,output", "file for the scored CSV or JSON (stdout)", "FILE");
  arguments.set_footer(
      "\nExamples:\n"
      "  masala evaluate --accelerator gemmini --traces rows.csv -o scored.csv\n"
      "  masala evaluate --accelerator gemmini --design out/design.json\n"
      "  masala simulate --accelerator gemmini-rtl --workload bert -o default.csv\n"
      "  masala evaluate --accelerator gemmini-rtl --traces default.csv --factors imperfect\n"
      "\nAppended columns: masala.cycles, masala.energy_uj, masala.edp, masala.bottleneck, and\n"
      "masala.<level>.<operand>.<reads|fills|updates> in words over all instances. All are of one\n"
      "execution of one group.\n");
  return arguments;
}

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
                                      const std::vector<CountColumn>& columns) {
  const model::Machine machine = model::resolve(accelerator, row.hardware);
  const model::Traffic traffic = model::count_traffic(row.mapping, row.layer, machine);
  const model::LayerCost cost = model::cost_of(traffic, row.mapping, row.layer, machine);
  const double energy_uj = cost.energy_pj / kPicojoulesPerMicrojoule;
  std::vector<std::string> cells = {
      fmt::format("{:.0f}", cost.cycles),
      fmt::format("{}", energy_uj),
      fmt::format("{}", energy_uj * cost.cycles),
      cost.bottleneck == model::kComputeBound
          ? "compute"
          : accelerator.levels[static_cast<std::size_t>(cost.bottleneck)].name};
  for (const CountColumn& column : columns) {
    cells.push_back(std::to_string(
        (traffic.*column.action)[static_cast<std::size_t>(column.level)][column.operand]));
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

io::CsvTable score_table(io::TraceTable traces, const model::Accelerator& accelerator) {
  const std::vector<CountColumn> columns = count_columns(accelerator);
  io::CsvTable table = std::move(traces.csv);
  drop_columns(table, "masala.");
  std::vector<std::string> added = {
      "masala.cycles", "masala.energy_uj", "masala.edp", "masala.bottleneck"};
  for (const CountColumn& column : columns) added.push_back(column.name);
  table.columns.insert(table.columns.end(), added.begin(), added.end());
  const bool any_invalid = traces.num_valid() != traces.rows.size();
  if (any_invalid) table.columns.emplace_back("masala.note");
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    std::vector<std::string> cells(added.size());
    if (traces.rows[r]) cells = scored_cells(*traces.rows[r], accelerator, columns);
    table.rows[r].insert(table.rows[r].end(), cells.begin(), cells.end());
    if (any_invalid) table.rows[r].push_back(traces.notes[r]);
  }
  return table;
}

int evaluate_traces(const Arguments& arguments, const CommonFlags& flags, const Words& command) {
  const LoadedAccelerator loaded = load_accelerator(arguments.required_text("accelerator"));
  const std::string traces_path = arguments.required_text("traces");
  if (flags.output) io::ensure_new_file(*flags.output, flags.force);
  io::TraceOptions options;
  options.fixed = arguments.fixed_values();
  options.factors = arguments.factors();
  options.skip_invalid = arguments.has("skip-invalid");
  check_fixed(options.fixed, loaded.accelerator);
  io::TraceTable traces = io::read_traces(traces_path, loaded.accelerator, options);
  const std::size_t valid = traces.num_valid();
  const io::CsvTable table = score_table(std::move(traces), loaded.accelerator);
  const std::string text = flags.format == Format::json ? table_json(table) : io::to_csv(table);
  if (!flags.output) {
    fmt::print("{}", text);
    return 0;
  }
  io::write_file_atomically(*flags.output, text);
  write_provenance(*flags.output, make_provenance(command, {loaded.path, traces_path}), flags.seed);
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

int evaluate_design(const Arguments& arguments, const CommonFlags& flags, const Words& command) {
  const std::string path = *arguments.text("design");
  const LoadedAccelerator loaded =
      load_accelerator(arguments.text("accelerator").value_or(io::design_accelerator_name(path)));
  if (flags.output) io::ensure_new_file(*flags.output, flags.force);
  const io::DesignFile given = io::read_design(path, loaded.accelerator, arguments.factors());
  search::Problem problem;
  problem.accelerator = loaded.accelerator;
  problem.workload = given.workload;
  problem.objective = search::objective_from_name(given.objective).value_or(search::Objective::edp);
  const search::Design design = search::make_design(problem, given.hardware, given.mappings);
  const io::Provenance provenance = make_provenance(command, {loaded.path, path});
  io::DesignFile scored = make_design_file(problem, design, provenance.inputs.at(loaded.path));
  scored.search = given.search;
  scored.bound = given.bound;
  scored.provenance = provenance;
  const std::string json = io::to_json(scored, loaded.accelerator).dump(2) + "\n";
  if (flags.output) io::write_file_atomically(*flags.output, json);
  if (flags.format == Format::json) {
    if (!flags.output) fmt::print("{}", json);
  } else {
    fmt::print("{}", design_text(scored, loaded.accelerator, terminal_columns()));
  }
  return 0;
}

}  // namespace

int evaluate_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return 0;
  const CommonFlags flags = arguments.common();
  const std::string latency = arguments.text("latency").value_or("roofline");
  if (latency != "roofline") {
    throw UsageError(
        fmt::format("masala evaluate: --latency: got {}; expected roofline", io::shown(latency)));
  }
  if (arguments.has("traces") == arguments.has("design")) {
    throw UsageError(
        "masala evaluate: expected one of --traces and --design\nSee: masala evaluate --help");
  }
  for (const char* flag : {"fix", "skip-invalid"}) {
    if (!arguments.has("design") || !arguments.has(flag)) continue;
    throw UsageError(
        fmt::format("masala evaluate: --{} goes with --traces; a design states its hardware\nSee: "
                    "masala evaluate --help",
                    flag));
  }
  Words command = {"evaluate"};
  command.insert(command.end(), words.begin(), words.end());
  return arguments.has("design") ? evaluate_design(arguments, flags, command)
                                 : evaluate_traces(arguments, flags, command);
}

}  // namespace masala::cli
