#include "masala/search/searcher.h"

#include <cmath>
#include <iomanip>
#include <limits>
#include <sstream>

#include "search/space/hardware_space.h"

namespace masala::search {
namespace {

// What a range accepts, as "an integer from 2 to 128".
std::string expected_text(const model::Range& range) {
  if (range.is_fixed()) return std::to_string(range.min) + ", which the accelerator fixes";
  const std::string span =
      " from " + std::to_string(range.min) + " to " + std::to_string(range.max);
  if (range.powers_of_two) return "a power of two" + span;
  return "an integer" + span +
         (range.step > 1 ? " in steps of " + std::to_string(range.step) : std::string());
}

}  // namespace

std::vector<std::string> problems(const Problem& problem, const SearchOptions& options) {
  std::vector<std::string> out;
  if (problem.workload.layers.empty())
    out.emplace_back("workload: no layers; expected at least one");
  for (const model::FixedValue& fixed : problem.fixed) {
    const model::Range* range = model::hardware_range(problem.accelerator, fixed.key);
    const std::string flag = "--fix " + fixed.key;
    if (range == nullptr) {
      std::string known;
      for (const std::string& key : model::hardware_keys(problem.accelerator)) {
        known += (known.empty() ? "" : ", ") + key;
      }
      out.push_back(flag + ": unknown hardware key; expected one of " + known);
    } else if (fixed.value != std::floor(fixed.value) ||
               !range->contains(static_cast<std::int64_t>(fixed.value))) {
      std::ostringstream got;
      got << std::setprecision(std::numeric_limits<double>::max_digits10) << fixed.value;
      out.push_back(flag + ": got " + got.str() + "; expected " + expected_text(*range));
    }
  }
  if (options.starts < 0) out.emplace_back("--starts: expected >= 1");
  const auto layers = static_cast<std::int64_t>(problem.workload.layers.size());
  if (options.budget != 0 && options.budget < layers) {
    out.push_back("--budget: got " + std::to_string(options.budget) + "; expected at least " +
                  std::to_string(layers) + " evaluations, one per layer");
  }
  if (!(problem.caution >= 0.0)) out.emplace_back("--caution: expected >= 0");
  if (options.threads < 1) out.emplace_back("--threads: expected >= 1");
  if (problem.max_area_mm2) {
    if (!(*problem.max_area_mm2 > 0.0)) out.emplace_back("--max-area-mm2: expected > 0");
    if (problem.accelerator.area.empty()) {
      out.emplace_back("--max-area-mm2: accelerator " + problem.accelerator.name +
                       " has no area model; expected an `area` section in its file");
    }
  }
  if (exponents(problem.objective).area > 0.0 && problem.accelerator.area.empty()) {
    out.emplace_back("--objective " + std::string(name(problem.objective)) + ": accelerator " +
                     problem.accelerator.name +
                     " has no area model; expected an `area` section in its file");
  }
  return out.empty() ? infeasibilities(problem) : out;
}

std::vector<std::string> problems(const Method& method,
                                  const Problem& problem,
                                  const SearchOptions& options) {
  std::vector<std::string> out = problems(problem, options);
  if (problem.factors == model::Factors::imperfect && !method.imperfect_factors) {
    std::string capable;
    for (const Method& other : methods()) {
      if (other.imperfect_factors)
        capable += (capable.empty() ? "" : " or ") + std::string(other.name);
    }
    out.push_back("--factors imperfect: method " + std::string(method.name) +
                  " searches perfect factors only; expected --method " + capable);
  }
  if (out.empty() && method.problems != nullptr) out = method.problems(problem, options);
  return out;
}

}  // namespace masala::search
