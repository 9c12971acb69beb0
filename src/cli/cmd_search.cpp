// masala search: find hardware and mappings for a workload.
#include <unistd.h>

#include <memory>

#include <fmt/format.h>

#include "app/design.h"
#include "app/search.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/design_report.h"
#include "cli/numbers.h"
#include "cli/progress_bar.h"
#include "cli/search_flags.h"
#include "cli/search_page.h"

namespace masala::cli {
namespace {

Arguments declare_flags() {
  Arguments arguments(
      "search",
      "Finds buffer sizes and mappings together: many starts descend on the gradient of the\n"
      "model, the factors are rounded to divisors, and the best designs are refined on the exact\n"
      "integer model. The reported numbers are always the exact model's; cycles are those of\n"
      "--latency.\n");
  arguments.add("Problem", "w,workload", "built-in name or YAML file (masala info workloads)", "W");
  arguments.add(
      "Problem", "a,accelerator", "built-in name or YAML file (masala info accelerators)", "A");
  add_problem_flags(arguments);
  arguments.add(
      "Model", "latency", "latency model: roofline, calibrated, hybrid or dnn (roofline)", "TIER");
  add_model_flags(arguments);
  add_search_flags(arguments);
  arguments.add(
      "Search", "bound", "certify how far the design is from the best one, by the exact search");
  arguments.add(
      "Output", "o,output", "folder for report.html, design.json and layers.csv (none)", "DIR");
  arguments.set_footer(
      "\nExamples:\n"
      "  masala search -w resnet50 -a gemmini -o out/\n"
      "  masala search -w bert -a gemmini --fix pe_dim=16 --format json\n"
      "  masala search -w unet -a gemmini --max-area-mm2 4 --objective edap\n"
      "\nCtrl-C ends the search with the best design so far.\n");
  return arguments;
}

app::SearchRequest make_request(const Arguments& arguments) {
  app::SearchRequest request;
  request.run = arguments.run_options();
  request.latency = latency_choice(arguments, app::kRoofline);
  request.workload = arguments.required_text("workload");
  request.settings = search_settings(arguments, request.latency.tier != app::kRoofline);
  if (arguments.has("bound") && request.settings.factors == model::Factors::imperfect) {
    arguments.fail(
        "--bound certifies the optimum of perfect factors; expected --factors perfect with it");
  }
  return request;
}

void write_output(const app::OutputFolder& folder, const app::SearchResult& result) {
  const model::Accelerator& accelerator = result.problem.accelerator;
  folder.write("layers.csv", to_csv(design_table(*result.design, accelerator)));
  folder.write("design.json", app::design_text(*result.design, accelerator));
  // Last, as it needs a file of the data folder: without it, the design is safe.
  folder.write("report.html", search_page(result));
}

int report_none(const app::SearchResult& result) {
  const search::SearchSummary& summary = result.summary;
  fmt::print(stderr,
             "masala search: no valid design found after {} evaluations: {}\n",
             with_commas(summary.evaluations),
             summary.interrupted ? "interrupted before the first one"
                                 : "none was met; expected more --starts or --budget");
  return summary.interrupted ? kExitInterrupted : kExitBadInput;
}

void print_result(const app::SearchResult& result, const app::SearchRequest& request) {
  const search::SearchSummary& summary = result.summary;
  fmt::print(
      "{}",
      design_text(*result.design, result.problem.accelerator, terminal_columns(STDOUT_FILENO)));
  fmt::print("search  {} ({} starts, seed {}): {} evaluations in {}{}\n",
             result.method->name,
             summary.starts,
             request.run.seed,
             with_commas(summary.evaluations),
             seconds_text(summary.seconds),
             summary.interrupted ? ", interrupted: the best so far" : "");
}

}  // namespace

int search_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return kExitOk;
  const CommonFlags flags = arguments.common();
  const app::SearchRequest request = make_request(arguments);
  std::unique_ptr<app::OutputFolder> folder;
  if (flags.output) folder = std::make_unique<app::OutputFolder>(*flags.output, flags.existing());

  app::SearchResult result;
  std::string certificate;
  {
    ProgressBar bar(flags.quiet);
    result = app::search(request, bar.monitor());
    if (!result.design) return report_none(result);
    // Before it is certified, which may take long.
    if (folder) write_output(*folder, result);
    if (arguments.has("bound") && !result.summary.interrupted) {
      certificate = app::certify(request, result, bar.monitor());
      if (folder && result.design->bound) write_output(*folder, result);
    }
  }
  if (flags.json()) {
    fmt::print("{}", app::design_text(*result.design, result.problem.accelerator));
  } else {
    print_result(result, request);
    if (result.design->bound) {
      fmt::print("bound   within {:.2f} % of the optimum of this model, certified\n",
                 std::max(0.0, result.design->bound->gap_percent));
    } else if (!certificate.empty()) {
      fmt::print("bound   none: {}\n", certificate);
    }
    if (folder) {
      fmt::print("written {0}/report.html, {0}/design.json, {0}/layers.csv\n", folder->path());
    }
  }
  return result.summary.interrupted ? kExitInterrupted : kExitOk;
}

}  // namespace masala::cli
