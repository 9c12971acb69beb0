#include "app/compare_designs.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "app/file_names.h"
#include "masala/app/design.h"
#include "masala/app/provenance.h"
#include "masala/io/design_json.h"
#include "masala/io/input_error.h"
#include "masala/search/space/objective.h"

namespace masala::app {
namespace {

// The `masala search` that finds the same design: whatever decides the result, and nothing else.
std::string search_command(const CompareRequest& request,
                           const std::string& workload,
                           const LoadedLatency& latency) {
  const SearchSettings& settings = request.settings;
  std::vector<std::string> words = {"masala", "search", "--workload", workload};
  const auto add = [&](const char* flag, const std::string& value) {
    words.emplace_back(flag);
    words.push_back(value);
  };
  add("--accelerator", settings.accelerator);
  add("--latency", latency.tier);
  if (latency.path) add("--model", *latency.path);
  if (latency.is_trained() && settings.caution > 0.0)
    add("--caution", fmt::format("{}", settings.caution));
  add("--objective", std::string(search::name(settings.objective)));
  for (const model::FixedValue& fixed : settings.fixed) {
    add("--fix", fmt::format("{}={:.0f}", fixed.key, fixed.value));
  }
  if (settings.max_area_mm2) add("--max-area-mm2", fmt::format("{}", *settings.max_area_mm2));
  if (settings.factors == model::Factors::imperfect) add("--factors", "imperfect");
  add("--method", settings.method);
  if (settings.starts > 0) add("--starts", std::to_string(settings.starts));
  if (settings.budget > 0) add("--budget", std::to_string(settings.budget));
  add("--seed", std::to_string(request.run.seed));
  return command_text(words);
}

// Finds one design after the other, each a part of the whole work.
class DesignFinder {
 public:
  DesignFinder(const CompareRequest& request,
               const CompareResult& loaded,
               const Monitor& monitor,
               double of_all)
      : request_(request),
        loaded_(loaded),
        monitor_(monitor),
        base_(problem_of(request.settings, loaded.loaded.accelerator)),
        share_(of_all / static_cast<double>(loaded.workloads.size() * loaded.models.size())) {
    std::vector<std::string> names;
    for (const LoadedWorkload& workload : loaded.workloads) names.push_back(workload.workload.name);
    file_names_ = distinct_file_names(names);
  }

  Contender default_design(std::size_t workload) const {
    const LoadedWorkload& of = loaded_.workloads[workload];
    Contender contender;
    try {
      contender = default_contender(loaded_.loaded, of.workload);
    } catch (const std::invalid_argument& error) {
      throw io::InputError(
          fmt::format("{}: {}: {}", of.path, loaded_.loaded.target->tiler_name(), error.what()));
    }
    search::Problem problem = base_;
    problem.workload = of.workload;
    const io::Provenance provenance =
        make_provenance(request_.run.command, {loaded_.loaded.path, of.path});
    io::DesignFile file =
        make_design_file(problem, contender.design, provenance.inputs.at(loaded_.loaded.path));
    file.search.method = kDefault;
    file.provenance = provenance;
    write(workload, kDefault, file);
    return contender;
  }

  Contender found_design(std::size_t workload, std::size_t model) {
    const LoadedWorkload& of = loaded_.workloads[workload];
    const LoadedLatency& latency = loaded_.models[model];
    what_ = of.workload.name + ", " + latency.tier;
    std::vector<std::string> inputs = {loaded_.loaded.path, of.path};
    if (latency.path) inputs.push_back(*latency.path);
    const io::Provenance provenance =
        make_provenance(search_command(request_, request_.workloads[workload], latency), inputs);
    const search::Problem problem = problem_for(workload, model);
    Contender contender;
    contender.model = latency.tier;
    if (const auto known =
            design_of_earlier_run(problem, file_path(workload, latency.tier), provenance)) {
      report({"found before", 1.0, 0, "evaluations", known->objective, ""});
      contender.design = *known;
    } else {
      contender.design = search_design(workload, latency, problem, provenance);
    }
    done_ += share_;
    return contender;
  }

  search::Problem problem_for(std::size_t workload, std::size_t model) const {
    search::Problem problem = base_;
    problem.workload = loaded_.workloads[workload].workload;
    problem.latency = loaded_.models[model].model;
    problem.caution = request_.settings.caution;
    return problem;
  }

  void check_problems() const {
    const search::SearchOptions options = options_of(request_.settings, request_.run);
    std::vector<std::string> wrong;
    for (std::size_t w = 0; w < loaded_.workloads.size(); ++w) {
      for (const std::string& problem :
           search::problems(method_of(request_.settings), problem_for(w, 0), options)) {
        if (std::find(wrong.begin(), wrong.end(), problem) == wrong.end()) wrong.push_back(problem);
      }
    }
    if (!wrong.empty()) throw io::InputError(wrong);
  }

 private:
  std::string file_path(std::size_t workload, const std::string& model) const {
    const std::string name = fmt::format("{}.{}.design.json", file_names_[workload], model);
    return request_.folder != nullptr ? request_.folder->file(name) : "";
  }

  void write(std::size_t workload, const std::string& model, const io::DesignFile& design) const {
    if (request_.folder == nullptr) return;
    request_.folder->write(fmt::format("{}.{}.design.json", file_names_[workload], model),
                           design_text(design, loaded_.loaded.accelerator));
  }

  void report(Progress progress) const {
    if (!monitor_.report) return;
    progress.phase = what_ + ": " + progress.phase;
    progress.fraction = done_ + share_ * progress.fraction;
    monitor_.report(progress);
  }

  search::Design search_design(std::size_t workload,
                               const LoadedLatency& latency,
                               const search::Problem& problem,
                               const io::Provenance& provenance) {
    monitor_.throw_if_stopped();
    const search::Method& method = method_of(request_.settings);
    Monitor inner = monitor_;
    inner.report = [&](const Progress& progress) { report(progress); };
    const search::SearchSummary summary =
        run_search(method, problem, options_of(request_.settings, request_.run), inner);
    if (summary.interrupted) throw Interrupted();
    if (!summary.best) {
      throw io::InputError(fmt::format(
          "{}: no valid design found with the {} model after {} evaluations; expected more "
          "--starts or --budget",
          loaded_.workloads[workload].path,
          latency.tier,
          summary.evaluations));
    }
    io::DesignFile file =
        make_design_file(problem, *summary.best, provenance.inputs.at(loaded_.loaded.path));
    file.search = record_of(method, request_.run, summary);
    file.latency_file = latency_file_of(latency, provenance);
    file.provenance = provenance;
    write(workload, latency.tier, file);
    return *summary.best;
  }

  // The design that the same search of the same version has written; costs are computed anew.
  std::optional<search::Design> design_of_earlier_run(const search::Problem& problem,
                                                      const std::string& path,
                                                      const io::Provenance& now) const {
    if (!request_.resume || path.empty() || !std::filesystem::exists(path)) return std::nullopt;
    const io::DesignFile file = io::read_design(path, problem.accelerator, problem.factors);
    const io::Provenance& then = file.provenance;
    const bool same = then.command == now.command && then.inputs == now.inputs &&
                      then.version == now.version && then.torch == now.torch;
    if (!same) {
      report({"made otherwise before, searched anew", 0.0, 0, "evaluations", std::nullopt, ""});
      return std::nullopt;
    }
    return search::make_design(problem, file.hardware, file.mappings);
  }

  const CompareRequest& request_;
  const CompareResult& loaded_;
  const Monitor& monitor_;
  search::Problem base_;  // without workload and latency model
  double share_;          // of the whole work, a design
  double done_ = 0.0;
  std::string what_;  // is being searched
  std::vector<std::string> file_names_;
};

}  // namespace

Comparison find_designs(const CompareRequest& request,
                        const CompareResult& loaded,
                        const Monitor& monitor,
                        double of_all) {
  DesignFinder finder(request, loaded, monitor, of_all);
  finder.check_problems();
  Comparison comparison;
  for (std::size_t w = 0; w < loaded.workloads.size(); ++w) {
    comparison.workloads.push_back({loaded.workloads[w].workload, {finder.default_design(w)}});
  }
  for (std::size_t w = 0; w < loaded.workloads.size(); ++w) {
    for (std::size_t m = 0; m < loaded.models.size(); ++m) {
      comparison.workloads[w].contenders.push_back(finder.found_design(w, m));
    }
  }
  return comparison;
}

}  // namespace masala::app
