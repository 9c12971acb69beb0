// The free hardware values as a unit cube, uniform in their logarithms.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "search/space/discrete_space.h"

namespace masala::search {

class HardwareCube {
 public:
  explicit HardwareCube(const DiscreteSpace& space);

  // 0 where every value is fixed.
  std::size_t num_dimensions() const { return keys_.size(); }
  // Coordinates in [0, 1] of the free values, in the order of the file.
  std::vector<double> place(const model::Hardware& hardware) const;
  // The hardware on the grid near a point; coordinates outside the cube are clamped.
  model::Hardware at(const std::vector<double>& coordinates) const;

  // A usable point within `distance` along each coordinate, or the next value on the grid where
  // that is farther; one or several of them change. Where the area is exceeded, values are lowered
  // until it is not. nullopt where none was met.
  std::optional<model::Hardware> neighbour(const model::Hardware& hardware,
                                           double distance,
                                           std::mt19937_64& rng) const;

 private:
  double grid_distance(std::size_t key, const model::Hardware& hardware) const;
  model::Hardware step(const model::Hardware& hardware,
                       double distance,
                       std::mt19937_64& rng) const;

  const DiscreteSpace& space_;
  std::vector<std::string> keys_;
  std::vector<model::Range> ranges_;
  model::Hardware fixed_;  // the values that are not free
};

}  // namespace masala::search
