#include "cli/compare_page.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/charts.h"
#include "cli/compare_report.h"
#include "cli/html_report.h"

namespace masala::cli {
namespace {

using app::ComparedWorkload;
using app::Comparison;
using app::Contender;
using app::Gains;
using nlohmann::ordered_json;

// One group of bars per workload, one bar per model.
ordered_json gain_chart(const Comparison& comparison,
                        double Gains::*quantity,
                        const std::string& unit) {
  std::vector<std::string> labels;
  for (const ComparedWorkload& compared : comparison.workloads) {
    labels.push_back(compared.workload.name);
  }
  ordered_json series = ordered_json::array();
  for (std::size_t m = 0; m < comparison.num_models(); ++m) {
    ordered_json data = ordered_json::array();
    for (const ComparedWorkload& compared : comparison.workloads) {
      data.push_back(compared.gains_of(compared.contenders[m]).*quantity);
    }
    series.push_back(
        {{"label", comparison.model(m)}, {"data", data}, {"backgroundColor", colour(m)}});
  }
  return bar_chart(labels, series, unit, Bars::side_by_side);
}

// Layers of all found designs, and the diagonal of exact predictions.
ordered_json error_chart(const Comparison& comparison) {
  ordered_json series = ordered_json::array();
  double least = 0.0;
  double most = 0.0;
  for (std::size_t m = 0; m < comparison.num_models(); ++m) {
    ordered_json points = ordered_json::array();
    for (const ComparedWorkload& compared : comparison.workloads) {
      const Contender& contender = compared.contenders[m];
      if (contender.has_default_tiles) continue;
      const std::vector<double> predicted = app::predicted_cycles(contender.design);
      for (std::size_t i = 0; i < predicted.size(); ++i) {
        const double judged = contender.judged_cycles[i];
        points.push_back({{"x", judged}, {"y", predicted[i]}});
        least = least == 0.0 ? judged : std::min(least, judged);
        most = std::max(most, judged);
      }
    }
    if (points.empty()) continue;
    series.push_back(
        {{"label", comparison.model(m)}, {"data", points}, {"backgroundColor", colour(m)}});
  }
  const ordered_json diagonal = {{{"x", least}, {"y", least}}, {{"x", most}, {"y", most}}};
  series.push_back({{"label", "exact"},
                    {"data", diagonal},
                    {"showLine", true},
                    {"pointRadius", 0},
                    {"borderColor", "#9aa7b4"}});
  return {{"type", "scatter"},
          {"data", {{"datasets", series}}},
          {"options",
           {{"scales",
             {{"x", axis("cycles judged, one execution", "logarithmic")},
              {"y", axis("cycles predicted", "logarithmic")}}}}}};
}

std::string title_of(const Comparison& comparison, const model::Accelerator& accelerator) {
  std::vector<std::string> names;
  for (const ComparedWorkload& compared : comparison.workloads) {
    names.push_back(compared.workload.name);
  }
  return fmt::format("{} on {}", fmt::join(names, ", "), accelerator.name);
}

}  // namespace

std::string compare_page(const app::CompareRequest& request, const app::CompareResult& result) {
  const model::Accelerator& accelerator = result.loaded.accelerator;
  const Comparison& comparison = result.comparison;
  HtmlReport page(title_of(comparison, accelerator),
                  fmt::format("Latency models compared: {} search, objective {}; judged by: {}",
                              request.settings.method,
                              search::name(request.settings.objective),
                              app::judge_name(request, result)));
  page.add_paragraph(verdict(result));
  page.add_table(mean_table(comparison));
  page.add_paragraph(
      fmt::format("Geometric means over the workloads. x = default / model: above 1 is better. "
                  "Default: {}. Errors: of predicted cycles, by layer.",
                  result.loaded.target->published_name()));
  page.add_heading("EDP over the default");
  page.add_chart(gain_chart(comparison, &Gains::edp, "times lower than the default"));
  page.add_heading("Cycles over the default");
  page.add_chart(gain_chart(comparison, &Gains::cycles, "times fewer than the default"));
  page.add_heading("Energy over the default");
  page.add_chart(gain_chart(comparison, &Gains::energy, "times less than the default"));
  page.add_heading("Predictions on the designs found");
  page.add_chart(error_chart(comparison));
  for (const ComparedWorkload& compared : comparison.workloads) {
    page.add_heading(compared.workload.name);
    page.add_table(compare_table(compared, accelerator));
  }
  page.add_heading("Provenance");
  const ordered_json json = app::compare_json(request, result);
  page.add_paragraph(fmt::format("{}   masala {}, LibTorch {}",
                                 json["provenance"]["command"].get<std::string>(),
                                 json["provenance"]["version"].get<std::string>(),
                                 json["provenance"]["torch"].get<std::string>()));
  for (const auto& [path, hash] : json["provenance"]["inputs"].items()) {
    page.add_paragraph(fmt::format("{}  sha256 {}", path, hash.get<std::string>()));
  }
  return page.str();
}

}  // namespace masala::cli
