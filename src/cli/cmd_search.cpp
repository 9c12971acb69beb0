// masala search: find hardware and mappings for a workload.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_report.h"
#include "cli/interrupt.h"
#include "cli/latency_flags.h"
#include "cli/progress_bar.h"
#include "cli/provenance.h"
#include "cli/search_flags.h"
#include "cli/search_page.h"
#include "io/file.h"
#include "io/input_error.h"
#include "search/exact_search.h"
#include "search/searcher.h"
#include "simulator/driver_words.h"

namespace masala::cli {
namespace {

constexpr int kNoDesign = 1;

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
  arguments.add("Output",
                "o,output",
                "folder for report.html, design.json, design.yaml and layers.csv (none)",
                "DIR");
  arguments.set_footer(
      "\nExamples:\n"
      "  masala search --workload resnet50 --accelerator gemmini -o out/\n"
      "  masala search --workload bert --accelerator gemmini --fix pe_dim=16 --format json\n"
      "  masala search --workload unet --accelerator gemmini --max-area-mm2 4 --objective edap\n"
      "\nCtrl-C ends the search with the best design so far.\n");
  return arguments;
}

struct Request {
  search::Problem problem;
  search::SearchOptions options;
  const search::Method* method = nullptr;
  bool wants_bound = false;
  CommonFlags flags;
  std::string accelerator_path;
  std::vector<std::string> input_paths;
};

Request make_request(const Arguments& arguments) {
  Request request;
  request.flags = arguments.common();
  request.method = &search_method(arguments);
  request.problem = search_problem(arguments);
  request.options = search_options(arguments, request.flags);

  const std::string tier = arguments.choice("latency", latency_tiers()).value_or("roofline");
  if (tier == "roofline" && arguments.has("model")) {
    arguments.fail("--model goes with a latency model that was trained; expected --latency too");
  }
  request.problem.caution = caution_flag(arguments, tier != "roofline");
  request.wants_bound = arguments.has("bound");
  if (request.wants_bound && request.problem.factors == model::Factors::imperfect) {
    arguments.fail(
        "--bound certifies the optimum of perfect factors; expected --factors perfect with it");
  }

  const std::string workload_name = arguments.required_text("workload");
  LoadedAccelerator accelerator = load_accelerator(arguments.required_text("accelerator"));
  LoadedWorkload workload = load_workload(workload_name);
  request.problem.accelerator = std::move(accelerator.accelerator);
  request.problem.workload = std::move(workload.workload);
  request.accelerator_path = accelerator.path;
  request.input_paths = {accelerator.path, workload.path};
  LoadedLatency latency = load_latency(arguments, request.problem.accelerator, tier);
  request.problem.latency = std::move(latency.model);
  if (latency.path) request.input_paths.push_back(*latency.path);
  request.problem.driver_need = simulator::driver_words(request.problem.accelerator);

  const std::vector<std::string> wrong =
      search::problems(*request.method, request.problem, request.options);
  if (!wrong.empty()) throw io::InputError(wrong);
  return request;
}

search::SearchSummary run(const Request& request) {
  ProgressBar bar(request.flags.quiet, std::string(search::unit(request.problem.objective)));
  search::Monitor monitor;
  monitor.report = [&](const search::Progress& progress) { bar.update(progress); };
  const InterruptGuard guard;
  monitor.stop = &InterruptGuard::flag();
  return request.method->run(request.problem, request.options, monitor);
}

// What is known of the distance to the best design, and the line that says it.
struct Certificate {
  std::optional<search::CertifiedGap> gap;
  std::string text;  // empty: nobody asked
};

Certificate certify(const Request& request, const search::SearchSummary& summary) {
  Certificate certificate;
  if (summary.bound) {
    certificate.gap = search::CertifiedGap{*summary.bound, 0.0};
  } else if (!request.wants_bound) {
    return certificate;
  } else {
    search::SearchOptions options = request.options;
    options.budget = 0;
    const auto wrong = search::exact_problems(request.problem, options);
    if (!wrong.empty()) return {std::nullopt, fmt::format("none: {}", wrong.front())};
    ProgressBar bar(request.flags.quiet, std::string(search::unit(request.problem.objective)));
    search::Monitor monitor;
    monitor.report = [&](const search::Progress& progress) { bar.update(progress); };
    const InterruptGuard guard;
    monitor.stop = &InterruptGuard::flag();
    certificate.gap = search::certified_gap(request.problem, *summary.best, options, monitor);
    if (!certificate.gap) return {std::nullopt, "none: interrupted"};
  }
  certificate.text = fmt::format("within {:.2f} % of the optimum of this model, certified",
                                 std::max(0.0, certificate.gap->gap_percent));
  return certificate;
}

void write_output(const std::string& directory,
                  const io::DesignFile& design,
                  const search::Design& costed,
                  const search::Problem& problem) {
  const model::Accelerator& accelerator = problem.accelerator;
  io::write_file_atomically(directory + "/layers.csv", layers_csv(design, accelerator));
  io::write_file_atomically(directory + "/design.yaml", io::to_yaml(design, accelerator));
  io::write_file_atomically(directory + "/design.json",
                            io::to_json(design, accelerator).dump(2) + "\n");
  // Last, as it needs a file of the data folder: without it, the design is safe.
  io::write_file_atomically(directory + "/report.html", search_page(design, costed, problem));
}

}  // namespace

int search_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return 0;
  const Request request = make_request(arguments);
  std::error_code ignored;
  const bool is_new_folder =
      request.flags.output && !std::filesystem::exists(*request.flags.output, ignored);
  if (request.flags.output)
    io::prepare_output_directory(*request.flags.output, request.flags.force);
  Words command = {"search"};
  command.insert(command.end(), words.begin(), words.end());
  const io::Provenance provenance = make_provenance(command, request.input_paths);

  const search::SearchSummary summary = run(request);
  if (!summary.best) {
    fmt::print(stderr,
               "masala search: no valid design found after {} evaluations: {}\n",
               with_commas(summary.evaluations),
               summary.interrupted ? "interrupted before the first one"
                                   : "none was met; expected more --starts or --budget");
    if (is_new_folder) std::filesystem::remove(*request.flags.output, ignored);
    return kNoDesign;
  }
  io::DesignFile design = make_design_file(
      request.problem, *summary.best, provenance.inputs.at(request.accelerator_path));
  design.search = {request.method->name,
                   request.options.seed,
                   summary.starts,
                   summary.evaluations,
                   summary.seconds,
                   summary.history};
  const Certificate certificate = certify(request, summary);
  if (certificate.gap)
    design.bound = io::DesignBound{certificate.gap->bound, certificate.gap->gap_percent};
  design.provenance = provenance;
  if (request.flags.output)
    write_output(*request.flags.output, design, *summary.best, request.problem);
  if (request.flags.format == Format::json) {
    fmt::print("{}\n", io::to_json(design, request.problem.accelerator).dump(2));
    return 0;
  }
  fmt::print("{}", design_text(design, request.problem.accelerator, terminal_columns()));
  fmt::print("search  {} ({} starts, seed {}): {} evaluations in {}{}\n",
             request.method->name,
             summary.starts,
             request.options.seed,
             with_commas(summary.evaluations),
             seconds_text(summary.seconds),
             summary.interrupted ? ", interrupted: the best so far" : "");
  if (!certificate.text.empty()) fmt::print("bound   {}\n", certificate.text);
  if (request.flags.output) {
    fmt::print("written {0}/report.html, {0}/design.json, {0}/design.yaml, {0}/layers.csv\n",
               *request.flags.output);
  }
  return 0;
}

}  // namespace masala::cli
