#include <filesystem>

#include <fmt/format.h>

#include "io/file.h"
#include "io/sha256.h"
#include "masala/app/design.h"
#include "masala/app/evaluate.h"
#include "masala/app/provenance.h"
#include "masala/io/input_error.h"

namespace masala::app {
namespace {

// The model that the design was found with: of the file it names, where that is still there.
LatencyChoice own_latency(const EvaluateDesignRequest& request,
                          const io::DesignFile& design,
                          const Monitor& monitor) {
  LatencyChoice choice;
  choice.tier = design.latency_model;
  if (choice.tier == kRoofline || !design.latency_file) return choice;
  const io::LatencyFile& file = *design.latency_file;
  if (!std::filesystem::exists(file.path)) {
    throw io::InputError(fmt::format(
        "{}: latency_file.path: {} is not there; expected the model that the design was found "
        "with, another one in --model, or --latency roofline",
        request.design,
        file.path));
  }
  if (io::sha256_hex(io::read_file(file.path)) != file.sha256) {
    monitor.warn_of({fmt::format(
        "{}: latency_file: {} has changed since the design was found; its cycles may differ",
        request.design,
        file.path)});
  }
  choice.model_path = file.path;
  return choice;
}

}  // namespace

EvaluateDesignResult evaluate_design(const EvaluateDesignRequest& request, const Monitor& monitor) {
  const LoadedAccelerator loaded =
      load_accelerator(request.accelerator.value_or(io::design_accelerator_name(request.design)));
  check_fixed(request.fixed, loaded.accelerator);
  const io::DesignTarget target{request.fixed, request.accelerator.has_value()};
  const io::DesignFile given =
      io::read_design(request.design, loaded.accelerator, request.factors, target);
  const LoadedLatency latency = load_latency(
      request.latency ? *request.latency : own_latency(request, given, monitor), loaded);
  search::Problem problem;
  problem.latency = latency.model;
  problem.accelerator = loaded.accelerator;
  problem.workload = given.workload;
  problem.objective = search::objective_from_name(given.objective).value_or(search::Objective::edp);
  const search::Design design = search::make_design(problem, given.hardware, given.mappings);
  std::vector<std::string> inputs = {loaded.path, request.design};
  if (latency.path) inputs.push_back(*latency.path);
  const io::Provenance provenance = make_provenance(request.run.command, inputs);
  const std::string& sha256 = provenance.inputs.at(loaded.path);
  if (!given.accelerator_sha256.empty() && given.accelerator_sha256 != sha256) {
    monitor.warn_of({fmt::format(
        "{}: accelerator: {} is not the file that the design was found on; its costs may differ",
        request.design,
        loaded.path)});
  }
  EvaluateDesignResult result;
  result.accelerator = loaded.accelerator;
  result.design = make_design_file(problem, design, sha256);
  result.design.search = given.search;
  result.design.bound = given.bound;
  result.design.latency_file = latency_file_of(latency, provenance);
  result.design.provenance = provenance;
  return result;
}

}  // namespace masala::app
