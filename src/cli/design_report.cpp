#include "cli/design_report.h"

#include <fmt/format.h>

#include "cli/console.h"
#include "io/csv.h"
#include "model/cost.h"
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

}  // namespace

std::string objective_unit(search::Objective objective) {
  switch (objective) {
    case search::Objective::edp: return "uJ.cycles";
    case search::Objective::energy: return "uJ";
    case search::Objective::latency: return "cycles";
    case search::Objective::ed2p: return "uJ.cycles^2";
    case search::Objective::edap: break;
  }
  return "uJ.cycles.mm2";
}

io::DesignFile make_design_file(const search::Problem& problem,
                                const search::Design& design,
                                const std::string& accelerator_sha256) {
  io::DesignFile file;
  file.workload = problem.workload;
  file.accelerator_name = problem.accelerator.name;
  file.accelerator_sha256 = accelerator_sha256;
  file.hardware = design.hardware;
  file.latency_model = "roofline";
  file.objective = search::name(problem.objective);
  file.totals = {
      design.cost.cycles, design.cost.energy_uj, design.cost.edp_uj_cycles(), design.area_mm2};
  file.mappings = design.mappings;
  for (const model::LayerCost& layer : design.cost.layers) {
    const bool compute = layer.bottleneck == model::kComputeBound;
    file.results.push_back(
        {layer.cycles,
         layer.energy_pj / kPicojoulesPerMicrojoule,
         compute ? "compute"
                 : problem.accelerator.levels[static_cast<std::size_t>(layer.bottleneck)].name});
  }
  return file;
}

std::string design_text(const io::DesignFile& design, const model::Accelerator& accelerator) {
  std::string text =
      fmt::format("Design for {} on {}\n", design.workload.name, design.accelerator_name);
  text += "hardware   ";
  for (const std::string& key : model::hardware_keys(accelerator)) {
    text += fmt::format("{} {}   ", key, *model::hardware_value(accelerator, design.hardware, key));
  }
  if (!accelerator.area.empty())
    text += fmt::format("area {} mm2", significant(design.totals.area_mm2));
  text += "\n\n";

  TextTable table;
  table.add_column("layer", Align::left);
  table.add_column("shape", Align::left);
  table.add_column("times");
  table.add_column("cycles");
  table.add_column("energy uJ");
  table.add_column("% cycles");
  table.add_column("% energy");
  table.add_column("bound by", Align::left);
  table.add_column("mapping", Align::left);
  for (std::size_t i = 0; i < design.results.size(); ++i) {
    const model::Layer& layer = design.workload.layers[i];
    const io::LayerResult& result = design.results[i];
    const auto executions = static_cast<double>(layer.executions());
    table.add_row(
        {layer.name,
         shape_text(layer),
         with_commas(layer.executions()),
         with_commas(result.cycles),
         significant(result.energy_uj),
         fmt::format("{:.1f}", 100.0 * executions * result.cycles / design.totals.cycles),
         fmt::format("{:.1f}", 100.0 * executions * result.energy_uj / design.totals.energy_uj),
         result.bottleneck,
         model::to_text(design.mappings[i], accelerator)});
  }
  text += table.str();
  text += fmt::format(
      "\ntotal   {} cycles   {} uJ   EDP {} uJ.cycles\n"
      "(cycles and energy of a layer are of one execution of one group; times = count x groups)\n",
      with_commas(design.totals.cycles),
      significant(design.totals.energy_uj),
      significant(design.totals.edp_uj_cycles));
  return text;
}

std::string layers_csv(const io::DesignFile& design, const model::Accelerator& accelerator) {
  io::CsvTable table;
  table.columns = {"layer", "count", "groups", "cycles", "energy_uj", "bottleneck", "mapping"};
  for (std::size_t i = 0; i < design.results.size(); ++i) {
    const model::Layer& layer = design.workload.layers[i];
    const io::LayerResult& result = design.results[i];
    table.rows.push_back({layer.name,
                          std::to_string(layer.count),
                          std::to_string(layer.groups),
                          number_text(result.cycles),
                          number_text(result.energy_uj),
                          result.bottleneck,
                          model::to_text(design.mappings[i], accelerator)});
  }
  return io::to_csv(table);
}

}  // namespace masala::cli
