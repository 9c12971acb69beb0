#include "search/exact/parameter_point.h"

#include <algorithm>
#include <limits>

#include "search/space/hardware_space.h"

namespace masala::search {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double count_values(const model::Range& range, std::optional<double> fixed) {
  if (fixed) return 1.0;
  if (!range.powers_of_two) {
    const std::int64_t steps = (range.max - range.min) / std::max<std::int64_t>(1, range.step);
    return 1.0 + static_cast<double>(steps);
  }
  double count = 0.0;
  for (std::int64_t value = range.min; value <= range.max / 2; value *= 2) ++count;
  return count + 1.0;
}

std::vector<double> grid_values(const model::Range& range, std::optional<double> fixed) {
  if (fixed) return {*fixed};
  std::vector<double> values;
  for (auto value = range.round_up(0.0); value; value = range.round_up(values.back() + 1.0)) {
    values.push_back(static_cast<double>(*value));
  }
  return values;
}

}  // namespace

ParameterPoint::ParameterPoint(const DiscreteSpace& space, const std::vector<Parameters>& choices)
    : problem_(space.problem()),
      evaluator_(space.evaluator()),
      choices_(choices),
      largest_hardware_(largest_hardware(space.problem())) {
  const Problem& problem = space.problem();
  const model::Accelerator& accelerator = problem.accelerator;
  largest_hardware_.parameters = choices.front();
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const model::Level& level = accelerator.levels[l];
    if (!level.is_sized()) continue;
    sizes_.push_back({l, grid_values(*level.kib, fixed_value(problem, level.name + "_kib")), {}});
    sizes_.back().capacity_words.resize(sizes_.back().kib.size(), 0);
    largest_hardware_.kib[l] = sizes_.back().kib.back();
  }
  largest_ = model::resolve(accelerator, largest_hardware_);
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const model::Scaled& block = accelerator.levels[l].block_words;
    for (const Parameters& parameters : choices) {
      if (block.value(parameters) != largest_.block_words[l]) counts_words_[l] = true;
    }
    if (counts_words_[l]) largest_.block_words[l] = 1.0;
    largest_.block_energy_pj[l] = kInfinity;
    block_pj_at_zero_kib_[l] = kInfinity;
    block_pj_per_kib_[l] = kInfinity;
  }
  for (const Parameters& parameters : choices) add_choice(parameters);
}

// Lowers every cost and raises every limit to those of the choice.
void ParameterPoint::add_choice(const Parameters& parameters) {
  const model::Accelerator& accelerator = problem_.accelerator;
  model::Hardware hardware = largest_hardware_;
  hardware.parameters = parameters;
  const model::Machine machine = model::resolve(accelerator, hardware);
  // The energy of an access is affine in the KiB: two values tell all.
  for (const SizeGrid& size : sizes_) hardware.kib[size.level] = 0.0;
  const model::Machine at_zero = model::resolve(accelerator, hardware);
  for (const SizeGrid& size : sizes_) hardware.kib[size.level] = 1.0;
  const model::Machine at_one = model::resolve(accelerator, hardware);
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const double block = counts_words_[l] ? machine.block_words[l] : 1.0;
    const auto lower = [](double& value, double other) { value = std::min(value, other); };
    lower(largest_.block_energy_pj[l], machine.block_energy_pj[l] / block);
    lower(block_pj_at_zero_kib_[l], at_zero.block_energy_pj[l] / block);
    lower(block_pj_per_kib_[l], (at_one.block_energy_pj[l] - at_zero.block_energy_pj[l]) / block);
    largest_.bandwidth_words_per_cycle[l] =
        std::max(largest_.bandwidth_words_per_cycle[l], machine.bandwidth_words_per_cycle[l]);
    largest_.capacity_words[l] = std::max(largest_.capacity_words[l], machine.capacity_words[l]);
    for (model::Dim dim : model::kAllDims) {
      largest_.spatial_limit[l][dim] =
          std::max(largest_.spatial_limit[l][dim], machine.spatial_limit[l][dim]);
    }
  }
  std::size_t most_steps = 0;
  for (const SizeGrid& size : sizes_) most_steps = std::max(most_steps, size.kib.size());
  for (std::size_t step = 0; step < most_steps; ++step) {
    for (const SizeGrid& size : sizes_)
      hardware.kib[size.level] = size.kib[std::min(step, size.kib.size() - 1)];
    const model::Machine sized = model::resolve(accelerator, hardware);
    for (SizeGrid& size : sizes_) {
      if (step >= size.kib.size()) continue;
      std::int64_t& capacity = size.capacity_words[step];
      capacity = std::max(capacity, sized.capacity_words[size.level]);
    }
  }
}

model::Hardware ParameterPoint::hardware(const std::vector<std::size_t>& steps) const {
  model::Hardware hardware = largest_hardware_;
  for (std::size_t s = 0; s < sizes_.size(); ++s) {
    hardware.kib[sizes_[s].level] = sizes_[s].kib[steps[s]];
  }
  return hardware;
}

double ParameterPoint::area_mm2(const std::vector<std::size_t>& steps) const {
  model::Hardware sized = hardware(steps);
  double least = kInfinity;
  for (const Parameters& parameters : choices_) {
    sized.parameters = parameters;
    least = std::min(least, model::area_mm2(problem_.accelerator, sized));
  }
  return least;
}

bool ParameterPoint::needed_steps(const model::Mapping& mapping,
                                  const model::Layer& layer,
                                  std::size_t* steps) const {
  const model::PerLevel<std::int64_t> needed = evaluator_.words_needed(mapping, layer, largest_);
  for (int l = 0; l + 1 < largest_.num_levels; ++l) {
    if (needed[l] > largest_.capacity_words[l]) return false;
  }
  for (std::size_t s = 0; s < sizes_.size(); ++s) {
    const std::vector<std::int64_t>& capacity = sizes_[s].capacity_words;
    const auto enough = std::lower_bound(capacity.begin(), capacity.end(), needed[sizes_[s].level]);
    steps[s] = static_cast<std::size_t>(enough - capacity.begin());
  }
  return true;
}

bool ParameterPoint::may_fit(const model::Mapping& mapping, const model::Layer& layer) const {
  // The tiles' words only: what a driver needs beyond is not known to grow with the tiles.
  const model::PerLevel<std::int64_t> needed =
      model::words_needed(mapping, layer, problem_.accelerator);
  for (int l = 0; l + 1 < largest_.num_levels; ++l) {
    if (needed[l] > largest_.capacity_words[l]) return false;
  }
  return true;
}

SizedCost ParameterPoint::sized_cost(const model::LayerCost& roofline, double cycles) const {
  SizedCost cost;
  cost.cycles = cycles;
  cost.pj_at_zero_kib = roofline.mac_energy_pj;
  std::size_t next = 0;
  for (int l = 0; l < largest_.num_levels; ++l) {
    const bool is_sized = next < sizes_.size() && sizes_[next].level == l;
    const double block_pj = largest_.block_energy_pj[l];
    const double blocks = block_pj > 0.0 ? roofline.level_energy_pj[l] / block_pj : 0.0;
    cost.pj_at_zero_kib +=
        is_sized ? blocks * block_pj_at_zero_kib_[l] : roofline.level_energy_pj[l];
    if (is_sized) cost.pj_per_kib[next++] = blocks * block_pj_per_kib_[l];
  }
  return cost;
}

double count_sizes(const Problem& problem, const model::Level& level) {
  return count_values(*level.kib, fixed_value(problem, level.name + "_kib"));
}

std::optional<std::vector<ParameterPoint::Parameters>> parameter_grid(const Problem& problem,
                                                                      std::size_t most) {
  std::vector<ParameterPoint::Parameters> grid = {{}};
  for (const model::Parameter& parameter : problem.accelerator.parameters) {
    const std::optional<double> fixed = fixed_value(problem, parameter.name);
    const double points = static_cast<double>(grid.size()) * count_values(parameter.range, fixed);
    if (points > static_cast<double>(most)) return std::nullopt;
    const std::vector<double> values = grid_values(parameter.range, fixed);
    std::vector<ParameterPoint::Parameters> longer;
    for (const ParameterPoint::Parameters& point : grid) {
      for (double value : values) {
        longer.push_back(point);
        longer.back().push_back(static_cast<std::int64_t>(value));
      }
    }
    grid = std::move(longer);
  }
  return grid;
}

}  // namespace masala::search
