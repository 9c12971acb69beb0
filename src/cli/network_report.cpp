#include "cli/network_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

}  // namespace

Table network_table(const app::PreparedNetwork& network, const app::LayerResults& results) {
  Table table;
  table.columns = {{"layer", "layer", "", {}, Align::left},
                   {"times", "times", "", {}},
                   {"cycles", "cycles", "", Format::grouped()},
                   {"cycles_predicted", "predicted", "", Format::grouped()},
                   {"ratio", "ratio", "", Format::fixed(2)}};
  for (const std::string& unit : network.simulator->units())
    table.columns.push_back({"busy." + unit, "% " + unit, "", Format::percent()});
  for (std::size_t i = 0; i < results.size(); ++i) {
    const model::Layer& layer = network.workload.layers[i];
    const model::SimulationResult& result = results[i];
    table.rows.push_back({layer.name,
                          layer.executions(),
                          result.cycles,
                          network.predicted[i],
                          result.cycles / network.predicted[i]});
    for (double busy : result.busy) table.rows.back().emplace_back(busy / result.cycles);
  }
  return table;
}

std::string network_text(const app::PreparedNetwork& network, const app::LayerResults& results) {
  const app::NetworkTotals totals = app::totals_of(network, results);
  std::vector<std::string> busy;
  for (std::size_t unit = 0; unit < totals.busy.size(); ++unit) {
    busy.push_back(fmt::format("{} {:.1f} %",
                               network.simulator->units()[unit],
                               100.0 * totals.busy[unit] / totals.cycles));
  }
  return fmt::format(
      "{} on {}\nhardware   {}\nprogram    {}, {} caches, simulator {}\n\n{}\n"
      "total   {} cycles, predicted {}, ratio {:.2f}; busy: {}\n"
      "(cycles of a layer are of one execution of one group; times = count x groups;\n"
      "predicted: {};\n"
      "ratio = simulated / predicted; % = share of the cycles in which a unit had work under "
      "way)\n",
      network.title,
      network.loaded.accelerator.name,
      hardware_text(network),
      network.conditions.program,
      network.conditions.cache,
      network.simulator->version(),
      to_text(network_table(network, results)),
      with_commas(totals.cycles),
      with_commas(totals.predicted),
      totals.cycles / totals.predicted,
      fmt::join(busy, ", "),
      network.predicted_by);
}

}  // namespace masala::cli
