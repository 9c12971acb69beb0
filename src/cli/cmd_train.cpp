// masala train: fit the latency models to measured cycles.
#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/progress_bar.h"
#include "cli/training_report.h"
#include "masala/app/train.h"

namespace masala::cli {
namespace {

Arguments declare_flags() {
  Arguments arguments(
      "train",
      "Fits latency models to measured cycles: constants of an analytical model of Gemmini's "
      "units\n"
      "(calibrated), a small ensemble of networks that corrects it (hybrid), and a network "
      "without\n"
      "any model (dnn, for comparison). Says how well each predicts layers it has not seen.\n");
  arguments.add("Input", "traces", "CSV of measured mappings (docs/formats.md)", "FILE");
  arguments.add("Input", "a,accelerator", "built-in name or YAML file of what was measured", "A");
  arguments.add("Input", "target", "column of measured cycles (target.gemmini_cycle)", "COLUMN");
  arguments.add(
      "Input",
      "program",
      "driver program that was measured: clean, or measured (FireSim's); from the columns "
      "otherwise",
      "P");
  arguments.add("Input",
                "cache",
                "what the caches held when the cycles began to count: warm, inputs, llc, cold or "
                "carry; from the column sim.cache, or else warm",
                "STATE");
  arguments.add("Input",
                "fix",
                "hardware value for rows that do not state it, as pe_dim=16; repeats",
                "KEY=VALUE");
  arguments.add("Input", "skip-invalid", "carry on past bad rows, listing them");
  arguments.add(
      "Input",
      "allow-impossible",
      "train also where more than 1 % of the rows are faster than their array can compute");
  arguments.add(
      "Training",
      "pretrain",
      "simulated rows that the hybrid learns from too; kept if that helps leave-layer-out",
      "FILE");
  arguments.add("Output",
                "o,output",
                "model file; the report goes to FILE.report.json (none: the report alone)",
                "FILE");
  arguments.set_footer(
      "\nExamples:\n"
      "  masala train -a gemmini-rtl --traces measured.csv -o model.masala\n"
      "  masala train -a gemmini-rtl --traces measured.csv \\\n"
      "      --pretrain data/traces/gemmini_sim.csv -o model.masala\n"
      "  masala search -w bert -a gemmini-rtl --latency hybrid --model model.masala\n"
      "\nHow to read the report: docs/learning.md\n");
  return arguments;
}

app::TrainRequest make_request(const Arguments& arguments) {
  app::TrainRequest request;
  request.run = arguments.run_options();
  request.accelerator = arguments.required_text("accelerator");
  request.traces = arguments.required_text("traces");
  request.target_column = arguments.text("target").value_or(request.target_column);
  request.program = arguments.program();
  request.cache = arguments.cache();
  request.fixed = arguments.fixed_values();
  request.skip_invalid = arguments.has("skip-invalid");
  request.pretrain = arguments.text("pretrain");
  request.allow_impossible = arguments.has("allow-impossible");
  return request;
}

void print_rows(const app::TrainRequest& request, const app::TrainingRows& rows) {
  fmt::print("Training on {} for {}\n", request.traces, rows.loaded.accelerator.name);
  if (!rows.why.empty()) fmt::print("program    {}: {}\n", rows.set.conditions.program, rows.why);
  fmt::print("{}\n", rows_text(rows.set, rows.loaded));
  std::fflush(stdout);
}

}  // namespace

int train_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return kExitOk;
  const CommonFlags flags = arguments.common();
  const app::TrainRequest request = make_request(arguments);
  std::optional<app::OutputFile> model;
  std::optional<app::OutputFile> report;
  if (flags.output) {
    model.emplace(*flags.output, flags.existing());
    report.emplace(*flags.output + ".report.json", flags.existing());
  }
  const app::TrainingRows rows = app::read_training_rows(request);
  if (!flags.json()) print_rows(request, rows);
  app::TrainResult result;
  {
    ProgressBar bar(flags.quiet);
    result = app::train(request, rows, bar.monitor());
  }
  fmt::print("{}", flags.json() ? result.report_text : metrics_text(result.training, rows.set));
  if (!model) return kExitOk;
  report->write(result.report_text);
  model->write(result.model_text);
  if (!flags.json()) fmt::print("written {}, {}\n", model->path(), report->path());
  return kExitOk;
}

}  // namespace masala::cli
