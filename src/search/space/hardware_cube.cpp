#include "search/space/hardware_cube.h"

#include <algorithm>
#include <cmath>

#include "search/space/hardware_draw.h"
#include "search/space/hardware_space.h"

namespace masala::search {

HardwareCube::HardwareCube(const DiscreteSpace& space)
    : space_(space), keys_(free_keys(space.problem())), fixed_(largest_hardware(space.problem())) {
  for (const std::string& key : keys_) {
    ranges_.push_back(*model::hardware_range(space.problem().accelerator, key));
  }
}

std::vector<double> HardwareCube::place(const model::Hardware& hardware) const {
  std::vector<double> coordinates;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const double low = std::log(static_cast<double>(ranges_[i].min));
    const double high = std::log(static_cast<double>(ranges_[i].max));
    const double now = *model::hardware_value(space_.problem().accelerator, hardware, keys_[i]);
    coordinates.push_back((std::log(now) - low) / (high - low));
  }
  return coordinates;
}

model::Hardware HardwareCube::at(const std::vector<double>& coordinates) const {
  model::Hardware hardware = fixed_;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const double low = std::log(static_cast<double>(ranges_[i].min));
    const double high = std::log(static_cast<double>(ranges_[i].max));
    const double wanted = std::exp(low + std::clamp(coordinates[i], 0.0, 1.0) * (high - low));
    const std::int64_t value = ranges_[i].nearest(wanted);
    model::set_hardware_value(
        space_.problem().accelerator, hardware, keys_[i], static_cast<double>(value));
  }
  return hardware;
}

// From the hardware's value to the next one on the grid.
double HardwareCube::grid_distance(std::size_t key, const model::Hardware& hardware) const {
  const model::Range& range = ranges_[key];
  const double now = *model::hardware_value(space_.problem().accelerator, hardware, keys_[key]);
  const auto value = static_cast<std::int64_t>(now);
  auto other = range.next(value, true);
  if (!other) other = range.next(value, false);
  if (!other) return 0.0;
  const double whole = std::log(static_cast<double>(range.max) / static_cast<double>(range.min));
  return std::abs(std::log(static_cast<double>(*other) / now)) / whole;
}

model::Hardware HardwareCube::step(const model::Hardware& hardware,
                                   double distance,
                                   std::mt19937_64& rng) const {
  std::vector<double> coordinates = place(hardware);
  const std::size_t always = random_below(rng, keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (i != always && random_below(rng, keys_.size()) != 0) continue;
    const double reach = std::max(distance, grid_distance(i, hardware));
    coordinates[i] += reach * (2.0 * random_unit(rng) - 1.0);
  }
  return at(coordinates);
}

std::optional<model::Hardware> HardwareCube::neighbour(const model::Hardware& hardware,
                                                       double distance,
                                                       std::mt19937_64& rng) const {
  constexpr int kTries = 50;  // a short step may end on the same grid point
  if (keys_.empty()) return std::nullopt;
  for (int tries = 0; tries < kTries; ++tries) {
    const auto moved = shrunk_to_area(space_.problem(), keys_, step(hardware, distance, rng));
    if (!moved || same_hardware(*moved, hardware)) continue;
    if (is_usable(space_, *moved)) return moved;
  }
  return std::nullopt;
}

}  // namespace masala::search
