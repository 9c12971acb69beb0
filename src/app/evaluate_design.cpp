#include <fmt/format.h>

#include "app/design.h"
#include "app/evaluate.h"
#include "app/provenance.h"

namespace masala::app {

EvaluateDesignResult evaluate_design(const EvaluateDesignRequest& request) {
  const LoadedAccelerator loaded =
      load_accelerator(request.accelerator.value_or(io::design_accelerator_name(request.design)));
  const io::DesignFile given = io::read_design(request.design, loaded.accelerator, request.factors);
  const LoadedLatency latency =
      load_latency(request.latency.value_or(LatencyChoice{}), loaded.accelerator);
  search::Problem problem;
  problem.latency = latency.model;
  problem.accelerator = loaded.accelerator;
  problem.workload = given.workload;
  problem.objective = search::objective_from_name(given.objective).value_or(search::Objective::edp);
  const search::Design design = search::make_design(problem, given.hardware, given.mappings);
  std::vector<std::string> inputs = {loaded.path, request.design};
  if (latency.path) inputs.push_back(*latency.path);
  const io::Provenance provenance = make_provenance(request.run.command, inputs);
  EvaluateDesignResult result;
  result.accelerator = loaded.accelerator;
  result.design = make_design_file(problem, design, provenance.inputs.at(loaded.path));
  result.design.search = given.search;
  result.design.bound = given.bound;
  result.design.provenance = provenance;
  return result;
}

}  // namespace masala::app
