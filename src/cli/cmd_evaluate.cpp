// masala evaluate: score given mappings with the exact model.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_report.h"
#include "cli/evaluate_traces.h"
#include "cli/latency_flags.h"
#include "cli/provenance.h"
#include "io/design_json.h"
#include "io/file.h"

namespace masala::cli {
namespace {

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
      "  masala evaluate --accelerator gemmini --traces rows.csv -o scored.csv\n"
      "  masala evaluate --accelerator gemmini --design out/design.json\n"
      "  masala simulate --accelerator gemmini-rtl --workload bert -o default.csv\n"
      "  masala evaluate --accelerator gemmini-rtl --traces default.csv --factors imperfect\n"
      "  masala evaluate --accelerator gemmini-rtl --traces measured.csv --latency hybrid \\\n"
      "      --against target.gemmini_cycle\n"
      "\nAppended columns: masala.cycles, masala.energy_uj, masala.edp, masala.bottleneck, and\n"
      "masala.<level>.<operand>.<reads|fills|updates> in words over all instances. All are of one\n"
      "execution of one group.\n");
  return arguments;
}

int evaluate_design(const Arguments& arguments, const CommonFlags& flags, const Words& command) {
  const std::string path = *arguments.text("design");
  const LoadedAccelerator loaded =
      load_accelerator(arguments.text("accelerator").value_or(io::design_accelerator_name(path)));
  if (flags.output) io::ensure_new_file(*flags.output, flags.force);
  const io::DesignFile given = io::read_design(path, loaded.accelerator, arguments.factors());
  const LoadedLatency latency =
      load_latency(arguments, loaded.accelerator, evaluate_tier(arguments));
  search::Problem problem;
  problem.latency = latency.model;
  problem.accelerator = loaded.accelerator;
  problem.workload = given.workload;
  problem.objective = search::objective_from_name(given.objective).value_or(search::Objective::edp);
  const search::Design design = search::make_design(problem, given.hardware, given.mappings);
  std::vector<std::string> inputs = {loaded.path, path};
  if (latency.path) inputs.push_back(*latency.path);
  const io::Provenance provenance = make_provenance(command, inputs);
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
  evaluate_tier(arguments);  // refuses what is no latency model
  if (arguments.has("traces") == arguments.has("design")) {
    throw UsageError(
        "masala evaluate: expected one of --traces and --design\nSee: masala evaluate --help");
  }
  for (const char* flag : {"fix", "skip-invalid", "against", "program", "cache"}) {
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
