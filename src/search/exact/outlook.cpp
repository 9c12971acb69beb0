#include "search/exact/outlook.h"

#include <algorithm>

#include "search/space/hardware_space.h"

namespace masala::search {
namespace {

model::Hardware smallest_sizes(const Problem& problem,
                               const ParameterPoint::Parameters& parameters) {
  model::Hardware hardware = largest_hardware(problem);
  hardware.parameters = parameters;
  for (int l = 0; l < problem.accelerator.num_levels(); ++l) {
    const model::Level& level = problem.accelerator.levels[l];
    if (!level.is_sized()) continue;
    hardware.kib[l] =
        fixed_value(problem, level.name + "_kib").value_or(static_cast<double>(level.kib->min));
  }
  return hardware;
}

void sum_up(Outlook& outlook, const DiscreteSpace& space, const std::vector<LayerGroup>& groups) {
  outlook.total = {};
  for (std::size_t g = 0; g < groups.size(); ++g) {
    outlook.total.energy_pj += groups[g].executions * outlook.floors[g].energy_pj;
    outlook.total.cycles += groups[g].executions * outlook.floors[g].cycles;
  }
  outlook.objective =
      space.objective(outlook.total.energy_pj, outlook.total.cycles, outlook.area_mm2);
}

}  // namespace

std::vector<LayerGroup> grouped(const model::Workload& workload) {
  std::vector<LayerGroup> groups;
  for (std::size_t i = 0; i < workload.layers.size(); ++i) {
    const model::Layer& layer = workload.layers[i];
    auto group = std::find_if(groups.begin(), groups.end(), [&](const LayerGroup& candidate) {
      return model::same_shape(candidate.layer, layer);
    });
    if (group == groups.end()) group = groups.insert(groups.end(), {layer, 0.0, {}});
    group->executions += static_cast<double>(layer.executions());
    group->members.push_back(i);
  }
  return groups;
}

std::vector<Outlook> outlooks(const DiscreteSpace& space,
                              const std::vector<LayerGroup>& groups,
                              const Monitor& monitor) {
  const Problem& problem = space.problem();
  std::vector<Outlook> all;
  const auto grid = parameter_grid(problem, kMostParameterPoints);
  for (const ParameterPoint::Parameters& parameters : *grid) {
    if (monitor.stop_requested()) break;
    const model::Hardware hardware = smallest_sizes(problem, parameters);
    const model::Machine machine = model::resolve(problem.accelerator, hardware);
    Outlook outlook;
    outlook.choices = {parameters};
    outlook.area_mm2 = model::area_mm2(problem.accelerator, hardware);
    for (const LayerGroup& group : groups)
      outlook.floors.push_back(cost_floor(group.layer, space, machine));
    sum_up(outlook, space, groups);
    all.push_back(std::move(outlook));
  }
  return all;
}

Outlook joined(const std::vector<Outlook>& outlooks,
               const DiscreteSpace& space,
               const std::vector<LayerGroup>& groups) {
  Outlook all = outlooks.front();
  for (std::size_t i = 1; i < outlooks.size(); ++i) {
    const Outlook& other = outlooks[i];
    all.choices.push_back(other.choices.front());
    all.area_mm2 = std::min(all.area_mm2, other.area_mm2);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      all.floors[g].energy_pj = std::min(all.floors[g].energy_pj, other.floors[g].energy_pj);
      all.floors[g].cycles = std::min(all.floors[g].cycles, other.floors[g].cycles);
    }
  }
  sum_up(all, space, groups);
  return all;
}

}  // namespace masala::search
