// What a simulated network says, for programs.
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/sim_columns.h"
#include "io/json_number.h"
#include "io/trace_writer.h"
#include "masala/app/latency.h"
#include "masala/app/provenance.h"
#include "masala/app/simulate.h"

namespace masala::app {

using io::json_number;
using nlohmann::ordered_json;

namespace {

ordered_json busy_json(const model::Simulator& simulator, const std::vector<double>& busy) {
  ordered_json json;
  for (std::size_t unit = 0; unit < busy.size(); ++unit)
    json[simulator.units()[unit]] = std::llround(busy[unit]);
  return json;
}

}  // namespace

NetworkTotals totals_of(const PreparedNetwork& network, const LayerResults& results) {
  NetworkTotals totals;
  totals.busy.resize(network.simulator->units().size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto executions = static_cast<double>(network.workload.layers[i].executions());
    totals.cycles += executions * std::round(results[i].cycles);
    totals.predicted += executions * network.predicted[i];
    for (std::size_t unit = 0; unit < totals.busy.size(); ++unit)
      totals.busy[unit] += executions * results[i].busy[unit];
  }
  return totals;
}

ordered_json network_json(const SimulateNetworkRequest& request,
                          const PreparedNetwork& network,
                          const LayerResults& results) {
  const model::Accelerator& accelerator = network.loaded.accelerator;
  const io::Provenance provenance =
      make_provenance(request.run.command, {network.loaded.path, network.source});
  ordered_json json;
  json["schema"] = "masala.simulate/1";
  json["workload"] = network.workload.name;
  json["accelerator"] = {{"name", accelerator.name},
                         {"sha256", provenance.inputs.at(network.loaded.path)}};
  for (const std::string& key : model::hardware_keys(accelerator)) {
    json["hardware"][key] = json_number(*model::hardware_value(accelerator, network.hardware, key));
  }
  json["program"] = network.conditions.program;
  json["cache"] = network.conditions.cache;
  json["simulator_version"] = network.simulator->version();
  json["predicted_by"] = network.predicted_by;
  const NetworkTotals totals = totals_of(network, results);
  json["totals"] = {{"cycles", std::llround(totals.cycles)},
                    {"cycles_predicted", json_number(totals.predicted)},
                    {"busy", busy_json(*network.simulator, totals.busy)}};
  json["layers"] = ordered_json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const model::Layer& layer = network.workload.layers[i];
    const model::SimulationResult& result = results[i];
    json["layers"].push_back({{"name", layer.name},
                              {"count", layer.count},
                              {"groups", layer.groups},
                              {"mapping", model::to_text(network.mappings[i], accelerator)},
                              {"cycles", std::llround(result.cycles)},
                              {"cycles_predicted", json_number(network.predicted[i])},
                              {"busy", busy_json(*network.simulator, result.busy)},
                              {"tiles", result.tiles},
                              {"tiles_simulated", result.tiles_simulated},
                              {"dma_bytes", result.dma_bytes}});
  }
  json["provenance"] = provenance_json(provenance);
  return json;
}

io::CsvTable network_rows(const PreparedNetwork& network, const LayerResults& results) {
  const model::Accelerator& accelerator = network.loaded.accelerator;
  io::CsvTable table;
  table.columns = {"layer.workload", "layer.name", "layer.count", "layer.cycles_predicted"};
  const auto append = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(table.columns, io::trace_columns(accelerator));
  table.columns.emplace_back(kCyclesColumn);
  append(table.columns, sim_columns(*network.simulator));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const model::Layer& layer = network.workload.layers[i];
    std::vector<std::string> row = {network.workload.name,
                                    layer.name,
                                    std::to_string(layer.count),
                                    fmt::format("{}", network.predicted[i])};
    append(row, io::trace_cells(network.mappings[i], layer, network.hardware, accelerator));
    row.push_back(cycles_cell(results[i]));
    append(row, sim_cells(*network.simulator, network.conditions, *network.runs[i], results[i]));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace masala::app
