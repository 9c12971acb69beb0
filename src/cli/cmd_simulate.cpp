// masala simulate: cycles of given mappings on the built-in cycle-approximate Gemmini.
#include <limits>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/simulate_layers.h"
#include "cli/simulate_request.h"
#include "cli/simulate_traces.h"
#include "io/text.h"

namespace masala::cli {
namespace {

Arguments declare_flags() {
  Arguments arguments(
      "simulate",
      "Simulates Gemmini in time: its loop unrollers, DMA, array, caches and DRAM, driven by the\n"
      "C program that a mapping means. Stands in for cycles measured on RTL or an FPGA.\n");
  arguments.add("Input", "traces", "CSV of mappings, one per row (docs/formats.md)", "FILE");
  arguments.add("Input", "design", "a design.json or design.yaml instead: its layers", "FILE");
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
      "  masala simulate --accelerator gemmini-rtl --traces rows.csv -o measured.csv\n"
      "  masala simulate --design out/design.json --cache carry\n"
      "  masala simulate --accelerator gemmini-rtl --workload resnet50 --fix scratchpad_kib=512\n"
      "  masala simulate --accelerator gemmini-rtl --traces rows.csv --timeline t.json --row 3\n"
      "\nThe CSV repeats the input, with cycles in target.gemmini_cycle and the columns\n"
      "sim.{program,dim,cache,version,busy_load,busy_execute,busy_store}. Ctrl-C keeps the rows\n"
      "that are finished; --resume goes on after them.\n");
  return arguments;
}

[[noreturn]] void fail(const std::string& message) {
  throw UsageError("masala simulate: " + message + "\nSee: masala simulate --help");
}

void check_combination(const Arguments& arguments, const SimulateRequest& request) {
  const int inputs = static_cast<int>(arguments.has("traces")) +
                     static_cast<int>(arguments.has("design")) +
                     static_cast<int>(arguments.has("workload"));
  if (inputs != 1) fail("expected one of --traces, --design and --workload");
  if (arguments.has("design") && arguments.has("fix")) {
    fail("--fix goes with --traces and --workload; a design states its hardware");
  }
  for (const char* flag : {"resume", "skip-invalid"}) {
    if (arguments.has(flag) && !arguments.has("traces")) {
      fail(fmt::format("--{} goes with --traces", flag));
    }
  }
  if (request.resume && !request.flags.output) fail("--resume goes with --output");
  if (request.resume && request.flags.force) fail("--resume and --force exclude each other");
  if (request.resume && request.flags.format == Format::json) {
    fail("--resume goes with the CSV; --format json is written at the end");
  }
  if (request.row && !request.timeline) fail("--row goes with --timeline");
  if (request.timeline && request.flags.output) {
    fail("--timeline is instead of --output; expected one of them");
  }
}

SimulateRequest make_request(const Arguments& arguments, const Words& words) {
  const auto unlimited = std::numeric_limits<std::int64_t>::max();
  SimulateRequest request;
  request.command = {"simulate"};
  request.command.insert(request.command.end(), words.begin(), words.end());
  request.flags = arguments.common();
  request.accelerator = arguments.text("accelerator");
  request.fixed = arguments.fixed_values();
  request.program = program_flag(arguments, "simulate");
  request.options.cache = cache_flag(arguments).value_or(simulator::CacheState::warm);
  request.options.work_budget =
      arguments.integer("budget-events", 1, unlimited).value_or(request.options.work_budget);
  request.skip_invalid = arguments.has("skip-invalid");
  request.resume = arguments.has("resume");
  request.timeline = arguments.text("timeline");
  if (const auto row = arguments.integer("row", 1, unlimited)) {
    request.row = static_cast<std::size_t>(*row);
  }
  check_combination(arguments, request);
  return request;
}

}  // namespace

int simulate_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return 0;
  const SimulateRequest request = make_request(arguments, words);
  if (arguments.has("design")) return simulate_design(request, arguments.required_text("design"));
  if (arguments.has("workload")) {
    return simulate_workload(request, arguments.required_text("workload"));
  }
  return simulate_traces(request, arguments.required_text("traces"));
}

}  // namespace masala::cli
