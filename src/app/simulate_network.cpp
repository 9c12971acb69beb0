#include <fmt/format.h>

#include "app/driver.h"
#include "masala/app/simulate.h"
#include "masala/io/input_error.h"

namespace masala::app {
namespace {

// All layers that cannot run are reported together.
void add_run(PreparedNetwork& network, model::PreparedRun prepared, io::Problems& problems) {
  const std::size_t i = network.runs.size();
  network.runs.push_back(std::move(prepared.run));
  for (const std::string& problem : prepared.problems) {
    const model::Layer& layer = network.workload.layers[i];
    problems.add(network.source, {}, fmt::format("layers[{}] {}", i, layer.name), problem);
  }
}

void prepare_simulator(const SimulateSettings& settings, PreparedNetwork& network) {
  check_driver(network.loaded, settings.program.value_or(""));
  const model::Target& target = *network.loaded.target;
  network.conditions = {settings.program.value_or(target.programs().front()),
                        settings.cache.value_or(target.cache_states().front())};
  network.simulator = target.make_simulator(network.loaded.accelerator);
}

}  // namespace

model::SimulateOptions options_of(const SimulateSettings& settings,
                                  const model::RunConditions& conditions) {
  model::SimulateOptions options;
  options.cache = conditions.cache;
  options.work_budget = settings.work_budget;
  return options;
}

PreparedNetwork prepare_design(const SimulateNetworkRequest& request) {
  const std::string& path = request.source;
  PreparedNetwork network;
  network.loaded =
      load_accelerator(request.accelerator.value_or(io::design_accelerator_name(path)));
  network.source = path;
  prepare_simulator(request.settings, network);
  check_fixed(request.settings.fixed, network.loaded.accelerator);
  const io::DesignTarget target{request.settings.fixed, request.accelerator.has_value()};
  const io::DesignFile design =
      io::read_design(path, network.loaded.accelerator, request.settings.factors, target);
  network.title = "Design for " + design.workload.name;
  network.workload = design.workload;
  network.hardware = design.hardware;
  network.mappings = design.mappings;
  network.predicted_by = design.latency_model + " of the design file";
  io::Problems problems;
  for (std::size_t i = 0; i < design.mappings.size(); ++i) {
    network.predicted.push_back(design.results[i].cycles);
    add_run(network,
            network.loaded.target->prepare(design.mappings[i],
                                           design.workload.layers[i],
                                           network.loaded.accelerator,
                                           design.hardware,
                                           network.conditions.program),
            problems);
  }
  problems.throw_if_any();
  return network;
}

PreparedNetwork prepare_workload(const SimulateNetworkRequest& request, const Monitor& monitor) {
  PreparedNetwork network;
  network.loaded = load_accelerator(request.accelerator.value());
  const model::Accelerator& accelerator = network.loaded.accelerator;
  LoadedWorkload workload = load_workload(request.source, monitor);
  network.source = workload.path;
  network.workload = std::move(workload.workload);
  network.title =
      fmt::format("{} with {}", network.workload.name, network.loaded.target->tiler_name());
  network.predicted_by = "roofline of the nearest mapping";
  prepare_simulator(request.settings, network);
  check_fixed(request.settings.fixed, accelerator);
  network.hardware = model::default_hardware(accelerator);
  for (const model::FixedValue& value : request.settings.fixed) {
    model::set_hardware_value(accelerator, network.hardware, value.key, value.value);
  }
  const model::Machine machine = model::resolve(accelerator, network.hardware);
  io::Problems problems;
  for (const model::Layer& layer : network.workload.layers) {
    model::PreparedDefaultRun run = network.loaded.target->prepare_default(
        layer, accelerator, network.hardware, network.conditions.program);
    const bool has_tiling = run.prepared.problems.empty();
    network.mappings.push_back(run.mapping);
    network.predicted.push_back(has_tiling ? model::cost_of(run.mapping, layer, machine).cycles
                                           : 0.0);
    add_run(network, std::move(run.prepared), problems);
  }
  problems.throw_if_any();
  return network;
}

LayerResults simulate_network(const SimulateNetworkRequest& request,
                              const PreparedNetwork& network,
                              const Monitor& monitor) {
  LayerResults results;
  const std::size_t total = network.runs.size();
  targets::BatchOptions options;
  options.simulate = options_of(request.settings, network.conditions);
  options.threads = request.run.threads;
  targets::simulate_batch(
      network.runs,
      *network.simulator,
      options,
      [&](std::size_t i, const std::optional<model::SimulationResult>& result) {
        results.push_back(*result);
        if (!monitor.report) return;
        monitor.report({"simulating",
                        static_cast<double>(i + 1) / static_cast<double>(total),
                        static_cast<std::int64_t>(i + 1),
                        "layers",
                        std::nullopt,
                        ""});
      },
      monitor);
  if (results.size() < total) throw Interrupted();
  return results;
}

}  // namespace masala::app
