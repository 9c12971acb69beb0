#include "bench_problem.h"

#include <random>

#include "io/data_dir.h"
#include "masala/io/accelerator_yaml.h"
#include "masala/io/workload_yaml.h"
#include "search/space/mapspace.h"

namespace masala::bench {

search::Problem make_problem(const char* workload, std::size_t layers) {
  search::Problem problem;
  problem.accelerator = io::read_accelerator(io::resolve_data_path("accelerators", "gemmini"));
  problem.workload = io::read_workload(io::resolve_data_path("workloads", workload));
  problem.fixed = {{"pe_dim", 16}};
  if (layers > 0) {
    const std::vector<model::Layer> all = problem.workload.layers;
    problem.workload.layers.clear();
    for (std::size_t i = 0; i < layers; ++i) problem.workload.layers.push_back(all[i % all.size()]);
  }
  return problem;
}

Sample random_sample(const search::Problem& problem, std::int64_t size) {
  std::mt19937_64 rng(1);
  Sample sample;
  const model::Hardware hardware = model::default_hardware(problem.accelerator);
  const model::Machine machine = model::resolve(problem.accelerator, hardware);
  const search::Mapspace mapspace = search::make_mapspace(problem.accelerator);
  const model::Evaluator evaluator(problem.accelerator);
  while (static_cast<std::int64_t>(sample.mappings.size()) < size) {
    const model::Layer& layer =
        problem.workload.layers[sample.mappings.size() % problem.workload.layers.size()];
    const model::Mapping mapping = search::random_mapping(mapspace, layer, machine, rng);
    if (!evaluator.tiles_fit(mapping, layer, machine)) continue;
    sample.layers.push_back(layer);
    sample.mappings.push_back(mapping);
    sample.hardware.push_back(hardware);
  }
  return sample;
}

}  // namespace masala::bench
