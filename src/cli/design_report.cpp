#include "cli/design_report.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/console.h"
#include "io/csv.h"
#include "model/cost.h"
#include "model/latency_model.h"
#include "model/mapping.h"

namespace masala::cli {
namespace {

constexpr double kPicojoulesPerMicrojoule = 1e6;

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

std::string number_text(double value) {
  return fmt::format("{}", value);
}

bool is_predicted(const io::DesignFile& design) {
  return std::any_of(design.results.begin(),
                     design.results.end(),
                     [](const io::LayerResult& result) { return result.confidence.has_value(); });
}

TextTable layer_table(const io::DesignFile& design,
                      const model::Accelerator& accelerator,
                      bool with_mappings) {
  TextTable table;
  table.add_column("layer", Align::left);
  table.add_column("shape", Align::left);
  for (const char* title : {"times", "cycles", "energy uJ", "% cycles", "% energy", "% PEs"})
    table.add_column(title);
  table.add_column("bound by", Align::left);
  const bool with_spread = is_predicted(design);
  if (with_spread) table.add_column("+- %");
  if (with_mappings) table.add_column("mapping", Align::left);
  std::vector<double> energies;
  for (const io::LayerResult& result : design.results) energies.push_back(result.energy_uj);
  const int energy_decimals = column_decimals(energies);
  const std::vector<double> utilisation = pe_utilisation(design, accelerator);
  const auto percent = [](double share) { return fmt::format("{:.1f}", 100.0 * share); };
  for (std::size_t i = 0; i < design.results.size(); ++i) {
    const model::Layer& layer = design.workload.layers[i];
    const io::LayerResult& result = design.results[i];
    const auto executions = static_cast<double>(layer.executions());
    std::vector<std::string> cells = {
        layer.name,
        shape_text(layer),
        with_commas(layer.executions()),
        with_commas(result.cycles),
        with_commas(result.energy_uj, energy_decimals),
        percent(executions * result.cycles / design.totals.cycles),
        percent(executions * result.energy_uj / design.totals.energy_uj),
        percent(utilisation[i]),
        result.bottleneck};
    if (with_spread) cells.push_back(spread_text(result));
    if (with_mappings) cells.push_back(model::to_text(design.mappings[i], accelerator));
    table.add_row(std::move(cells));
  }
  return table;
}

}  // namespace

io::DesignFile make_design_file(const search::Problem& problem,
                                const search::Design& design,
                                const std::string& accelerator_sha256) {
  io::DesignFile file;
  file.workload = problem.workload;
  file.accelerator_name = problem.accelerator.name;
  file.accelerator_sha256 = accelerator_sha256;
  file.hardware = design.hardware;
  file.latency_model = problem.latency ? problem.latency->tier() : "roofline";
  file.objective = search::name(problem.objective);
  file.totals = {design.cost.cycles, design.cost.energy_uj, design.cost.edp_uj_cycles(), {}};
  if (!problem.accelerator.area.empty()) file.totals.area_mm2 = design.area_mm2;
  file.mappings = design.mappings;
  for (const model::LayerCost& layer : design.cost.layers) {
    const bool compute = layer.bottleneck == model::kComputeBound;
    file.results.push_back(
        {layer.cycles,
         layer.energy_pj / kPicojoulesPerMicrojoule,
         compute ? "compute"
                 : problem.accelerator.levels[static_cast<std::size_t>(layer.bottleneck)].name,
         {}});
  }
  for (std::size_t i = 0; i < design.estimates.size(); ++i) {
    const model::LatencyEstimate& estimate = design.estimates[i];
    file.results[i].confidence = io::Confidence{estimate.log_std, estimate.in_range};
  }
  return file;
}

std::string spread_text(const io::LayerResult& result) {
  if (!result.confidence) return "";
  return fmt::format("{:.1f}{}",
                     100.0 * std::expm1(result.confidence->cycles_log_std),
                     result.confidence->in_range ? "" : " !");
}

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

std::vector<double> pe_utilisation(const io::DesignFile& design,
                                   const model::Accelerator& accelerator) {
  const model::Machine machine = model::resolve(accelerator, design.hardware);
  double pes = 1.0;
  for (int l = 0; l < machine.num_levels; ++l) {
    for (model::Dim dim : model::kAllDims)
      pes *= static_cast<double>(machine.spatial_limit[static_cast<std::size_t>(l)][dim]);
  }
  std::vector<double> shares;
  for (std::size_t i = 0; i < design.results.size(); ++i) {
    const auto macs = static_cast<double>(design.workload.layers[i].macs());
    shares.push_back(macs / (design.results[i].cycles * pes));
  }
  return shares;
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

  TextTable table = layer_table(design, accelerator, true);
  const std::size_t full_width = table.width();
  const bool is_cut = columns && full_width > *columns;
  if (is_cut) table = layer_table(design, accelerator, false);
  text += table.str();
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

std::string layers_csv(const io::DesignFile& design, const model::Accelerator& accelerator) {
  io::CsvTable table;
  table.columns = {
      "layer", "count", "groups", "cycles", "energy_uj", "pe_utilisation", "bottleneck", "mapping"};
  const bool with_confidence = is_predicted(design);
  if (with_confidence) {
    table.columns.insert(table.columns.end() - 1, {"cycles_log_std", "in_range"});
  }
  const std::vector<double> utilisation = pe_utilisation(design, accelerator);
  for (std::size_t i = 0; i < design.results.size(); ++i) {
    const model::Layer& layer = design.workload.layers[i];
    const io::LayerResult& result = design.results[i];
    table.rows.push_back({layer.name,
                          std::to_string(layer.count),
                          std::to_string(layer.groups),
                          number_text(result.cycles),
                          number_text(result.energy_uj),
                          number_text(utilisation[i]),
                          result.bottleneck});
    std::vector<std::string>& row = table.rows.back();
    if (with_confidence) {
      const io::Confidence confidence = result.confidence.value_or(io::Confidence{});
      row.push_back(number_text(confidence.cycles_log_std));
      row.push_back(confidence.in_range ? "true" : "false");
    }
    row.push_back(model::to_text(design.mappings[i], accelerator));
  }
  return io::to_csv(table);
}

}  // namespace masala::cli
