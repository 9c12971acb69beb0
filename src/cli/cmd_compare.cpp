// masala compare: what a better latency model buys, on equal terms.
#include <algorithm>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/compare_page.h"
#include "cli/compare_report.h"
#include "cli/progress_bar.h"
#include "cli/search_flags.h"
#include "masala/app/compare.h"
#include "masala/app/user_text.h"

namespace masala::cli {
namespace {

constexpr const char* kDefaultModels = "roofline,calibrated,hybrid";

Arguments declare_flags() {
  Arguments arguments(
      "compare",
      "Searches each workload once per latency model, with the same ranges, budget and seed, adds\n"
      "Gemmini's own tiler on its default hardware, and lets one judge count the cycles of all\n"
      "designs: the built-in simulator, or a table of measurements.\n");
  arguments.add("Problem", "w,workload", "built-in name or YAML file; repeats", "W");
  arguments.add("Problem", "a,accelerator", "built-in name or YAML file, as gemmini-rtl", "A");
  add_problem_flags(arguments);
  arguments.add(
      "Model", "latency", "latency models, comma-separated (roofline,calibrated,hybrid)", "TIERS");
  add_model_flags(arguments);
  add_search_flags(arguments);
  arguments.add("Judge", "program", "driver that runs the designs: clean (clean)", "P");
  arguments.add("Judge",
                "cache",
                "caches before a layer: carry (what the layers before left), inputs, warm, llc or "
                "cold (carry)",
                "STATE");
  arguments.add("Judge",
                "judge",
                "measured cycles (target.gemmini_cycle) by shape, hardware and mapping, instead of "
                "the simulator",
                "CSV");
  arguments.add("Output",
                "o,output",
                "folder for compare.json, report.html, layers.csv and the designs (none)",
                "DIR");
  arguments.add("Output", "resume", "take designs that an interrupted run has left in the folder");
  arguments.set_footer(
      "\nExamples:\n"
      "  masala compare -w resnet50 -a gemmini-rtl --model model.masala -o "
      "out/\n"
      "  masala compare -w bert -w unet -a gemmini-rtl --latency roofline --format json\n"
      "  masala compare -w bert -a gemmini-rtl --judge cycles.csv -o out/ --resume\n"
      "\nWith carry, a layer finds the caches as the layers before it left them, its own inputs\n"
      "written last. Each layer is simulated once and counts as often as the network executes "
      "it.\n");
  return arguments;
}

std::vector<std::string> tiers_flag(const Arguments& arguments) {
  std::vector<std::string> tiers;
  std::istringstream list(arguments.text("latency").value_or(kDefaultModels));
  for (std::string tier; std::getline(list, tier, ',');) {
    const std::vector<std::string>& known = app::latency_tiers();
    if (std::find(known.begin(), known.end(), tier) == known.end()) {
      arguments.fail(fmt::format("--latency: got {}; expected {} with commas between them{}",
                                 app::shown(tier),
                                 "some of roofline, calibrated, hybrid, dnn",
                                 app::did_you_mean(tier, known)));
    }
    if (std::find(tiers.begin(), tiers.end(), tier) != tiers.end()) {
      arguments.fail(fmt::format("--latency: {} given twice; expected each model once", tier));
    }
    tiers.push_back(tier);
  }
  return tiers;
}

app::CompareRequest make_request(const Arguments& arguments) {
  app::CompareRequest request;
  request.run = arguments.run_options();
  request.tiers = tiers_flag(arguments);
  const bool uses_model = request.tiers != std::vector<std::string>{app::kRoofline};
  request.model_path = arguments.text("model");
  if (!uses_model && request.model_path) {
    arguments.fail("--model goes with a latency model that was trained; expected --latency too");
  }
  request.workloads = arguments.all("workload");
  if (request.workloads.empty()) arguments.fail("--workload is missing");
  request.settings = search_settings(arguments, uses_model);
  arguments.choice("program", {"clean"});
  request.cache = arguments.cache().value_or(request.cache);
  request.judge_path = arguments.text("judge");
  request.resume = arguments.has("resume");
  if (request.judge_path && arguments.has("cache")) {
    arguments.fail("--cache goes with the simulator; measured cycles are as they are");
  }
  if (request.resume && !arguments.has("output")) arguments.fail("--resume goes with --output");
  if (request.resume && arguments.has("force")) {
    arguments.fail("--resume and --force exclude each other");
  }
  return request;
}

void write_output(const app::OutputFolder& folder,
                  const app::CompareRequest& request,
                  const app::CompareResult& result) {
  folder.write("layers.csv",
               app::to_csv(app::compare_rows(result.loaded.accelerator, result.comparison)));
  folder.write("compare.json", app::compare_json(request, result).dump(2) + "\n");
  folder.write("report.html", compare_page(request, result));
}

int report_interruption(const app::OutputFolder* folder) {
  if (folder != nullptr) {
    fmt::print(
        stderr,
        "masala compare: interrupted; the designs found so far are in {}, --resume goes on\n",
        folder->path());
  } else {
    fmt::print(stderr, "masala compare: interrupted, nothing written\n");
  }
  return kExitInterrupted;
}

}  // namespace

int compare_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return kExitOk;
  const CommonFlags flags = arguments.common();
  app::CompareRequest request = make_request(arguments);
  std::unique_ptr<app::OutputFolder> folder;
  if (flags.output) {
    folder = std::make_unique<app::OutputFolder>(
        *flags.output, request.resume ? app::Existing::resume : flags.existing());
    request.folder = folder.get();
  }
  app::CompareResult result;
  try {
    ProgressBar bar(flags.quiet);
    result = app::compare(request, bar.monitor());
  } catch (const app::Interrupted&) {
    return report_interruption(folder.get());
  }
  if (folder) write_output(*folder, request, result);
  if (flags.json()) {
    fmt::print("{}\n", app::compare_json(request, result).dump(2));
    return kExitOk;
  }
  fmt::print("{}", compare_text(request, result));
  if (folder) {
    fmt::print("written {0}/report.html, {0}/compare.json, {0}/layers.csv and a design per model\n",
               folder->path());
  }
  return kExitOk;
}

}  // namespace masala::cli
