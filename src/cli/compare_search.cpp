#include "cli/compare_search.h"

#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "cli/design_report.h"
#include "cli/progress_bar.h"
#include "io/file.h"
#include "io/input_error.h"
#include "search/objective.h"

namespace masala::cli {
namespace {

using compare::Contender;

// The `masala search` that finds the same design: whatever decides the result, and nothing else.
Words search_words(const CompareRequest& request, std::size_t workload, std::size_t model) {
  const LoadedLatency& latency = request.models[model];
  Words words = {"search", "--workload", request.workload_words[workload]};
  const auto add = [&](const char* flag, const std::string& value) {
    words.emplace_back(flag);
    words.push_back(value);
  };
  add("--accelerator", request.accelerator_word);
  add("--latency", latency.tier);
  if (latency.path) add("--model", *latency.path);
  if (latency.model && request.caution > 0.0) add("--caution", fmt::format("{}", request.caution));
  add("--objective", std::string(search::name(request.problem.objective)));
  for (const model::FixedValue& fixed : request.problem.fixed) {
    add("--fix", fmt::format("{}={:.0f}", fixed.key, fixed.value));
  }
  if (request.problem.max_area_mm2) {
    add("--max-area-mm2", fmt::format("{}", *request.problem.max_area_mm2));
  }
  if (request.problem.factors == model::Factors::imperfect) add("--factors", "imperfect");
  add("--method", request.method->name);
  if (request.options.starts > 0) add("--starts", std::to_string(request.options.starts));
  if (request.options.budget > 0) add("--budget", std::to_string(request.options.budget));
  const search::OrderSearch orders = request.options.gradient.orders;
  if (orders != search::GradientOptions{}.orders)
    add("--orders", std::string(search::name(orders)));
  add("--seed", std::to_string(request.options.seed));
  return words;
}

void write_design(const CompareRequest& request, const io::DesignFile& design, const char* model) {
  const auto path = design_path(request, design.workload.name, model);
  if (!path) return;
  io::write_file_atomically(*path, io::to_json(design, request.loaded.accelerator).dump(2) + "\n");
}

Contender default_design(const CompareRequest& request, const LoadedWorkload& loaded) {
  Contender contender;
  try {
    contender = compare::default_contender(request.loaded.accelerator, loaded.workload);
  } catch (const std::invalid_argument& error) {
    throw io::InputError(fmt::format("{}: Gemmini's own tiler: {}", loaded.path, error.what()));
  }
  search::Problem problem = request.problem;
  problem.workload = loaded.workload;
  const io::Provenance provenance =
      make_provenance(request.command, {request.loaded.path, loaded.path});
  io::DesignFile file =
      make_design_file(problem, contender.design, provenance.inputs.at(request.loaded.path));
  file.search.method = compare::kDefault;
  file.provenance = provenance;
  write_design(request, file, compare::kDefault);
  return contender;
}

class DesignFinder {
 public:
  DesignFinder(const CompareRequest& request, const std::atomic<bool>& stop)
      : request_(request), stop_(stop) {}

  std::optional<Contender> find(std::size_t workload, std::size_t model) {
    const LoadedWorkload& loaded = request_.workloads[workload];
    const LoadedLatency& latency = request_.models[model];
    std::vector<std::string> inputs = {request_.loaded.path, loaded.path};
    if (latency.path) inputs.push_back(*latency.path);
    provenance_ = make_provenance(search_words(request_, workload, model), inputs);
    const search::Problem problem = problem_of(request_, workload, model);
    Contender contender;
    contender.model = latency.tier;
    if (const auto known = finished_design(problem, latency.tier)) {
      say(problem, latency.tier, "done before");
      contender.design = *known;
      return contender;
    }
    if (stop_.load()) return std::nullopt;
    say(problem, latency.tier, "search");
    const search::SearchSummary summary = run(problem);
    if (summary.interrupted) return std::nullopt;
    if (!summary.best) {
      throw io::InputError(fmt::format(
          "{}: no valid design found with the {} model after {} evaluations; expected more "
          "--starts or --budget",
          loaded.path,
          latency.tier,
          with_commas(summary.evaluations)));
    }
    contender.design = *summary.best;
    io::DesignFile file =
        make_design_file(problem, contender.design, provenance_.inputs.at(request_.loaded.path));
    file.search = {request_.method->name,
                   request_.options.seed,
                   summary.starts,
                   summary.evaluations,
                   summary.seconds,
                   summary.history};
    file.provenance = provenance_;
    write_design(request_, file, latency.tier.c_str());
    return contender;
  }

 private:
  void say(const search::Problem& problem, const std::string& tier, const char* what) const {
    if (request_.flags.quiet) return;
    fmt::print(stderr, "{}, {}: {}\n", problem.workload.name, tier, what);
  }

  // The design that the same search of the same version has written; costs are computed anew.
  std::optional<search::Design> finished_design(const search::Problem& problem,
                                                const std::string& tier) const {
    const auto path = design_path(request_, problem.workload.name, tier);
    if (!request_.resume || !path || !std::filesystem::exists(*path)) return std::nullopt;
    const io::DesignFile file = io::read_design(*path, problem.accelerator, problem.factors);
    const io::Provenance& then = file.provenance;
    const bool same = then.command == provenance_.command && then.inputs == provenance_.inputs &&
                      then.version == provenance_.version && then.torch == provenance_.torch;
    if (!same) return std::nullopt;
    return search::make_design(problem, file.hardware, file.mappings);
  }

  search::SearchSummary run(const search::Problem& problem) const {
    ProgressBar bar(request_.flags.quiet, std::string(search::unit(problem.objective)));
    search::Monitor monitor;
    monitor.report = [&](const search::Progress& progress) { bar.update(progress); };
    monitor.stop = &stop_;
    return request_.method->run(problem, request_.options, monitor);
  }

  const CompareRequest& request_;
  const std::atomic<bool>& stop_;
  io::Provenance provenance_;  // of the search under way
};

}  // namespace

std::optional<compare::Comparison> find_designs(const CompareRequest& request,
                                                const std::atomic<bool>& stop) {
  compare::Comparison comparison;
  for (const LoadedWorkload& loaded : request.workloads) {
    comparison.workloads.push_back({loaded.workload, {default_design(request, loaded)}});
  }
  DesignFinder finder(request, stop);
  for (std::size_t w = 0; w < request.workloads.size(); ++w) {
    for (std::size_t m = 0; m < request.models.size(); ++m) {
      auto contender = finder.find(w, m);
      if (!contender) return std::nullopt;
      comparison.workloads[w].contenders.push_back(std::move(*contender));
    }
  }
  return comparison;
}

}  // namespace masala::cli
