#include "support/tile_sequence.h"

#include <algorithm>
#include <limits>

namespace masala::testing::nest {

TileSequence::TileSequence(
    Operand operand, const Mapping& mapping, const Layer& layer, int level, int through)
    : operand_(operand), layer_(layer) {
  const std::vector<Digit> digits = digits_of(mapping);
  loops_ = select(digits, [&](const Digit& d) { return !d.is_spatial && d.level > level; });
  reach_ = reach_of(select(digits, [&](const Digit& d) {
    return d.level <= level || (d.is_spatial && d.level <= through);
  }));
  // What one increment of a loop adds to the position.
  for (const Digit& loop : loops_) {
    Point unit{};
    unit[loop.dim] = loop.weight;
    steps_.push_back(word_at(operand, unit, layer));
  }
}

CreditDisagreements TileSequence::disagreements() const {
  CreditDisagreements result;
  std::vector<std::int64_t> old_values;
  Word old_position{};
  for_each_step([&](const Point& point, const std::vector<std::int64_t>& values) {
    const Word position = word_at(operand_, point, layer_);
    if (!old_values.empty()) {
      const Word displacement = difference(position, old_position);
      const bool timeloop = advance(old_values, values).is_like_innermost;
      const bool truth = displacement == steps_.front();
      const bool stays = displacement == Word{} && !truth;
      if (stays) {
        ++result.tile_stays;
      } else if (timeloop != truth) {
        ++(timeloop ? result.only_timeloop_credits : result.only_truth_credits);
      }
    }
    old_values = values;
    old_position = position;
  });
  return result;
}

bool TileSequence::takes_part(const Point& point) const {
  return std::all_of(model::kAllDims.begin(), model::kAllDims.end(), [&](Dim dim) {
    return model::is_indexed_by(operand_, dim) || point[dim] < layer_.bounds[dim];
  });
}

TileSequence::Advance TileSequence::advance(const std::vector<std::int64_t>& from,
                                            const std::vector<std::int64_t>& to) const {
  std::size_t loop = loops_.size() - 1;
  while (from[loop] == to[loop]) --loop;
  Word inner{};
  std::size_t innermost = loop;
  for (std::size_t i = loop; i-- > 0;) {
    if (from[i] == 0) continue;
    innermost = i;
    for (int axis = 0; axis < kNumAxes; ++axis) inner[axis] += steps_[i][axis];
  }
  const Word assumed = difference(steps_[loop], inner);
  return {loop, innermost != loop, assumed, assumed == steps_[innermost]};
}

std::int64_t TileSequence::credited(const Tile& old_tile,
                                    const Tile& new_tile,
                                    const Step& step,
                                    HaloCredit credit) const {
  const bool any = operand_ != Operand::inputs || credit == HaloCredit::any_overlap;
  if (any) return common_words(old_tile, new_tile);
  if (credit == HaloCredit::like_innermost_loop) {
    const bool keeps = step.displacement == Word{} || step.displacement == steps_.front();
    return keeps ? common_words(old_tile, new_tile) : 0;
  }
  if (!step.advance.is_like_innermost) return 0;
  if (!step.advance.rewinds) return common_words(old_tile, new_tile);
  // The old tile is thought to be as large as the new one, whole along the loop's dimension, and
  // to lie where Timeloop has it.
  Point bounds = layer_.bounds;
  bounds[loops_[step.advance.loop].dim] = std::numeric_limits<std::int64_t>::max();
  const Tile whole = tile_at(operand_, reach_, step.point, bounds, layer_);
  return common_words(new_tile, shifted(whole, difference(Word{}, step.advance.assumed)));
}

}  // namespace masala::testing::nest
