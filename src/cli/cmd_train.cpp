// masala train: fit the latency models to measured cycles.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/fixed_values.h"
#include "cli/measured_rows.h"
#include "cli/progress_bar.h"
#include "cli/provenance.h"
#include "cli/simulate_request.h"
#include "cli/training_report.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/model_file.h"

namespace masala::cli {
namespace {

constexpr std::size_t kFewestRows = 50;
constexpr std::size_t kFewestLayers = 5;  // as many as folds

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
      "  masala train --accelerator gemmini-rtl --traces measured.csv -o model.masala\n"
      "  masala train --accelerator gemmini-rtl --traces measured.csv \\\n"
      "      --pretrain data/traces/gemmini_sim.csv -o model.masala\n"
      "  masala search -w resnet50 -a gemmini-rtl --latency hybrid --model model.masala -o out/\n"
      "\nHow to read the report: docs/learning.md\n");
  return arguments;
}

std::string report_path(const std::string& model_path) {
  return model_path + ".report.json";
}

learned::TrainingSet training_set(const MeasuredTable& table,
                                  const model::Accelerator& accelerator) {
  learned::TrainingSet set = learned::make_training_set(table.rows, accelerator, table.program);
  set.cache = table.cache;
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

int train_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return 0;
  const CommonFlags flags = arguments.common();
  const LoadedAccelerator loaded = load_accelerator(arguments.required_text("accelerator"));
  MeasuredTableRequest request;
  request.path = arguments.required_text("traces");
  request.target_column = arguments.text("target").value_or(kCyclesColumn);
  request.program = program_flag(arguments, "train");
  request.cache = cache_flag(arguments);
  request.fixed = arguments.fixed_values();
  request.skip_invalid = arguments.has("skip-invalid");
  check_fixed(request.fixed, loaded.accelerator);
  if (flags.output) {
    io::ensure_new_file(*flags.output, flags.force);
    io::ensure_new_file(report_path(*flags.output), flags.force);
  }
  std::vector<std::string> inputs = {loaded.path, request.path};
  const MeasuredTable table = read_measured(request, loaded);
  const learned::TrainingSet set = training_set(table, loaded.accelerator);
  check_enough(set, request.path);
  std::optional<learned::TrainingSet> simulated;
  if (const auto path = arguments.text("pretrain")) {
    MeasuredTableRequest pretrain = request;
    pretrain.path = *path;
    pretrain.program = std::nullopt;
    pretrain.cache = std::nullopt;
    pretrain.target_column = kCyclesColumn;
    simulated = training_set(read_measured(pretrain, loaded), loaded.accelerator);
    check_other_layers(*simulated, set, *path);
    inputs.push_back(*path);
  }
  const bool for_people = flags.format == Format::console;
  if (for_people) {
    fmt::print("Training on {} for {}\n", request.path, loaded.accelerator.name);
    if (!table.why.empty())
      fmt::print("program    {}: {}\n", simulator::name(table.program), table.why);
    fmt::print("{}\n", rows_text(set, loaded.accelerator));
    std::fflush(stdout);
  }

  ProgressBar bar(flags.quiet, "", "rows");
  learned::ValidationOptions options;
  options.threads = flags.threads;
  options.progress = [&](double fraction) {
    bar.update({"folds", fraction, static_cast<std::int64_t>(set.rows.size()), "rows", std::nullopt, ""});
  };
  const learned::TrainingResult result = learned::train(set,
                                                        simulated ? &*simulated : nullptr,
                                                        loaded.accelerator,
                                                        learned::make_plan(flags.seed),
                                                        options);
  Words command = {"train"};
  command.insert(command.end(), words.begin(), words.end());
  nlohmann::ordered_json report = report_json(result, set, loaded.accelerator);
  report["seed"] = flags.seed;
  report["provenance"] = provenance_json(make_provenance(command, inputs));
  const std::string report_text = report.dump(2) + "\n";
  if (for_people) {
    fmt::print("{}", metrics_text(result, set));
  } else {
    fmt::print("{}", report_text);
  }
  if (!flags.output) return 0;
  io::write_file_atomically(report_path(*flags.output), report_text);
  io::write_file_atomically(*flags.output,
                            io::to_model_text(result.model, loaded.accelerator, report));
  if (for_people) fmt::print("written {}, {}\n", *flags.output, report_path(*flags.output));
  return 0;
}

}  // namespace masala::cli
