#include "cli/network_report.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "cli/json_number.h"
#include "io/trace_writer.h"

namespace masala::cli {

using nlohmann::ordered_json;
using simulator::SimulationResult;

namespace {

struct Totals {
  double cycles = 0.0;
  double predicted = 0.0;
  double busy_load = 0.0;
  double busy_execute = 0.0;
  double busy_store = 0.0;
};

Totals totals_of(const Network& network, const LayerResults& results) {
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

ordered_json busy_json(double load, double execute, double store) {
  return {{"load", std::llround(load)},
          {"execute", std::llround(execute)},
          {"store", std::llround(store)}};
}

}  // namespace

std::string network_text(const SimulateRequest& request,
                         const Network& network,
                         const LayerResults& results) {
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

ordered_json network_json(const SimulateRequest& request,
                          const Network& network,
                          const LayerResults& results) {
  const model::Accelerator& accelerator = network.loaded.accelerator;
  const io::Provenance provenance =
      make_provenance(request.command, {network.loaded.path, network.source});
  ordered_json json;
  json["schema"] = "masala.simulate/1";
  json["workload"] = network.workload.name;
  json["accelerator"] = {{"name", accelerator.name},
                         {"sha256", provenance.inputs.at(network.loaded.path)}};
  for (const std::string& key : model::hardware_keys(accelerator)) {
    json["hardware"][key] = json_number(*model::hardware_value(accelerator, network.hardware, key));
  }
  json["program"] = simulator::name(network.kind);
  json["cache"] = simulator::name(request.options.cache);
  json["simulator_version"] = simulator::kSimulatorVersion;
  json["predicted_by"] = network.predicted_by;
  const Totals totals = totals_of(network, results);
  json["totals"] = {{"cycles", std::llround(totals.cycles)},
                    {"cycles_predicted", json_number(totals.predicted)},
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
         {"cycles_predicted", json_number(network.predicted[i])},
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

io::CsvTable network_table(const SimulateRequest& request,
                           const Network& network,
                           const LayerResults& results) {
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

}  // namespace masala::cli
