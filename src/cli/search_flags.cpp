#include "cli/search_flags.h"

#include <limits>

namespace masala::cli {
namespace {

search::OrderSearch orders_flag(const Arguments& arguments) {
  std::vector<std::string> names;
  for (search::OrderSearch orders : search::kAllOrderSearches) {
    names.emplace_back(search::name(orders));
  }
  const auto text = arguments.choice("orders", names);
  if (!text) return search::GradientOptions{}.orders;
  const std::string method = search_method(arguments).name;
  if (method != "gradient") {
    arguments.fail("--orders goes with --method gradient; " + method +
                   " chooses loop orders in its own way");
  }
  return *search::order_search_from_name(*text);
}

}  // namespace

void add_problem_flags(Arguments& arguments) {
  arguments.add("Problem", "objective", "edp, energy, latency, ed2p or edap (edp)", "OBJ");
  arguments.add("Problem", "fix", "keep a hardware value, as pe_dim=16; repeats", "KEY=VALUE");
  arguments.add(
      "Problem", "max-area-mm2", "largest area; without it, a larger array usually wins", "MM2");
}

void add_search_flags(Arguments& arguments) {
  arguments.add("Search", "method", "search method (gradient; masala info methods)", "M");
  arguments.add("Search",
                "factors",
                "perfect: tiles divide the layer; imperfect: any tile, the last one of a loop is "
                "clipped (perfect)",
                "KIND");
  arguments.add("Search", "starts", "starting points (the method's default)", "N");
  arguments.add("Search",
                "budget",
                "evaluations at most: layer mappings costed, all counted (the method's own end)",
                "N");
  arguments.add(
      "Search",
      "orders",
      "loop orders in the descent of gradient: none (as drawn), iterate (now and then the "
      "best per layer), softmax (all at once, weighted) or coupled (now and then the best "
      "for the whole design) (coupled)",
      "MODE");
}

search::Problem search_problem(const Arguments& arguments) {
  std::vector<std::string> names;
  for (search::Objective objective : search::kAllObjectives) {
    names.emplace_back(search::name(objective));
  }
  search::Problem problem;
  problem.objective =
      *search::objective_from_name(arguments.choice("objective", names).value_or("edp"));
  problem.fixed = arguments.fixed_values();
  problem.max_area_mm2 = arguments.positive("max-area-mm2");
  problem.factors = arguments.factors();
  return problem;
}

const search::Method& search_method(const Arguments& arguments) {
  std::vector<std::string> names;
  for (const search::Method& known : search::methods()) names.emplace_back(known.name);
  return *search::find_method(arguments.choice("method", names).value_or("gradient"));
}

search::SearchOptions search_options(const Arguments& arguments, const CommonFlags& flags) {
  constexpr std::int64_t kMaxStarts = 1 << 20;
  search::SearchOptions options;
  options.starts = static_cast<int>(arguments.integer("starts", 1, kMaxStarts).value_or(0));
  options.budget =
      arguments.integer("budget", 1, std::numeric_limits<std::int64_t>::max()).value_or(0);
  options.gradient.orders = orders_flag(arguments);
  options.seed = flags.seed;
  options.threads = flags.threads;
  return options;
}

}  // namespace masala::cli
