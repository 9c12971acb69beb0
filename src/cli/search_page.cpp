#include "cli/search_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/charts.h"
#include "cli/design_report.h"
#include "cli/html_report.h"
#include "cli/numbers.h"

namespace masala::cli {
namespace {

using nlohmann::ordered_json;

ordered_json history_chart(const io::DesignFile& file, const std::string& unit) {
  ordered_json points = ordered_json::array();
  for (const auto& [evaluations, best] : file.search.history)
    points.push_back({{"x", evaluations}, {"y", best}});
  if (!file.search.history.empty()) {
    points.push_back({{"x", file.search.evaluations}, {"y", file.search.history.back().second}});
  }
  ordered_json series = {{"label", "best so far"},
                         {"data", points},
                         {"stepped", "before"},
                         {"borderColor", colour(0)},
                         {"pointRadius", 2}};
  return {{"type", "line"},
          {"data", {{"datasets", {series}}}},
          {"options",
           {{"scales",
             {{"x", axis("evaluations", "logarithmic")}, {"y", axis(unit, "logarithmic")}}}}}};
}

std::vector<std::string> layer_names(const search::Problem& problem) {
  std::vector<std::string> names;
  for (const model::Layer& layer : problem.workload.layers) names.push_back(layer.name);
  return names;
}

// Energy of all executions, by where it is spent.
ordered_json energy_chart(const search::Design& design, const search::Problem& problem) {
  constexpr double kMicrojoulesPerPicojoule = 1e-6;
  const auto values = [&](auto&& energy_pj) {
    ordered_json data = ordered_json::array();
    for (std::size_t i = 0; i < design.cost.layers.size(); ++i) {
      data.push_back(energy_pj(design.cost.layers[i]) * kMicrojoulesPerPicojoule *
                     static_cast<double>(problem.workload.layers[i].executions()));
    }
    return data;
  };
  ordered_json series = ordered_json::array();
  series.push_back({{"label", "MACs"},
                    {"data", values([](const model::LayerCost& c) { return c.mac_energy_pj; })},
                    {"backgroundColor", colour(0)}});
  for (std::size_t l = 0; l < problem.accelerator.levels.size(); ++l) {
    series.push_back(
        {{"label", problem.accelerator.levels[l].name},
         {"data", values([&](const model::LayerCost& c) { return c.level_energy_pj[l]; })},
         {"backgroundColor", colour(l + 1)}});
  }
  return bar_chart(layer_names(problem), series, "uJ, all executions", Bars::stacked);
}

// Cycles of all executions: what the array needs, and what waiting for memory adds.
ordered_json cycles_chart(const search::Design& design, const search::Problem& problem) {
  ordered_json compute = ordered_json::array();
  ordered_json memory = ordered_json::array();
  for (std::size_t i = 0; i < design.cost.layers.size(); ++i) {
    const model::LayerCost& cost = design.cost.layers[i];
    const auto executions = static_cast<double>(problem.workload.layers[i].executions());
    compute.push_back(executions * static_cast<double>(cost.compute_cycles));
    // A latency model without a lower bound may say less than the array needs.
    const double waiting = std::max(0.0, cost.cycles - static_cast<double>(cost.compute_cycles));
    memory.push_back(executions * waiting);
  }
  ordered_json series = ordered_json::array();
  series.push_back({{"label", "compute"}, {"data", compute}, {"backgroundColor", colour(2)}});
  series.push_back(
      {{"label", "waiting for memory"}, {"data", memory}, {"backgroundColor", colour(3)}});
  return bar_chart(layer_names(problem), series, "cycles, all executions", Bars::stacked);
}

}  // namespace

std::string search_page(const app::SearchResult& result) {
  const io::DesignFile& file = *result.design;
  const search::Design& design = *result.summary.best;
  const search::Problem& problem = result.problem;
  HtmlReport page(fmt::format("{} on {}", file.workload.name, file.accelerator_name),
                  fmt::format("masala {}: {} search, objective {}, {} latency",
                              file.provenance.version,
                              file.search.method,
                              file.objective,
                              file.latency_model));
  std::vector<std::pair<std::string, std::string>> facts;
  for (const std::string& key : model::hardware_keys(problem.accelerator)) {
    facts.emplace_back(
        key, fmt::format("{}", *model::hardware_value(problem.accelerator, file.hardware, key)));
  }
  if (file.totals.area_mm2) facts.emplace_back("area, mm2", significant(*file.totals.area_mm2));
  facts.emplace_back("cycles", with_commas(file.totals.cycles));
  facts.emplace_back("energy, uJ", significant(file.totals.energy_uj));
  facts.emplace_back("EDP, uJ.cycles", significant(file.totals.edp_uj_cycles));
  facts.emplace_back("evaluations", with_commas(file.search.evaluations));
  facts.emplace_back("search time", seconds_text(file.search.seconds));
  page.add_facts(facts);
  page.add_heading("Where the cycles go");
  page.add_chart(cycles_chart(design, problem));
  page.add_heading("Where the energy goes");
  page.add_chart(energy_chart(design, problem));
  page.add_heading("How the search went");
  page.add_chart(history_chart(file, std::string(search::unit(problem.objective))));
  page.add_heading("Layers (one execution of one group)");
  page.add_table(design_table(file, problem.accelerator));
  if (const std::string note = confidence_note(file); !note.empty()) page.add_paragraph(note);
  page.add_heading("Provenance");
  page.add_paragraph(fmt::format("{}   seed {}, LibTorch {}",
                                 file.provenance.command,
                                 file.search.seed,
                                 file.provenance.torch));
  for (const auto& [path, hash] : file.provenance.inputs)
    page.add_paragraph(fmt::format("{}  sha256 {}", path, hash));
  return page.str();
}

}  // namespace masala::cli
