// Hardware values of an accelerator description: keys, ranges, area, and resolution to numbers.
#include <algorithm>
#include <cmath>

#include "masala/model/accelerator.h"
#include "masala/model/cost.h"

namespace masala::model {
namespace {

constexpr std::string_view kKibSuffix = "_kib";

// The sized level that a "<level>_kib" key names, or nullopt.
std::optional<int> sized_level(const Accelerator& accelerator, std::string_view key) {
  if (key.size() <= kKibSuffix.size()) return std::nullopt;
  const std::string_view stem = key.substr(0, key.size() - kKibSuffix.size());
  if (key.substr(stem.size()) != kKibSuffix) return std::nullopt;
  const std::optional<int> level = accelerator.find_level(stem);
  if (!level || !accelerator.levels[*level].is_sized()) return std::nullopt;
  return level;
}

std::int64_t grid_step(const Range& range) {
  return std::max<std::int64_t>(1, range.step);
}

std::optional<double> fixed_value(const std::vector<FixedValue>& fixed, std::string_view key) {
  for (const FixedValue& value : fixed) {
    if (value.key == key) return value.value;
  }
  return std::nullopt;
}

}  // namespace

bool Range::contains(std::int64_t value) const {
  if (value < min || value > max) return false;
  if (powers_of_two) return value > 0 && (value & (value - 1)) == 0;
  return (value - min) % grid_step(*this) == 0;
}

std::optional<std::int64_t> Range::round_up(double need) const {
  std::int64_t value = min;
  if (powers_of_two) {
    while (static_cast<double>(value) < need && value <= max) value *= 2;
  } else if (need > static_cast<double>(min)) {
    const auto stride = static_cast<double>(grid_step(*this));
    const double steps = std::ceil((need - static_cast<double>(min)) / stride);
    if (steps > static_cast<double>(max)) return std::nullopt;
    value = min + static_cast<std::int64_t>(steps) * grid_step(*this);
  }
  if (value > max) return std::nullopt;
  return value;
}

std::int64_t Range::nearest(double wanted) const {
  if (powers_of_two) {
    std::int64_t value = min;
    for (auto above = next(value, true); above; above = next(value, true)) {
      if (wanted * wanted < static_cast<double>(value) * static_cast<double>(*above)) break;
      value = *above;
    }
    return value;
  }
  const double most = static_cast<double>((max - min) / grid_step(*this));
  const double steps =
      std::round((wanted - static_cast<double>(min)) / static_cast<double>(grid_step(*this)));
  return min + static_cast<std::int64_t>(std::clamp(steps, 0.0, most)) * grid_step(*this);
}

std::optional<std::int64_t> Range::next(std::int64_t value, bool up) const {
  std::int64_t to = up ? value + grid_step(*this) : value - grid_step(*this);
  if (powers_of_two) to = up ? value * 2 : value / 2;
  if (to < min || to > max) return std::nullopt;
  return to;
}

std::optional<int> Accelerator::find_parameter(std::string_view parameter_name) const {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].name == parameter_name) return static_cast<int>(i);
  }
  return std::nullopt;
}

std::optional<int> Accelerator::find_level(std::string_view level_name) const {
  for (int i = 0; i < num_levels(); ++i) {
    if (levels[i].name == level_name) return i;
  }
  return std::nullopt;
}

int Accelerator::innermost_keeping(Operand operand) const {
  int level = 0;
  while (!levels[level].keeps[operand]) ++level;
  return level;
}

std::optional<int> Accelerator::parent(int level, Operand operand) const {
  for (int m = level + 1; m < num_levels(); ++m) {
    if (levels[m].keeps[operand]) return m;
  }
  return std::nullopt;
}

Hardware default_hardware(const Accelerator& accelerator) {
  Hardware hardware;
  for (const Parameter& parameter : accelerator.parameters) {
    hardware.parameters.push_back(parameter.range.fallback);
  }
  for (int level = 0; level < accelerator.num_levels(); ++level) {
    const auto& kib = accelerator.levels[level].kib;
    if (kib) hardware.kib[level] = static_cast<double>(kib->fallback);
  }
  return hardware;
}

std::vector<std::string> hardware_keys(const Accelerator& accelerator) {
  std::vector<std::string> keys;
  for (const Parameter& parameter : accelerator.parameters) keys.push_back(parameter.name);
  // Outer levels first.
  for (int level = accelerator.num_levels() - 1; level >= 0; --level) {
    if (accelerator.levels[level].is_sized()) {
      keys.push_back(accelerator.levels[level].name + std::string(kKibSuffix));
    }
  }
  return keys;
}

std::optional<double> hardware_value(const Accelerator& accelerator,
                                     const Hardware& hardware,
                                     std::string_view key) {
  if (const auto parameter = accelerator.find_parameter(key)) {
    return static_cast<double>(hardware.parameters[*parameter]);
  }
  if (const auto level = sized_level(accelerator, key)) return hardware.kib[*level];
  return std::nullopt;
}

bool set_hardware_value(const Accelerator& accelerator,
                        Hardware& hardware,
                        std::string_view key,
                        double value) {
  if (const auto parameter = accelerator.find_parameter(key)) {
    hardware.parameters[*parameter] = static_cast<std::int64_t>(value);
    return true;
  }
  if (const auto level = sized_level(accelerator, key)) {
    hardware.kib[*level] = value;
    return true;
  }
  return false;
}

const Range* hardware_range(const Accelerator& accelerator, std::string_view key) {
  if (const auto parameter = accelerator.find_parameter(key)) {
    return &accelerator.parameters[*parameter].range;
  }
  if (const auto level = sized_level(accelerator, key)) return &*accelerator.levels[*level].kib;
  return nullptr;
}

double area_mm2(const Accelerator& accelerator, const Hardware& hardware) {
  const auto value_of = [&](const std::string& key) {
    return *hardware_value(accelerator, hardware, key);
  };
  const auto power = [](double value, double exponent) { return std::pow(value, exponent); };
  return area_mm2(accelerator.area, value_of, power, 1.0);
}

Machine resolve(const Accelerator& accelerator, const Hardware& hardware) {
  Machine machine;
  machine.num_levels = accelerator.num_levels();
  machine.mac_energy_pj = accelerator.mac_energy_pj;
  for (int l = 0; l < machine.num_levels; ++l) {
    const Level& level = accelerator.levels[l];
    const double instances = level.instances.value(hardware.parameters);
    machine.keeps[l] = level.keeps;
    machine.spatial_limit[l] = filled<std::int64_t>(1);
    for (const SpatialDim& spatial : level.spatial) {
      machine.spatial_limit[l][spatial.dim] =
          static_cast<std::int64_t>(spatial.limit.value(hardware.parameters));
    }
    machine.capacity_words[l] = level.capacity_words;
    if (level.is_sized()) {
      machine.capacity_words[l] = static_cast<std::int64_t>(
          std::floor(hardware.kib[l] * kBitsPerKib / level.word_bits / instances));
    }
    if (level.bandwidth_words_per_cycle) {
      machine.bandwidth_words_per_cycle[l] =
          level.bandwidth_words_per_cycle->value(hardware.parameters);
    }
    machine.block_words[l] = level.block_words.value(hardware.parameters);
    machine.block_energy_pj[l] =
        level.block_energy_pj(machine.block_words[l], hardware.kib[l] / instances, 1.0);
    for (Operand operand : kAllOperands) {
      machine.parent[l][operand] =
          level.keeps[operand] ? accelerator.parent(l, operand).value_or(-1) : -1;
    }
  }
  for (Operand operand : kAllOperands) {
    machine.innermost[operand] = accelerator.innermost_keeping(operand);
  }
  return machine;
}

std::optional<Hardware> smallest_hardware(const HardwareNeed& need,
                                          const Accelerator& accelerator,
                                          const std::vector<FixedValue>& fixed) {
  Hardware hardware;
  for (std::size_t p = 0; p < accelerator.parameters.size(); ++p) {
    const Parameter& parameter = accelerator.parameters[p];
    double wanted = 0.0;
    for (int l = 0; l < accelerator.num_levels(); ++l) {
      for (const SpatialDim& spatial : accelerator.levels[l].spatial) {
        if (spatial.limit.parameter != static_cast<int>(p)) continue;
        wanted = std::max(wanted,
                          static_cast<double>(need.spatial[l][spatial.dim]) / spatial.limit.factor);
      }
    }
    const auto given = fixed_value(fixed, parameter.name);
    const auto value = given ? std::optional<std::int64_t>(static_cast<std::int64_t>(*given))
                             : parameter.range.round_up(wanted);
    if (!value || static_cast<double>(*value) < wanted) return std::nullopt;
    hardware.parameters.push_back(*value);
  }
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const Level& level = accelerator.levels[l];
    if (level.capacity_words > 0 && need.words[l] > level.capacity_words) return std::nullopt;
    if (!level.is_sized()) continue;
    const double wanted = level.kib_for(static_cast<double>(need.words[l]),
                                        level.instances.value(hardware.parameters));
    const auto given = fixed_value(fixed, level.name + std::string(kKibSuffix));
    const auto rounded = level.kib->round_up(wanted);
    if (given ? *given < wanted : !rounded) return std::nullopt;
    hardware.kib[l] = given ? *given : static_cast<double>(*rounded);
  }
  // Unrolling that no parameter can make room for.
  const Machine machine = resolve(accelerator, hardware);
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    for (Dim dim : kAllDims) {
      if (need.spatial[l][dim] > machine.spatial_limit[l][dim]) return std::nullopt;
    }
  }
  return hardware;
}

}  // namespace masala::model
