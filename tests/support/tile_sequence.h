// The tiles of one level, step by step of the loops outside it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "support/loop_nest.h"
#include "support/nest_tiles.h"

namespace masala::testing::nest {

// The tiles that one instance of `through` sees at `level`, one after the other.
//
// All instances step together, at the steps at which any of them has work. An instance that is
// beyond a bound holds nothing along a dimension of the operand; along another one it takes no part
// in the step and keeps what it has.
class TileSequence {
 public:
  TileSequence(Operand operand, const Mapping& mapping, const Layer& layer, int level, int through);

  // Calls visit(old tile or nullptr, new tile, words fetched) at every step of the loops.
  template <class Visit>
  void run(const Point& instance, HaloCredit credit, const Visit& visit) const {
    std::vector<std::int64_t> old_values;  // of the last step of all instances
    bool is_first = true;
    Tile old_tile;
    Word old_position{};
    for_each_step([&](const Point& offset, const std::vector<std::int64_t>& values) {
      Point point = instance;
      for (Dim dim : model::kAllDims) point[dim] += offset[dim];
      if (takes_part(point)) {
        const Word position = word_at(operand_, point, layer_);
        Tile tile = tile_at(operand_, reach_, point, layer_.bounds, layer_);
        std::int64_t fetched = tile.words();
        if (!is_first) {
          const Step step{advance(old_values, values), difference(position, old_position), point};
          fetched -= credited(old_tile, tile, step, credit);
        }
        visit(is_first ? nullptr : &old_tile, tile, fetched);
        is_first = false;
        old_tile = std::move(tile);
        old_position = position;
      }
      old_values = values;
    });
  }

  CreditDisagreements disagreements() const;

 private:
  // How the loops go from one step to the next: one advances, some inside it go back to 0.
  struct Advance {
    std::size_t loop;
    bool rewinds;            // any loop goes back
    Word assumed;            // Timeloop's displacement: each of them goes back by one
    bool is_like_innermost;  // which equals the one of the innermost that goes back, if any does
  };
  struct Step {
    Advance advance;
    Word displacement;
    Point point;
  };

  // Calls visit(offset, values) at the steps with work for any instance, hence for the first.
  template <class Visit>
  void for_each_step(const Visit& visit) const {
    for_each_point(loops_, Point{}, [&](const Point& offset, const auto& values) {
      if (is_inside(offset, layer_)) visit(offset, values);
    });
  }

  bool takes_part(const Point& point) const;
  Advance advance(const std::vector<std::int64_t>& from, const std::vector<std::int64_t>& to) const;
  std::int64_t credited(const Tile& old_tile,
                        const Tile& new_tile,
                        const Step& step,
                        HaloCredit credit) const;

  Operand operand_;
  const Layer& layer_;
  std::vector<Digit> loops_;
  PerDim<AxisSet> reach_;
  std::vector<Word> steps_;
};

}  // namespace masala::testing::nest
