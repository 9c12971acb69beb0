// masala simulate: cycles of given mappings on the built-in cycle-approximate Gemmini.
#include <unistd.h>

#include <chrono>
#include <limits>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/provenance.h"
#include "app/simulate.h"
#include "app/user_text.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/network_report.h"
#include "cli/numbers.h"
#include "cli/progress_bar.h"
#include "cli/row_stream.h"

namespace masala::cli {
namespace {

using Clock = std::chrono::steady_clock;

Arguments declare_flags() {
  Arguments arguments(
      "simulate",
      "Simulates Gemmini in time: its loop unrollers, DMA, array, caches and DRAM, driven by the\n"
      "C program that a mapping means. Stands in for cycles measured on RTL or an FPGA.\n");
  arguments.add("Input", "traces", "CSV of mappings, one per row (docs/formats.md)", "FILE");
  arguments.add("Input", "design", "a design.json instead: its layers", "FILE");
  arguments.add(
      "Input", "w,workload", "a workload instead: every layer as Gemmini's own tiler cuts it", "W");
  arguments.add(
      "Input",
      "a,accelerator",
      "built-in name or YAML file with a program section (with --design: the one it names)",
      "A");
  arguments.add("Input",
                "fix",
                "hardware value for rows that do not state it, as pe_dim=16; repeats",
                "KEY=VALUE");
  arguments.add("Input",
                "factors",
                "perfect: refuse mappings whose factors multiply to more than a bound; imperfect: "
                "run them, the last tile of a loop clipped (imperfect)",
                "KIND");
  arguments.add(
      "Input", "skip-invalid", "carry on past rows that cannot run, noting why in sim.note");
  arguments.add("Machine",
                "program",
                "clean: a correct driver; measured: that of the FireSim measurements, bug for bug, "
                "on its 4096 + 4096 KiB (measured for FireSim's tables, otherwise clean)",
                "P");
  arguments.add(
      "Machine",
      "cache",
      "what the caches hold at the start: warm (all the layer's arrays), inputs (these alone, "
      "as in a network), llc, cold, or carry: what the rows before left (warm)",
      "C");
  arguments.add("Machine",
                "budget-events",
                "work per row before tiles are sampled: DMA rows and tiles simulated in full "
                "(300000)",
                "N");
  arguments.add("Output", "o,output", "file for the CSV (stdout)", "FILE");
  arguments.add("Output", "resume", "go on with the partly written output of an interrupted run");
  arguments.add("Output",
                "timeline",
                "instead of the CSV: one row's activity as a Chrome trace (open in Perfetto)",
                "FILE");
  arguments.add("Output", "row", "the row or layer of --timeline, from 1", "N");
  arguments.set_footer(
      "\nExamples:\n"
      "  masala simulate -a gemmini-rtl --traces rows.csv -o measured.csv\n"
      "  masala simulate --design out/design.json --cache carry\n"
      "  masala simulate -a gemmini-rtl -w resnet50 --fix scratchpad_kib=512\n"
      "  masala simulate -a gemmini-rtl --traces rows.csv --timeline t.json --row 3\n"
      "\nThe CSV repeats the input, with cycles in target.gemmini_cycle and the columns\n"
      "sim.{program,dim,cache,version,busy_load,busy_execute,busy_store}. Ctrl-C keeps the rows\n"
      "that are finished; --resume goes on after them.\n");
  return arguments;
}

void check_combination(const Arguments& arguments, const CommonFlags& flags) {
  const int inputs = static_cast<int>(arguments.has("traces")) +
                     static_cast<int>(arguments.has("design")) +
                     static_cast<int>(arguments.has("workload"));
  if (inputs != 1) arguments.fail("expected one of --traces, --design and --workload");
  for (const char* flag : {"resume", "skip-invalid"}) {
    if (arguments.has(flag) && !arguments.has("traces"))
      arguments.fail(fmt::format("--{} goes with --traces", flag));
  }
  const bool resume = arguments.has("resume");
  if (resume && !flags.output) arguments.fail("--resume goes with --output");
  if (resume && flags.force) arguments.fail("--resume and --force exclude each other");
  if (resume && flags.json())
    arguments.fail("--resume goes with the CSV; --format json is written at the end");
  if (arguments.has("row") && !arguments.has("timeline"))
    arguments.fail("--row goes with --timeline");
  if (arguments.has("timeline") && flags.output)
    arguments.fail("--timeline is instead of --output; expected one of them");
}

app::SimulateSettings settings_of(const Arguments& arguments) {
  app::SimulateSettings settings;
  settings.fixed = arguments.fixed_values();
  settings.program = arguments.program();
  settings.cache = arguments.cache().value_or(settings.cache);
  settings.work_budget =
      arguments.integer("budget-events", 1, std::numeric_limits<std::int64_t>::max())
          .value_or(settings.work_budget);
  settings.factors = arguments.factors(settings.factors);
  return settings;
}

// The index of the run that --timeline shows.
std::size_t chosen_run(const Arguments& arguments, const app::Runs& runs) {
  const auto row = arguments.integer("row", 1, std::numeric_limits<std::int64_t>::max());
  if (!row && runs.size() > 1) {
    arguments.fail(fmt::format("--timeline shows one row of the {}; expected --row N to choose it",
                               runs.size()));
  }
  const auto chosen = static_cast<std::size_t>(row.value_or(1));
  if (chosen > runs.size())
    arguments.fail(fmt::format("--row: got {}; expected 1 to {}", chosen, runs.size()));
  if (!runs[chosen - 1]) {
    throw app::InputError(
        fmt::format("--row {}: the row cannot run; expected a valid one", chosen));
  }
  return chosen - 1;
}

int write_timeline(const Arguments& arguments,
                   const CommonFlags& flags,
                   const app::Runs& runs,
                   const model::Accelerator& accelerator) {
  const std::size_t chosen = chosen_run(arguments, runs);
  const app::OutputFile output(arguments.required_text("timeline"), flags.existing());
  ProgressBar bar(flags.quiet);
  const app::Timeline timeline = app::timeline_of(runs, chosen, accelerator, bar.monitor());
  output.write(timeline.chrome_trace);
  bar.note(fmt::format("{}: {} cycles, {} of {} tiles shown (1 us is 1 cycle)",
                       output.path(),
                       with_commas(timeline.cycles),
                       with_commas(timeline.tiles_shown),
                       with_commas(timeline.tiles)));
  return kExitOk;
}

// ---- Networks -----------------------------------------------------------------------------------

int simulate_network(const Arguments& arguments, const CommonFlags& flags) {
  app::SimulateNetworkRequest request;
  request.run = arguments.run_options();
  request.accelerator = arguments.text("accelerator");
  request.settings = settings_of(arguments);
  const bool is_design = arguments.has("design");
  request.source = arguments.required_text(is_design ? "design" : "workload");
  if (!is_design) arguments.required_text("accelerator");
  ProgressBar bar(flags.quiet, FirstLine::after_a_second);
  const app::PreparedNetwork network =
      is_design ? app::prepare_design(request) : app::prepare_workload(request, bar.monitor());
  if (arguments.has("timeline"))
    return write_timeline(arguments, flags, network.runs, network.loaded.accelerator);
  std::optional<app::OutputFile> output;
  if (flags.output) output.emplace(*flags.output, flags.existing());
  const app::LayerResults results = app::simulate_network(request, network, bar.monitor());
  bar.clear();
  if (output) {
    output->write(app::to_csv(app::network_rows(request, network, results)));
    output->write_beside(
        ".provenance.json",
        app::provenance_text(
            app::make_provenance(request.run.command, {network.loaded.path, network.source}),
            flags.seed));
  }
  if (flags.json()) {
    fmt::print("{}\n", app::network_json(request, network, results).dump(2));
  } else {
    fmt::print("{}", network_text(request, network, results));
  }
  return kExitOk;
}

// ---- Rows ---------------------------------------------------------------------------------------

std::string rows_text(std::size_t rows) {
  return fmt::format(
      "{} row{}", with_commas(static_cast<std::int64_t>(rows)), rows == 1 ? "" : "s");
}

int report_interruption(const app::RowsDone& done, std::size_t total, const std::string& kept) {
  fmt::print(stderr,
             "masala simulate: interrupted after {} of {}: {}\n",
             with_commas(static_cast<std::int64_t>(done.rows)),
             rows_text(total),
             kept);
  return kExitInterrupted;
}

int simulate_rows(const Arguments& arguments, const CommonFlags& flags) {
  app::SimulateRowsRequest request;
  request.run = arguments.run_options();
  request.accelerator = arguments.required_text("accelerator");
  request.traces = arguments.required_text("traces");
  request.settings = settings_of(arguments);
  request.skip_invalid = arguments.has("skip-invalid");
  const app::PreparedRows prepared = app::prepare_rows(request);
  const bool mixes_with_rows = !flags.output && isatty(STDOUT_FILENO) != 0;
  ProgressBar bar(flags.quiet, FirstLine::after_a_second);
  if (!request.settings.program)
    bar.note(fmt::format("program: {} ({})", simulator::name(prepared.program), prepared.why));
  if (arguments.has("timeline"))
    return write_timeline(arguments, flags, prepared.runs, prepared.loaded.accelerator);

  const auto began = Clock::now();
  RowOutput output(flags, arguments.has("resume"));
  app::Monitor monitor = bar.monitor();
  if (mixes_with_rows) monitor.report = nullptr;
  const app::RowsDone done = app::simulate_rows(request, prepared, output.sink(), monitor);
  const std::size_t total = prepared.runs.size();
  if (done.rows < total) return report_interruption(done, total, output.interrupt());
  if (output.file() == nullptr) return kExitOk;
  output.file()->write_beside(
      ".provenance.json",
      app::provenance_text(prepared.provenance, flags.seed, prepared.plan.origin));
  if (done.resumed == total) {
    bar.note(fmt::format("{}: complete, nothing to resume", *flags.output));
    return kExitOk;
  }
  const std::size_t invalid = total - prepared.valid;
  bar.note(fmt::format(
      "{} simulated in {}{}{}",
      rows_text(prepared.valid),
      seconds_text(std::chrono::duration<double>(Clock::now() - began).count()),
      done.resumed == 0 ? "" : fmt::format(", {} of them in the earlier run", done.resumed),
      invalid == 0 ? "" : fmt::format(", {} invalid (see sim.note)", invalid)));
  return kExitOk;
}

}  // namespace

int simulate_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return kExitOk;
  const CommonFlags flags = arguments.common();
  check_combination(arguments, flags);
  return arguments.has("traces") ? simulate_rows(arguments, flags)
                                 : simulate_network(arguments, flags);
}

}  // namespace masala::cli
