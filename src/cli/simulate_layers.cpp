#include "cli/simulate_layers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/fixed_values.h"
#include "cli/interrupt.h"
#include "cli/network_report.h"
#include "cli/row_progress.h"
#include "cli/simulate_timeline.h"
#include "io/design_json.h"
#include "io/file.h"
#include "io/input_error.h"
#include "simulator/batch.h"
#include "simulator/layer_run.h"

namespace masala::cli {
namespace {

using simulator::ProgramKind;
using simulator::SimulationResult;

constexpr int kInterrupted = 1;

// All layers that cannot run are reported together.
void add_run(Network& network, simulator::PreparedRun prepared, io::Problems& problems) {
  const std::size_t i = network.runs.size();
  network.runs.emplace_back(std::move(prepared.run));
  for (const std::string& problem : prepared.problems) {
    const model::Layer& layer = network.workload.layers[i];
    problems.add(network.source, 0, 0, fmt::format("layers[{}] {}", i, layer.name), problem);
  }
}

int simulate_network(const SimulateRequest& request, const Network& network) {
  const model::Accelerator& accelerator = network.loaded.accelerator;
  if (request.timeline) return write_timeline(request, accelerator, network.runs);
  if (request.flags.output) io::ensure_new_file(*request.flags.output, request.flags.force);
  LayerResults results;
  {
    RowProgress progress(request.flags.quiet, "layers", 0, network.runs.size());
    simulator::BatchOptions options;
    options.threads = request.flags.threads;
    const InterruptGuard guard;
    options.stop = &InterruptGuard::flag();
    simulator::simulate_batch(network.runs,
                              simulator::constants_from(accelerator),
                              options,
                              [&](std::size_t i, const std::optional<SimulationResult>& result) {
                                results.push_back(*result);
                                progress.update(i + 1);
                              });
  }
  if (results.size() < network.runs.size()) {
    fmt::print(stderr,
               "masala simulate: interrupted after {} of {} layers, nothing written\n",
               results.size(),
               network.runs.size());
    return kInterrupted;
  }
  if (request.flags.output) {
    io::write_file_atomically(*request.flags.output,
                              io::to_csv(network_table(request, network, results)));
    write_provenance(*request.flags.output,
                     make_provenance(request.command, {network.loaded.path, network.source}),
                     request.flags.seed);
  }
  if (request.flags.format == Format::json) {
    fmt::print("{}\n", network_json(request, network, results).dump(2));
  } else {
    fmt::print("{}", network_text(request, network, results));
  }
  return 0;
}

}  // namespace

int simulate_design(const SimulateRequest& request, const std::string& path) {
  Network network;
  network.loaded =
      load_accelerator(request.accelerator.value_or(io::design_accelerator_name(path)));
  network.source = path;
  network.kind = request.program.value_or(ProgramKind::clean);
  check_driver(network.loaded, network.kind);
  const io::DesignFile design =
      io::read_design(path, network.loaded.accelerator, model::Factors::imperfect);
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
                                   network.kind,
                                   request.options),
            problems);
  }
  problems.throw_if_any();
  return simulate_network(request, network);
}

int simulate_workload(const SimulateRequest& request, const std::string& name_or_path) {
  if (!request.accelerator) {
    throw UsageError("masala simulate: --accelerator is missing\nSee: masala simulate --help");
  }
  Network network;
  network.loaded = load_accelerator(*request.accelerator);
  const model::Accelerator& accelerator = network.loaded.accelerator;
  LoadedWorkload workload = load_workload(name_or_path);
  network.source = workload.path;
  network.workload = std::move(workload.workload);
  network.title = fmt::format("{} with Gemmini's own tiler", network.workload.name);
  network.kind = request.program.value_or(ProgramKind::clean);
  network.predicted_by = "roofline of the nearest mapping";
  check_driver(network.loaded, network.kind);
  check_fixed(request.fixed, accelerator);
  network.hardware = model::default_hardware(accelerator);
  for (const model::FixedValue& value : request.fixed) {
    model::set_hardware_value(accelerator, network.hardware, value.key, value.value);
  }
  const model::Machine machine = model::resolve(accelerator, network.hardware);
  io::Problems problems;
  for (const model::Layer& layer : network.workload.layers) {
    simulator::PreparedDefaultRun run = simulator::prepare_default_run(
        layer, accelerator, network.hardware, network.kind, request.options);
    const bool has_tiling = run.prepared.problems.empty();
    network.mappings.push_back(run.mapping);
    network.predicted.push_back(has_tiling ? model::cost_of(run.mapping, layer, machine).cycles
                                           : 0.0);
    add_run(network, std::move(run.prepared), problems);
  }
  problems.throw_if_any();
  return simulate_network(request, network);
}

}  // namespace masala::cli
