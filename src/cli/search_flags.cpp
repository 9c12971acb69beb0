#include "cli/search_flags.h"

#include <limits>

namespace masala::cli {

void add_problem_flags(Arguments& arguments) {
  arguments.add("Problem", "objective", "edp, energy, latency, ed2p or edap (edp)", "OBJ");
  arguments.add("Problem", "fix", "keep a hardware value, as pe_dim=16; repeats", "KEY=VALUE");
  arguments.add(
      "Problem", "max-area-mm2", "largest area; without it, a larger array usually wins", "MM2");
}

void add_model_flags(Arguments& arguments) {
  arguments.add("Model",
                "model",
                "trained model, for the others than roofline (the built-in one of Gemmini)",
                "FILE");
  arguments.add("Model",
                "caution",
                "minimise with cycles this many standard deviations above the mean (0)",
                "K");
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
}

app::LatencyChoice latency_choice(const Arguments& arguments, const std::string& otherwise) {
  app::LatencyChoice choice;
  choice.tier = arguments.choice("latency", app::latency_tiers()).value_or(otherwise);
  choice.model_path = arguments.text("model");
  if (choice.tier == app::kRoofline && choice.model_path) {
    arguments.fail("--model goes with a latency model that was trained; expected --latency too");
  }
  return choice;
}

app::SearchSettings search_settings(const Arguments& arguments, bool uses_model) {
  constexpr std::int64_t kMaxStarts = 1 << 20;
  std::vector<std::string> objectives;
  for (search::Objective objective : search::kAllObjectives)
    objectives.emplace_back(search::name(objective));
  std::vector<std::string> methods;
  for (const search::Method& method : search::methods()) methods.emplace_back(method.name);

  app::SearchSettings settings;
  settings.accelerator = arguments.required_text("accelerator");
  settings.objective =
      *search::objective_from_name(arguments.choice("objective", objectives).value_or("edp"));
  settings.fixed = arguments.fixed_values();
  settings.max_area_mm2 = arguments.positive("max-area-mm2");
  settings.factors = arguments.factors();
  settings.method = arguments.choice("method", methods).value_or(settings.method);
  settings.starts = static_cast<int>(arguments.integer("starts", 1, kMaxStarts).value_or(0));
  settings.budget =
      arguments.integer("budget", 1, std::numeric_limits<std::int64_t>::max()).value_or(0);
  const auto caution = arguments.non_negative("caution");
  if (caution && !uses_model) {
    arguments.fail("--caution goes with a latency model that was trained; expected --latency too");
  }
  settings.caution = caution.value_or(0.0);
  return settings;
}

}  // namespace masala::cli
