#include "search/space/hardware_draw.h"

#include <cmath>

#include "search/space/hardware_space.h"

namespace masala::search {
namespace {

// Uniform in the logarithm over the range, on its grid.
std::int64_t random_value(const model::Range& range, std::mt19937_64& rng) {
  const double low = std::log(static_cast<double>(range.min));
  const double high = std::log(static_cast<double>(range.max));
  const double draw = std::exp(low + random_unit(rng) * (high - low));
  return range.round_up(std::floor(draw)).value_or(range.max);
}

}  // namespace

model::Hardware random_hardware(const model::Accelerator& accelerator,
                                const std::vector<model::FixedValue>& fixed,
                                std::mt19937_64& rng) {
  model::Hardware hardware = model::default_hardware(accelerator);
  for (const std::string& key : model::hardware_keys(accelerator)) {
    const std::int64_t value = random_value(*model::hardware_range(accelerator, key), rng);
    model::set_hardware_value(accelerator, hardware, key, static_cast<double>(value));
  }
  for (const model::FixedValue& value : fixed) {
    model::set_hardware_value(accelerator, hardware, value.key, value.value);
  }
  return hardware;
}

bool is_usable(const DiscreteSpace& space, const model::Hardware& hardware) {
  if (!area_allowed(space.problem(), hardware)) return false;
  const model::Machine machine = model::resolve(space.problem().accelerator, hardware);
  const std::vector<CostedMapping>& smallest = space.smallest_tiles();
  for (std::size_t i = 0; i < smallest.size(); ++i) {
    if (!space.evaluator().fits(smallest[i].mapping, space.layer(i), machine)) return false;
  }
  return true;
}

std::optional<model::Hardware> draw_hardware(const DiscreteSpace& space, std::mt19937_64& rng) {
  constexpr int kTries = 1000;
  const Problem& problem = space.problem();
  for (int tries = 0; tries < kTries; ++tries) {
    model::Hardware hardware = random_hardware(problem.accelerator, problem.fixed, rng);
    if (is_usable(space, hardware)) return hardware;
  }
  const auto shrunk = shrunk_to_area(
      problem, free_keys(problem), random_hardware(problem.accelerator, problem.fixed, rng));
  if (shrunk && is_usable(space, *shrunk)) return shrunk;
  const auto smallest = space.hardware_for(space.smallest_tiles());
  return smallest && area_allowed(problem, *smallest) ? smallest : std::nullopt;
}

}  // namespace masala::search
