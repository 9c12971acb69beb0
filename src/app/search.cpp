#include "masala/app/search.h"

#include <fmt/format.h>

#include "masala/app/design.h"
#include "masala/app/provenance.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"
#include "masala/targets/targets.h"
#include "search/exact/exact_search.h"

namespace masala::app {
namespace {

// Reports the best so far in the unit of the objective.
Monitor with_unit(const Monitor& monitor, search::Objective objective) {
  Monitor inner = monitor;
  if (!monitor.report) return inner;
  inner.report = [&monitor, objective](const Progress& progress) {
    Progress shown = progress;
    shown.best_unit = search::unit(objective);
    monitor.report(shown);
  };
  return inner;
}

}  // namespace

const search::Method& method_of(const SearchSettings& settings) {
  if (const search::Method* method = search::find_method(settings.method)) return *method;
  std::vector<std::string> names;
  for (const search::Method& known : search::methods()) names.emplace_back(known.name);
  throw io::InputError(fmt::format("method {}: unknown; expected a search method{}",
                                   io::shown(settings.method),
                                   io::did_you_mean(settings.method, names)));
}

search::Problem problem_of(const SearchSettings& settings, const model::Accelerator& accelerator) {
  search::Problem problem;
  problem.accelerator = accelerator;
  problem.objective = settings.objective;
  problem.fixed = settings.fixed;
  problem.max_area_mm2 = settings.max_area_mm2;
  problem.factors = settings.factors;
  problem.driver_words = targets::target_of(accelerator).driver_words(accelerator);
  return problem;
}

search::SearchOptions options_of(const SearchSettings& settings, const RunOptions& run) {
  search::SearchOptions options;
  options.starts = settings.starts;
  options.budget = settings.budget;
  options.seed = run.seed;
  options.threads = run.threads;
  return options;
}

search::SearchSummary run_search(const search::Method& method,
                                 const search::Problem& problem,
                                 const search::SearchOptions& options,
                                 const Monitor& monitor) {
  return method.run(problem, options, with_unit(monitor, problem.objective));
}

io::SearchRecord record_of(const search::Method& method,
                           const RunOptions& run,
                           const search::SearchSummary& summary) {
  return {method.name,
          run.seed,
          summary.starts,
          summary.evaluations,
          summary.seconds,
          summary.history,
          summary.interrupted};
}

SearchResult search(const SearchRequest& request, const Monitor& monitor) {
  const SearchSettings& settings = request.settings;
  SearchResult result;
  result.method = &method_of(settings);
  const LoadedAccelerator loaded = load_accelerator(settings.accelerator);
  LoadedWorkload workload = load_workload(request.workload, monitor);
  std::vector<std::string> inputs = {loaded.path, workload.path};
  result.problem = problem_of(settings, loaded.accelerator);
  result.problem.workload = std::move(workload.workload);
  const LoadedLatency latency = load_latency(request.latency, loaded);
  result.problem.latency = latency.model;
  result.problem.caution = settings.caution;
  if (latency.path) inputs.push_back(*latency.path);
  const search::SearchOptions options = options_of(settings, request.run);
  const std::vector<std::string> wrong = search::problems(*result.method, result.problem, options);
  if (!wrong.empty()) throw io::InputError(wrong);
  const io::Provenance provenance = make_provenance(request.run.command, inputs);

  result.summary = run_search(*result.method, result.problem, options, monitor);
  if (!result.summary.best) return result;
  result.design =
      make_design_file(result.problem, *result.summary.best, provenance.inputs.at(loaded.path));
  result.design->search = record_of(*result.method, request.run, result.summary);
  if (result.summary.bound) result.design->bound = io::DesignBound{*result.summary.bound, 0.0};
  result.design->latency_file = latency_file_of(latency, provenance);
  result.design->provenance = provenance;
  return result;
}

std::string certify(const SearchRequest& request, SearchResult& result, const Monitor& monitor) {
  if (result.design->bound) return "";
  search::SearchOptions options = options_of(request.settings, request.run);
  options.budget = 0;
  const auto wrong = search::exact_problems(result.problem, options);
  if (!wrong.empty()) return wrong.front();
  const auto gap = search::certified_gap(
      result.problem, *result.summary.best, options, with_unit(monitor, result.problem.objective));
  if (!gap) return "interrupted";
  result.design->bound = io::DesignBound{gap->bound, gap->gap_percent};
  return "";
}

}  // namespace masala::app
