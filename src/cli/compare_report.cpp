#include "cli/compare_report.h"

#include <fmt/format.h>

#include "cli/numbers.h"

namespace masala::cli {
namespace {

using app::ComparedWorkload;
using app::Comparison;
using app::Contender;
using app::Gains;
using app::Score;

constexpr const char* kHybrid = "hybrid";

// "1.20x lower EDP" or "1.05x higher EDP".
std::string change_text(double gain, const char* less, const char* more, const char* quantity) {
  return fmt::format(
      "{:.2f}x {} {}", gain >= 1.0 ? gain : 1.0 / gain, gain >= 1.0 ? less : more, quantity);
}

}  // namespace

std::string verdict(const app::CompareResult& result) {
  const Comparison& comparison = result.comparison;
  // The hybrid, or else the last model, against the roofline; a single model against the default.
  const std::size_t last = comparison.num_models() - 1;
  const std::size_t chosen = comparison.find(kHybrid).value_or(last);
  const std::size_t roofline = comparison.find(app::kRoofline).value_or(0);
  const std::size_t base = chosen == roofline ? 0 : roofline;
  const Gains ours = comparison.mean_gains(chosen);
  const Gains theirs = comparison.mean_gains(base);
  return fmt::format(
      "Designs found with the {} model have {} than {}: {} and {} ({}).",
      comparison.model(chosen),
      change_text(ours.edp / theirs.edp, "lower", "higher", "EDP"),
      base == 0 ? result.loaded.target->tiler_name() : "those of the " + comparison.model(base),
      change_text(ours.cycles / theirs.cycles, "fewer", "more", "cycles"),
      change_text(ours.energy / theirs.energy, "less", "more", "energy"),
      comparison.workloads.size() == 1
          ? comparison.workloads.front().workload.name
          : fmt::format("geometric mean over {} workloads", comparison.workloads.size()));
}

Table compare_table(const ComparedWorkload& compared, const model::Accelerator& accelerator) {
  Table table;
  table.columns = {{"model", "model", "", {}, Align::left}};
  for (const std::string& key : model::hardware_keys(accelerator))
    table.columns.push_back({key, key, "", {}});
  std::vector<double> energies;
  for (const Contender& contender : compared.contenders)
    energies.push_back(judged_score(contender, compared.workload).energy_uj);
  const std::vector<Column> costs = {
      {"cycles_predicted", "cycles predicted", "", Format::grouped()},
      {"cycles_judged", "cycles judged", "", Format::grouped()},
      {"energy_uj", "energy", "uJ", Format::grouped(column_decimals(energies))},
      {"edp_predicted", "EDP predicted", "", Format::significant()},
      {"edp_judged", "EDP judged", "", Format::significant()},
      {"gain.cycles", "x cycles", "", Format::fixed(3)},
      {"gain.energy", "x energy", "", Format::fixed(3)},
      {"gain.edp", "x EDP", "", Format::fixed(3)}};
  table.columns.insert(table.columns.end(), costs.begin(), costs.end());
  for (const Contender& contender : compared.contenders) {
    const Score predicted = predicted_score(contender);
    const Score judged = judged_score(contender, compared.workload);
    const Gains gains = compared.gains_of(contender);
    const bool is_predicted = !contender.has_default_tiles;
    std::vector<Cell> row = {contender.model};
    for (const std::string& key : model::hardware_keys(accelerator)) {
      row.emplace_back(
          fmt::format("{}", *model::hardware_value(accelerator, contender.design.hardware, key)));
    }
    row.push_back(is_predicted ? Cell(predicted.cycles) : Cell());
    row.emplace_back(judged.cycles);
    row.emplace_back(judged.energy_uj);
    row.push_back(is_predicted ? Cell(predicted.edp_uj_cycles()) : Cell());
    row.emplace_back(judged.edp_uj_cycles());
    row.emplace_back(gains.cycles);
    row.emplace_back(gains.energy);
    row.emplace_back(gains.edp);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table mean_table(const Comparison& comparison) {
  Table table;
  table.columns = {{"model", "model", "", {}, Align::left},
                   {"gain.cycles", "x cycles", "", Format::fixed(3)},
                   {"gain.energy", "x energy", "", Format::fixed(3)},
                   {"gain.edp", "x EDP", "", Format::fixed(3)},
                   {"error.median_percent", "median error %", "", Format::fixed(1)},
                   {"error.max_percent", "max error %", "", Format::fixed(1)}};
  for (std::size_t m = 0; m < comparison.num_models(); ++m) {
    const Gains gains = comparison.mean_gains(m);
    const auto error = comparison.error(m);
    table.rows.push_back({comparison.model(m),
                          gains.cycles,
                          gains.energy,
                          gains.edp,
                          error ? Cell(error->median_percent) : Cell(),
                          error ? Cell(error->max_percent) : Cell()});
  }
  return table;
}

std::string compare_text(const app::CompareRequest& request, const app::CompareResult& result) {
  const model::Accelerator& accelerator = result.loaded.accelerator;
  const Comparison& comparison = result.comparison;
  std::string text;
  for (const ComparedWorkload& compared : comparison.workloads) {
    text += fmt::format("{} on {}\n{}\n",
                        compared.workload.name,
                        accelerator.name,
                        to_text(compare_table(compared, accelerator)));
  }
  text += fmt::format("geometric mean over {} workload{}; errors of predicted cycles, by layer\n",
                      comparison.workloads.size(),
                      comparison.workloads.size() == 1 ? "" : "s");
  text += to_text(mean_table(comparison));
  text += fmt::format(
      "\n{}\n(judged by: {}; x = default / model, above 1 is better;\n"
      "default = {}; EDP in uJ.cycles)\n",
      verdict(result),
      app::judge_name(request, result),
      result.loaded.target->published_name());
  return text;
}

}  // namespace masala::cli
