// masala evaluate: score given mappings with the exact model.
#include <unistd.h>

#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/design.h"
#include "app/evaluate.h"
#include "app/provenance.h"
#include "app/user_text.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/design_report.h"
#include "cli/numbers.h"
#include "cli/progress_bar.h"
#include "cli/search_flags.h"

namespace masala::cli {
namespace {

Arguments declare_flags() {
  Arguments arguments(
      "evaluate",
      "Scores given mappings with the exact analytical model: traffic per level and operand, "
      "roofline\n"
      "cycles, energy, EDP. Any valid mapping is accepted, also one that search would not try.\n");
  arguments.add("Input", "traces", "CSV of mappings, one per row (docs/formats.md)", "FILE");
  arguments.add("Input", "design", "a design.json to re-score instead", "FILE");
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
  arguments.add(
      "Model",
      "latency",
      "latency model: roofline, calibrated, hybrid or dnn (roofline; with --model: hybrid)",
      "TIER");
  arguments.add("Model", "model", "trained model (the built-in one of Gemmini)", "FILE");
  arguments.add("Model",
                "program",
                "driver program the rows are for: clean, or measured (FireSim's); from the columns "
                "otherwise",
                "P");
  arguments.add("Model",
                "cache",
                "what the caches hold at the start: warm, inputs, llc, cold or carry; from the "
                "column sim.cache, or else as the model's own rows had it (FireSim's: warm)",
                "STATE");
  arguments.add("Output",
                "against",
                "column of measured cycles: print how well the predictions agree with it",
                "COLUMN");
  arguments.add("Output", "o,output", "file for the scored CSV or JSON (stdout)", "FILE");
  arguments.set_footer(
      "\nExamples:\n"
      "  masala evaluate -a gemmini --traces rows.csv -o scored.csv\n"
      "  masala evaluate -a gemmini --design out/design.json\n"
      "  masala simulate -a gemmini-rtl -w bert -o default.csv\n"
      "  masala evaluate -a gemmini-rtl --traces default.csv --factors imperfect\n"
      "  masala evaluate -a gemmini-rtl --traces measured.csv --latency hybrid \\\n"
      "      --against target.gemmini_cycle\n"
      "\nAppended columns: masala.cycles, masala.energy_uj, masala.edp, masala.bottleneck, and\n"
      "masala.<level>.<operand>.<reads|fills|updates> in words over all instances. All are of one\n"
      "execution of one group.\n");
  return arguments;
}

std::string agreement_text(const app::Agreement& agreement,
                           const std::string& column,
                           const app::LoadedLatency& latency) {
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

int evaluate_design(const Arguments& arguments, const CommonFlags& flags) {
  app::EvaluateDesignRequest request;
  request.run = arguments.run_options();
  request.design = *arguments.text("design");
  request.accelerator = arguments.text("accelerator");
  if (arguments.has("latency") || arguments.has("model"))
    request.latency = latency_choice(arguments, "hybrid");
  request.fixed = arguments.fixed_values();
  request.factors = arguments.factors();
  std::optional<app::OutputFile> output;
  if (flags.output) output.emplace(*flags.output, flags.existing());
  ProgressBar bar(flags.quiet);
  const app::EvaluateDesignResult result = app::evaluate_design(request, bar.monitor());
  const std::string json = app::design_text(result.design, result.accelerator);
  if (output) output->write(json);
  if (!flags.json()) {
    fmt::print("{}",
               design_text(result.design, result.accelerator, terminal_columns(STDOUT_FILENO)));
  } else if (!output) {
    fmt::print("{}", json);
  }
  return kExitOk;
}

app::EvaluateRowsRequest rows_request(const Arguments& arguments) {
  app::EvaluateRowsRequest request;
  request.run = arguments.run_options();
  request.traces = *arguments.text("traces");
  request.accelerator = arguments.required_text("accelerator");
  request.latency = latency_choice(arguments, arguments.has("model") ? "hybrid" : app::kRoofline);
  request.program = arguments.program();
  request.cache = arguments.cache();
  request.fixed = arguments.fixed_values();
  request.factors = arguments.factors();
  request.skip_invalid = arguments.has("skip-invalid");
  request.against = arguments.text("against");
  return request;
}

int evaluate_rows(const Arguments& arguments, const CommonFlags& flags) {
  const app::EvaluateRowsRequest request = rows_request(arguments);
  std::optional<app::OutputFile> output;
  if (flags.output) output.emplace(*flags.output, flags.existing());
  ProgressBar bar(flags.quiet, FirstLine::after_a_second);
  const app::EvaluateRowsResult result = app::evaluate_rows(request, bar.monitor());
  if (result.latency.model && !result.why.empty())
    bar.note(fmt::format("program {}: {}", simulator::name(result.program), result.why));
  if (result.agreement) {
    if (flags.json()) {
      fmt::print(
          "{}\n",
          app::agreement_json(*result.agreement, *request.against, result.latency.tier).dump(2));
    } else {
      fmt::print("{}", agreement_text(*result.agreement, *request.against, result.latency));
    }
    if (!output) return kExitOk;
  }
  const std::string text =
      flags.json() && !result.agreement
          ? to_json(table_of(result.rows.columns, result.rows.rows)).dump(2) + "\n"
          : app::to_csv(result.rows);
  if (!output) {
    fmt::print("{}", text);
    return kExitOk;
  }
  output->write(text);
  output->write_beside(".provenance.json", app::provenance_text(result.provenance, flags.seed));
  const std::size_t invalid = result.rows.rows.size() - result.valid;
  bar.note(fmt::format("{} row{} scored{}",
                       with_commas(static_cast<std::int64_t>(result.valid)),
                       result.valid == 1 ? "" : "s",
                       invalid == 0 ? "" : fmt::format(", {} invalid (see masala.note)", invalid)));
  return kExitOk;
}

}  // namespace

int evaluate_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return kExitOk;
  const CommonFlags flags = arguments.common();
  if (arguments.has("traces") == arguments.has("design"))
    arguments.fail("expected one of --traces and --design");
  for (const char* flag : {"skip-invalid", "against", "program", "cache"}) {
    if (arguments.has("design") && arguments.has(flag))
      arguments.fail(fmt::format("--{} goes with --traces", flag));
  }
  return arguments.has("design") ? evaluate_design(arguments, flags)
                                 : evaluate_rows(arguments, flags);
}

}  // namespace masala::cli
