#include "search/space/hardware_space.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "search/space/discrete_space.h"

namespace masala::search {
namespace {

// The grid value to try below `value`: a fifth less, at least one step; nullopt at the minimum.
std::optional<double> next_below(const model::Range& range, double value) {
  if (value <= static_cast<double>(range.min)) return std::nullopt;
  const auto step = static_cast<double>(std::max<std::int64_t>(1, range.step));
  const double wanted = range.powers_of_two ? value / 2.0 : std::min(0.8 * value, value - step);
  const auto next = range.round_up(wanted);
  if (!next || static_cast<double>(*next) >= value) return std::nullopt;
  return static_cast<double>(*next);
}

std::string hardware_text(const Problem& problem, const model::Hardware& hardware) {
  std::ostringstream text;
  for (const std::string& key : model::hardware_keys(problem.accelerator)) {
    text << (text.tellp() > 0 ? ", " : "") << key << ' '
         << *model::hardware_value(problem.accelerator, hardware, key);
  }
  return text.str();
}

// Levels that cannot hold the smallest tile of some layer, although all of the largest size is
// shared by as few instances as possible.
std::vector<std::string> overfull_levels(const DiscreteSpace& space) {
  const Problem& problem = space.problem();
  const model::Accelerator& accelerator = problem.accelerator;
  model::Hardware roomiest = largest_hardware(problem);
  for (const model::Parameter& parameter : accelerator.parameters) {
    const double value =
        fixed_value(problem, parameter.name).value_or(static_cast<double>(parameter.range.min));
    model::set_hardware_value(accelerator, roomiest, parameter.name, value);
  }
  const model::Machine machine = model::resolve(accelerator, roomiest);
  const std::vector<CostedMapping>& smallest = space.smallest_tiles();
  std::vector<std::string> out;
  for (int l = 0; l + 1 < accelerator.num_levels(); ++l) {
    for (std::size_t i = 0; i < space.num_layers(); ++i) {
      const auto needed =
          space.evaluator().words_needed(smallest[i].mapping, space.layer(i), machine)[l];
      if (needed <= machine.capacity_words[l]) continue;
      out.push_back("layer " + space.layer(i).name + ": its smallest tile takes " +
                    std::to_string(needed) + " words of " + accelerator.levels[l].name +
                    "; expected at most " + std::to_string(machine.capacity_words[l]));
      break;
    }
  }
  return out;
}

// What is beyond a double on the smallest hardware with the smallest tiles. A better mapping may
// stay below, but not by much, and totals of such energies mean nothing.
std::vector<std::string> overflows(const DiscreteSpace& space, const model::Hardware& hardware) {
  const Problem& problem = space.problem();
  const model::Machine machine = model::resolve(problem.accelerator, hardware);
  double energy_pj = 0.0;
  double cycles = 0.0;
  std::ostringstream what;
  for (std::size_t i = 0; i < space.num_layers() && std::isfinite(energy_pj); ++i) {
    const model::Layer& layer = space.layer(i);
    const model::LayerCost cost = model::cost_of(space.smallest_tiles()[i].mapping, layer, machine);
    energy_pj += static_cast<double>(layer.executions()) * cost.energy_pj;
    cycles += static_cast<double>(layer.executions()) * cost.cycles;
    if (!std::isfinite(energy_pj))
      what << "energy of layer " << layer.name << " is " << energy_pj << " pJ";
  }
  const double area_mm2 = model::area_mm2(problem.accelerator, hardware);
  const double objective = space.objective(energy_pj, cycles, area_mm2);
  if (std::isfinite(objective)) return {};
  if (std::isfinite(energy_pj))
    what << "energy of " << energy_pj << " pJ at " << cycles << " cycles";
  return {"accelerator " + problem.accelerator.name + ": the objective " +
          std::string(name(problem.objective)) + " overflows: " + what.str() +
          "; expected smaller energy constants"};
}

}  // namespace

std::optional<double> fixed_value(const Problem& problem, const std::string& key) {
  for (const model::FixedValue& fixed : problem.fixed) {
    if (fixed.key == key) return fixed.value;
  }
  return std::nullopt;
}

std::vector<std::string> free_keys(const Problem& problem) {
  std::vector<std::string> keys;
  for (const std::string& key : model::hardware_keys(problem.accelerator)) {
    const bool fixed =
        fixed_value(problem, key) || model::hardware_range(problem.accelerator, key)->is_fixed();
    if (!fixed) keys.push_back(key);
  }
  return keys;
}

model::Hardware largest_hardware(const model::Accelerator& accelerator,
                                 const std::vector<model::FixedValue>& fixed) {
  model::Hardware hardware = model::default_hardware(accelerator);
  for (const std::string& key : model::hardware_keys(accelerator)) {
    const auto largest = static_cast<double>(model::hardware_range(accelerator, key)->max);
    model::set_hardware_value(accelerator, hardware, key, largest);
  }
  for (const model::FixedValue& value : fixed) {
    model::set_hardware_value(accelerator, hardware, value.key, value.value);
  }
  return hardware;
}

bool same_hardware(const model::Hardware& a, const model::Hardware& b) {
  return a.parameters == b.parameters && a.kib == b.kib;
}

bool area_allowed(const Problem& problem, const model::Hardware& hardware) {
  return !problem.max_area_mm2 ||
         model::area_mm2(problem.accelerator, hardware) <= *problem.max_area_mm2;
}

std::optional<model::Hardware> shrunk_to_area(const Problem& problem,
                                              const std::vector<std::string>& keys,
                                              model::Hardware hardware) {
  const model::Accelerator& accelerator = problem.accelerator;
  while (!area_allowed(problem, hardware)) {
    double least_area = model::area_mm2(accelerator, hardware);
    std::optional<model::Hardware> best;
    for (const std::string& key : keys) {
      const auto next = next_below(*model::hardware_range(accelerator, key),
                                   *model::hardware_value(accelerator, hardware, key));
      if (!next) continue;
      model::Hardware candidate = hardware;
      model::set_hardware_value(accelerator, candidate, key, *next);
      const double area = model::area_mm2(accelerator, candidate);
      if (area >= least_area) continue;
      least_area = area;
      best = std::move(candidate);
    }
    if (!best) return std::nullopt;
    hardware = std::move(*best);
  }
  return hardware;
}

std::vector<std::string> infeasibilities(const Problem& problem) {
  const DiscreteSpace space(problem);
  const auto smallest = space.hardware_for(space.smallest_tiles());
  if (!smallest) {
    std::vector<std::string> out = overfull_levels(space);
    if (out.empty()) {
      out.emplace_back(
          "--fix: no hardware with these values runs the workload; expected larger ones");
    }
    return out;
  }
  if (area_allowed(problem, *smallest)) return overflows(space, *smallest);
  std::ostringstream text;
  text << "--max-area-mm2: got " << *problem.max_area_mm2 << "; expected at least "
       << model::area_mm2(problem.accelerator, *smallest)
       << ", the area of the smallest hardware that runs the workload ("
       << hardware_text(problem, *smallest) << ")";
  return {text.str()};
}

}  // namespace masala::search
