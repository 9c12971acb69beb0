#include <fmt/format.h>

#include "app/driver.h"
#include "app/simulate.h"
#include "io/input_error.h"
#include "simulator/batch.h"
#include "simulator/constants.h"

namespace masala::app {
namespace {

using simulator::ProgramKind;
using simulator::SimulationResult;

// All layers that cannot run are reported together.
void add_run(PreparedNetwork& network, simulator::PreparedRun prepared, io::Problems& problems) {
  const std::size_t i = network.runs.size();
  network.runs.emplace_back(std::move(prepared.run));
  for (const std::string& problem : prepared.problems) {
    const model::Layer& layer = network.workload.layers[i];
    problems.add(network.source, {}, fmt::format("layers[{}] {}", i, layer.name), problem);
  }
}

}  // namespace

PreparedNetwork prepare_design(const SimulateNetworkRequest& request) {
  const std::string& path = request.source;
  PreparedNetwork network;
  network.loaded =
      load_accelerator(request.accelerator.value_or(io::design_accelerator_name(path)));
  network.source = path;
  network.program = request.settings.program.value_or(ProgramKind::clean);
  check_driver(network.loaded, network.program);
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
            simulator::prepare_run(design.mappings[i],
                                   design.workload.layers[i],
                                   network.loaded.accelerator,
                                   design.hardware,
                                   network.program,
                                   options_of(request.settings)),
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
  network.title = fmt::format("{} with Gemmini's own tiler", network.workload.name);
  network.program = request.settings.program.value_or(ProgramKind::clean);
  network.predicted_by = "roofline of the nearest mapping";
  check_driver(network.loaded, network.program);
  check_fixed(request.settings.fixed, accelerator);
  network.hardware = model::default_hardware(accelerator);
  for (const model::FixedValue& value : request.settings.fixed) {
    model::set_hardware_value(accelerator, network.hardware, value.key, value.value);
  }
  const model::Machine machine = model::resolve(accelerator, network.hardware);
  io::Problems problems;
  for (const model::Layer& layer : network.workload.layers) {
    simulator::PreparedDefaultRun run = simulator::prepare_default_run(
        layer, accelerator, network.hardware, network.program, options_of(request.settings));
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
  simulator::BatchOptions options;
  options.threads = request.run.threads;
  simulator::simulate_batch(
      network.runs,
      simulator::constants_from(network.loaded.accelerator),
      options,
      [&](std::size_t i, const std::optional<SimulationResult>& result) {
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
