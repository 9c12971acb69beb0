#include "cli/simulate_layers.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "cli/fixed_values.h"
#include "cli/interrupt.h"
#include "cli/row_progress.h"
#include "cli/simulate_timeline.h"
#include "io/csv.h"
#include "io/design_json.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/trace_writer.h"
#include "simulator/batch.h"
#include "simulator/layer_run.h"

namespace masala::cli {
namespace {

using nlohmann::ordered_json;
using simulator::ProgramKind;
using simulator::SimulationResult;

constexpr int kInterrupted = 1;

// A network with one program per layer, and the cycles that a model gives each.
struct Network {
  LoadedAccelerator loaded;
  std::string source;  // the design or workload file
  std::string title;   // of the table
  model::Workload workload;
  model::Hardware hardware;
  ProgramKind kind = ProgramKind::clean;
  std::string predicted_by;
  std::vector<model::Mapping> mappings;
  std::vector<double> predicted;
  std::vector<std::optional<simulator::LayerRun>> runs;
};

struct Totals {
  double cycles = 0.0;
  double predicted = 0.0;
  double busy_load = 0.0;
  double busy_execute = 0.0;
  double busy_store = 0.0;
};

Totals totals_of(const Network& network, const std::vector<SimulationResult>& results) {
  Totals totals;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto executions = static_cast<double>(network.workload.layers[i].executions());
    totals.cycles += executions * std::round(results[i].cycles);
    totals.predicted += executions * network.predicted[i];
    totals.busy_load += executions * results[i].busy_load;
    totals.busy_execute += executions * results[i].busy_execute;
    totals.busy_store += executions * results[i].busy_store;
  }
  return totals;
}

// All layers that cannot run are reported together.
void add_run(Network& network, simulator::PreparedRun prepared, io::Problems& problems) {
  const std::size_t i = network.runs.size();
  network.runs.emplace_back(std::move(prepared.run));
  for (const std::string& problem : prepared.problems) {
    const model::Layer& layer = network.workload.layers[i];
    problems.add(network.source, 0, 0, fmt::format("layers[{}] {}", i, layer.name), problem);
  }
}

std::string hardware_text(const Network& network) {
  std::string text;
  for (const std::string& key : model::hardware_keys(network.loaded.accelerator)) {
    text += fmt::format("{}{} {}",
                        text.empty() ? "" : "   ",
                        key,
                        *model::hardware_value(network.loaded.accelerator, network.hardware, key));
  }
  return text;
}

std::string percent(double part, double whole) {
  return fmt::format("{:.1f}", 100.0 * part / whole);
}

std::string table_text(const SimulateRequest& request,
                       const Network& network,
                       const std::vector<SimulationResult>& results) {
  TextTable table;
  table.add_column("layer", Align::left);
  for (const char* title :
       {"times", "cycles", "predicted", "ratio", "% load", "% execute", "% store"})
    table.add_column(title);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const model::Layer& layer = network.workload.layers[i];
    const SimulationResult& result = results[i];
    table.add_row({layer.name,
                   with_commas(layer.executions()),
                   with_commas(result.cycles),
                   with_commas(network.predicted[i]),
                   fmt::format("{:.2f}", result.cycles / network.predicted[i]),
                   percent(result.busy_load, result.cycles),
                   percent(result.busy_execute, result.cycles),
                   percent(result.busy_store, result.cycles)});
  }
  const Totals totals = totals_of(network, results);
  return fmt::format(
      "{} on {}\nhardware   {}\nprogram    {}, {} caches, simulator {}\n\n{}\n"
      "total   {} cycles, predicted {}, ratio {:.2f}; busy: load {} %, execute {} %, store {} %\n"
      "(cycles of a layer are of one execution of one group; times = count x groups;\n"
      "predicted: {};\n"
      "ratio = simulated / predicted; % = share of the cycles in which a unit had work under "
      "way)\n",
      network.title,
      network.loaded.accelerator.name,
      hardware_text(network),
      simulator::name(network.kind),
      simulator::name(request.options.cache),
      simulator::kSimulatorVersion,
      table.str(),
      with_commas(totals.cycles),
      with_commas(totals.predicted),
      totals.cycles / totals.predicted,
      percent(totals.busy_load, totals.cycles),
      percent(totals.busy_execute, totals.cycles),
      percent(totals.busy_store, totals.cycles),
      network.predicted_by);
}

// Without a fraction where there is none.
ordered_json number_json(double value) {
  if (std::floor(value) == value) return std::llround(value);
  return value;
}

ordered_json busy_json(double load, double execute, double store) {
  return {{"load", std::llround(load)},
          {"execute", std::llround(execute)},
          {"store", std::llround(store)}};
}

ordered_json to_json(const SimulateRequest& request,
                     const Network& network,
                     const std::vector<SimulationResult>& results) {
  const model::Accelerator& accelerator = network.loaded.accelerator;
  const io::Provenance provenance =
      make_provenance(request.command, {network.loaded.path, network.source});
  ordered_json json;
  json["schema"] = "masala.simulate/1";
  json["workload"] = network.workload.name;
  json["accelerator"] = {{"name", accelerator.name},
                         {"sha256", provenance.inputs.at(network.loaded.path)}};
  for (const std::string& key : model::hardware_keys(accelerator)) {
    json["hardware"][key] = number_json(*model::hardware_value(accelerator, network.hardware, key));
  }
  json["program"] = simulator::name(network.kind);
  json["cache"] = simulator::name(request.options.cache);
  json["simulator_version"] = simulator::kSimulatorVersion;
  json["predicted_by"] = network.predicted_by;
  const Totals totals = totals_of(network, results);
  json["totals"] = {{"cycles", std::llround(totals.cycles)},
                    {"cycles_predicted", number_json(totals.predicted)},
                    {"busy", busy_json(totals.busy_load, totals.busy_execute, totals.busy_store)}};
  json["layers"] = ordered_json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const model::Layer& layer = network.workload.layers[i];
    const SimulationResult& result = results[i];
    json["layers"].push_back(
        {{"name", layer.name},
         {"count", layer.count},
         {"groups", layer.groups},
         {"mapping", model::to_text(network.mappings[i], accelerator)},
         {"cycles", std::llround(result.cycles)},
         {"cycles_predicted", number_json(network.predicted[i])},
         {"busy", busy_json(result.busy_load, result.busy_execute, result.busy_store)},
         {"tiles", result.tiles},
         {"tiles_simulated", result.tiles_simulated},
         {"dma_bytes", result.dma_bytes}});
  }
  json["provenance"] = {{"version", provenance.version},
                        {"torch", provenance.torch},
                        {"command", provenance.command},
                        {"inputs", provenance.inputs}};
  return json;
}

// In the trace format, so that it can be read again.
io::CsvTable to_table(const SimulateRequest& request,
                      const Network& network,
                      const std::vector<SimulationResult>& results) {
  const model::Accelerator& accelerator = network.loaded.accelerator;
  io::CsvTable table;
  table.columns = {"layer.workload", "layer.name", "layer.count", "layer.cycles_predicted"};
  const auto append = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(table.columns, io::trace_columns(accelerator));
  table.columns.emplace_back(kCyclesColumn);
  append(table.columns, sim_columns());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const model::Layer& layer = network.workload.layers[i];
    std::vector<std::string> row = {network.workload.name,
                                    layer.name,
                                    std::to_string(layer.count),
                                    fmt::format("{}", network.predicted[i])};
    append(row, io::trace_cells(network.mappings[i], layer, network.hardware, accelerator));
    row.push_back(cycles_cell(results[i]));
    append(row, sim_cells(network.runs[i]->program, request.options.cache, results[i]));
    table.rows.push_back(std::move(row));
  }
  return table;
}

int simulate_network(const SimulateRequest& request, const Network& network) {
  const model::Accelerator& accelerator = network.loaded.accelerator;
  if (request.timeline) return write_timeline(request, accelerator, network.runs);
  if (request.flags.output) io::ensure_new_file(*request.flags.output, request.flags.force);
  std::vector<SimulationResult> results;
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
                              io::to_csv(to_table(request, network, results)));
    write_provenance(*request.flags.output,
                     make_provenance(request.command, {network.loaded.path, network.source}),
                     request.flags.seed);
  }
  if (request.flags.format == Format::json) {
    fmt::print("{}\n", to_json(request, network, results).dump(2));
  } else {
    fmt::print("{}", table_text(request, network, results));
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
  const io::DesignFile design = io::read_design(path, network.loaded.accelerator);
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
