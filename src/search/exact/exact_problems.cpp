// Which problems are not for the exact search.
#include <iomanip>
#include <optional>
#include <sstream>

#include "search/exact/exact_search.h"
#include "search/exact/layer_front.h"
#include "search/exact/lower_bounds.h"
#include "search/space/hardware_space.h"

namespace masala::search {
namespace {

constexpr double kMostMappings = 2.5e8;  // at one choice of the parameters
constexpr double kMostOrdered = 1e12;    // mappings times their loop orders
constexpr double kMostSizes = 1 << 20;   // of one level

// Names of sizes with which energy or area falls.
std::vector<std::string> falling_costs(const Problem& problem) {
  std::vector<std::string> out;
  for (const model::Level& level : problem.accelerator.levels) {
    if (!level.is_sized()) continue;
    const std::string key = level.name + "_kib";
    bool falls = level.energy.linear_sram && level.energy.slope_per_kib < 0.0;
    for (const model::AreaTerm& term : problem.accelerator.area) {
      for (const auto& [name, exponent] : term.exponents) {
        falls = falls || (name == key && exponent * term.coefficient_mm2 < 0.0);
      }
    }
    if (falls) out.push_back(key);
  }
  return out;
}

std::string number_text(double number) {
  std::ostringstream text;
  text << std::setprecision(3) << number;
  return text.str();
}

// What is too much to enumerate, or to keep in memory meanwhile; counted without either.
std::optional<std::string> too_large(const Problem& problem) {
  const Mapspace mapspace = make_mapspace(problem.accelerator);
  const model::Machine machine = model::resolve(problem.accelerator, largest_hardware(problem));
  const CandidateOrders orders = needed_orders(problem.evaluator());
  double mappings = 0.0;
  double ordered = 0.0;
  FactorCount kept;
  std::string most_split;
  for (const LayerGroup& group : grouped(problem.workload)) {
    const FactorCount count = count_factors(mapspace, group.layer, machine);
    mappings += count.mappings;
    ordered += count.mappings * count_orders(mapspace, group.layer, orders);
    kept.splits += count.splits;
    if (count.most_splits <= kept.most_splits) continue;
    kept.most_splits = count.most_splits;
    most_split = std::string(model::name(count.most_split)) + " = " +
                 std::to_string(group.layer.bounds[count.most_split]) + " of layer " +
                 group.layer.name;
  }
  const std::string too_large = "--method exact: too large: ";
  if (mappings > kMostMappings)
    return too_large + number_text(mappings) +
           " mappings at the largest parameters; expected at most " + number_text(kMostMappings);
  if (kept.splits > kMostSplits)
    return too_large + number_text(kept.splits) +
           " ways to divide single bounds over the levels (" + number_text(kept.most_splits) +
           " of " + most_split + "); expected at most " + number_text(kMostSplits);
  if (ordered > kMostOrdered)
    return too_large + number_text(ordered) +
           " mappings with their loop orders at the largest parameters; expected at most " +
           number_text(kMostOrdered);
  return std::nullopt;
}

}  // namespace

std::vector<std::string> exact_problems(const Problem& problem, const SearchOptions& options) {
  std::vector<std::string> out;
  if (options.budget != 0) out.emplace_back("--budget: method exact has none; expected no limit");
  for (const std::string& key : falling_costs(problem)) {
    out.push_back("--method exact: energy or area falls as " + key +
                  " grows; expected costs that grow with every size");
  }
  if (const auto text = too_large(problem)) out.push_back(*text);
  for (const model::Level& level : problem.accelerator.levels) {
    if (level.is_sized() && count_sizes(problem, level) > kMostSizes)
      out.push_back("--method exact: too many values of " + level.name + "_kib; expected at most " +
                    number_text(kMostSizes) + " (--fix it)");
  }
  if (!parameter_grid(problem, kMostParameterPoints)) {
    out.push_back("--method exact: too many values of the parameters; expected at most " +
                  std::to_string(kMostParameterPoints) + " (--fix some)");
  }
  return out;
}

}  // namespace masala::search
