#include "cli/design_report.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/numbers.h"
#include "masala/app/design.h"

namespace masala::cli {
namespace {

std::string shape_text(const model::Layer& layer) {
  std::string text;
  for (model::Dim dim : model::kAllDims) {
    if (layer.bounds[dim] == 1) continue;
    text += fmt::format("{}{}{}", text.empty() ? "" : " ", model::name(dim), layer.bounds[dim]);
  }
  if (layer.stride_w != 1 || layer.stride_h != 1) text += fmt::format(" /{}", layer.stride_w);
  if (layer.stride_w != layer.stride_h) text += fmt::format("x{}", layer.stride_h);
  if (layer.groups > 1) text += fmt::format(" g{}", layer.groups);
  return text;
}

bool is_predicted(const io::DesignFile& design) {
  return std::any_of(design.results.begin(),
                     design.results.end(),
                     [](const io::LayerResult& result) { return result.confidence.has_value(); });
}

std::string spread_text(const io::LayerResult& result) {
  if (!result.confidence) return "";
  return fmt::format("{:.1f}{}",
                     100.0 * std::expm1(result.confidence->cycles_log_std),
                     result.confidence->in_range ? "" : " !");
}

}  // namespace

std::string confidence_note(const io::DesignFile& design) {
  if (!is_predicted(design)) return "";
  const auto outside = std::count_if(
      design.results.begin(), design.results.end(), [](const io::LayerResult& result) {
        return result.confidence && !result.confidence->in_range;
      });
  std::string text = fmt::format("cycles: predicted by the {} model; +- %: its standard deviation",
                                 design.latency_model);
  if (outside > 0) {
    text += fmt::format(
        "; !: beyond the range of its training ({} of {} layers)", outside, design.results.size());
  }
  return text;
}

Table design_table(const io::DesignFile& design, const model::Accelerator& accelerator) {
  std::vector<double> energies;
  for (const io::LayerResult& result : design.results) energies.push_back(result.energy_uj);
  Table table;
  table.columns = {{"layer", "layer", "", {}, Align::left},
                   {"", "shape", "", {}, Align::left},
                   {"count", "", "", {}},
                   {"groups", "", "", {}},
                   {"", "times", "", {}},
                   {"cycles", "cycles", "", Format::grouped()},
                   {"energy_uj", "energy", "uJ", Format::grouped(column_decimals(energies))},
                   {"", "% cycles", "", Format::percent()},
                   {"", "% energy", "", Format::percent()},
                   {"pe_utilisation", "% PEs", "", Format::percent()},
                   {"bottleneck", "bound by", "", {}, Align::left}};
  const bool with_confidence = is_predicted(design);
  if (with_confidence) {
    table.columns.insert(
        table.columns.end(),
        {{"cycles_log_std", "", "", {}}, {"in_range", "", "", {}}, {"", "+- %", "", {}}});
  }
  table.columns.push_back({"mapping", "mapping", "", {}, Align::left});
  const std::vector<double> utilisation = app::pe_utilisation(design, accelerator);
  for (std::size_t i = 0; i < design.results.size(); ++i) {
    const model::Layer& layer = design.workload.layers[i];
    const io::LayerResult& result = design.results[i];
    const auto executions = static_cast<double>(layer.executions());
    std::vector<Cell> row = {layer.name,
                             shape_text(layer),
                             layer.count,
                             layer.groups,
                             layer.executions(),
                             result.cycles,
                             result.energy_uj,
                             executions * result.cycles / design.totals.cycles,
                             executions * result.energy_uj / design.totals.energy_uj,
                             utilisation[i],
                             result.bottleneck};
    if (with_confidence) {
      const io::Confidence confidence = result.confidence.value_or(io::Confidence{});
      row.emplace_back(confidence.cycles_log_std);
      row.emplace_back(std::string(confidence.in_range ? "true" : "false"));
      row.emplace_back(spread_text(result));
    }
    row.emplace_back(model::to_text(design.mappings[i], accelerator));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string design_text(const io::DesignFile& design,
                        const model::Accelerator& accelerator,
                        std::optional<std::size_t> columns) {
  std::string text =
      fmt::format("Design for {} on {}\n", design.workload.name, design.accelerator_name);
  text += "hardware";
  for (const std::string& key : model::hardware_keys(accelerator)) {
    text += fmt::format("   {} {}", key, *model::hardware_value(accelerator, design.hardware, key));
  }
  if (design.totals.area_mm2)
    text += fmt::format("   area {} mm2", significant(*design.totals.area_mm2));
  text += "\n\n";

  Table table = design_table(design, accelerator);
  const std::size_t full_width = text_width(table);
  const bool is_cut = columns && full_width > *columns;
  if (is_cut) table = table.without("mapping");
  text += to_text(table);
  text += fmt::format(
      "\ntotal   {} cycles   {} uJ   EDP {} uJ.cycles\n"
      "(cycles and energy of a layer are of one execution of one group; times = count x groups;\n"
      "% PEs = MACs / (cycles x PEs){})\n",
      with_commas(design.totals.cycles),
      with_commas(design.totals.energy_uj, column_decimals({design.totals.energy_uj})),
      significant(design.totals.edp_uj_cycles),
      is_predicted(design) ? ";\n" + confidence_note(design) : "");
  if (is_cut) {
    text += fmt::format(
        "(mappings take {} columns: see layers.csv or report.html of --output, or pipe this)\n",
        full_width);
  }
  return text;
}

}  // namespace masala::cli
