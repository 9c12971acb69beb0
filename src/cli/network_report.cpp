#include "cli/network_report.h"

#include <fmt/format.h>

#include "cli/numbers.h"

namespace masala::cli {
namespace {

std::string hardware_text(const app::PreparedNetwork& network) {
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

}  // namespace

Table network_table(const app::PreparedNetwork& network, const app::LayerResults& results) {
  Table table;
  table.columns = {{"layer", "layer", "", {}, Align::left},
                   {"times", "times", "", {}},
                   {"cycles", "cycles", "", Format::grouped()},
                   {"cycles_predicted", "predicted", "", Format::grouped()},
                   {"ratio", "ratio", "", Format::fixed(2)},
                   {"busy.load", "% load", "", Format::percent()},
                   {"busy.execute", "% execute", "", Format::percent()},
                   {"busy.store", "% store", "", Format::percent()}};
  for (std::size_t i = 0; i < results.size(); ++i) {
    const model::Layer& layer = network.workload.layers[i];
    const simulator::SimulationResult& result = results[i];
    table.rows.push_back({layer.name,
                          layer.executions(),
                          result.cycles,
                          network.predicted[i],
                          result.cycles / network.predicted[i],
                          result.busy_load / result.cycles,
                          result.busy_execute / result.cycles,
                          result.busy_store / result.cycles});
  }
  return table;
}

std::string network_text(const app::SimulateNetworkRequest& request,
                         const app::PreparedNetwork& network,
                         const app::LayerResults& results) {
  const app::NetworkTotals totals = app::totals_of(network, results);
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
      simulator::name(network.program),
      simulator::name(request.settings.cache),
      simulator::kSimulatorVersion,
      to_text(network_table(network, results)),
      with_commas(totals.cycles),
      with_commas(totals.predicted),
      totals.cycles / totals.predicted,
      percent(totals.busy_load, totals.cycles),
      percent(totals.busy_execute, totals.cycles),
      percent(totals.busy_store, totals.cycles),
      network.predicted_by);
}

}  // namespace masala::cli
