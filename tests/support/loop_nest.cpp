#include "support/loop_nest.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

namespace masala::testing {
namespace {

using model::Dim;
using model::Layer;
using model::Mapping;
using model::Operand;
using model::PerDim;

using Point = PerDim<std::int64_t>;         // one value of r, s, p, q, c, k, n
using Word = std::array<std::int64_t, 4>;   // one element of an operand
using AxisSet = std::vector<std::int64_t>;  // sorted

constexpr int kNumAxes = 4;

// One digit of the mixed-radix number that a loop index is: a temporal or spatial loop.
struct Digit {
  Dim dim;
  std::int64_t bound;
  int level;
  bool is_spatial;
  std::int64_t weight;  // what an increment adds to the index
};

// Digits with a bound above 1, inner to outer. The spatial factors of a level lie inside its
// temporal loops.
std::vector<Digit> digits_of(const Mapping& mapping) {
  std::vector<Digit> digits;
  Point weight = model::filled<std::int64_t>(1);
  const auto append = [&](Dim dim, std::int64_t bound, int level, bool is_spatial) {
    if (bound > 1) digits.push_back({dim, bound, level, is_spatial, weight[dim]});
    weight[dim] *= bound;
  };
  for (int l = 0; l < mapping.num_levels; ++l) {
    const auto& loops = mapping.levels[l];
    for (Dim dim : model::kAllDims) append(dim, loops.spatial[dim], l, true);
    for (auto it = loops.order.rbegin(); it != loops.order.rend(); ++it) {
      append(*it, loops.temporal[*it], l, false);
    }
  }
  return digits;
}

template <class Predicate>
std::vector<Digit> select(const std::vector<Digit>& digits, const Predicate& predicate) {
  std::vector<Digit> selected;
  std::copy_if(digits.begin(), digits.end(), std::back_inserter(selected), predicate);
  return selected;
}

// Calls visit(point, carried) for every combination of the digits, first digit fastest; `carried`
// is the digit that the last increment raised, -1 at the start.
template <class Visit>
void for_each_point(const std::vector<Digit>& digits, Point point, const Visit& visit) {
  std::vector<std::int64_t> values(digits.size(), 0);
  int carried = -1;
  while (true) {
    visit(point, carried);
    std::size_t i = 0;
    for (; i < digits.size() && values[i] + 1 == digits[i].bound; ++i) {
      point[digits[i].dim] -= values[i] * digits[i].weight;
      values[i] = 0;
    }
    if (i == digits.size()) return;
    ++values[i];
    point[digits[i].dim] += digits[i].weight;
    carried = static_cast<int>(i);
  }
}

Word word_at(Operand operand, const Point& point, const Layer& layer) {
  switch (operand) {
    case Operand::weights: return {point[Dim::R], point[Dim::S], point[Dim::C], point[Dim::K]};
    case Operand::inputs:
      return {point[Dim::P] * layer.stride_w + point[Dim::R] * layer.dilation_w,
              point[Dim::Q] * layer.stride_h + point[Dim::S] * layer.dilation_h,
              point[Dim::C],
              point[Dim::N]};
    case Operand::outputs: break;
  }
  return {point[Dim::P], point[Dim::Q], point[Dim::K], point[Dim::N]};
}

// The words of a tile: the product of one set per axis.
struct Tile {
  std::array<AxisSet, kNumAxes> axes;

  std::int64_t words() const {
    std::int64_t product = 1;
    for (const AxisSet& axis : axes) product *= static_cast<std::int64_t>(axis.size());
    return product;
  }
};

std::int64_t common_elements(const AxisSet& a, const AxisSet& b) {
  std::int64_t count = 0;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i == *j) {
      ++count;
      ++i;
      ++j;
    } else {
      ++(*i < *j ? i : j);
    }
  }
  return count;
}

std::int64_t common_words(const Tile& a, const Tile& b) {
  std::int64_t product = 1;
  for (int axis = 0; axis < kNumAxes; ++axis) {
    product *= common_elements(a.axes[axis], b.axes[axis]);
  }
  return product;
}

Tile shifted(Tile tile, const Word& by) {
  for (int axis = 0; axis < kNumAxes; ++axis) {
    for (std::int64_t& value : tile.axes[axis]) value += by[axis];
  }
  return tile;
}

template <class Visit>
void for_each_word(const Tile& tile, const Visit& visit) {
  for (std::int64_t a : tile.axes[0]) {
    for (std::int64_t b : tile.axes[1]) {
      for (std::int64_t c : tile.axes[2]) {
        for (std::int64_t d : tile.axes[3]) visit(Word{a, b, c, d});
      }
    }
  }
}

Word difference(const Word& a, const Word& b) {
  Word result{};
  for (int axis = 0; axis < kNumAxes; ++axis) result[axis] = a[axis] - b[axis];
  return result;
}

// The tile of one level at the origin: the words of every point its own digits reach. Each axis
// depends on its own dimensions only, so the axes are found one dimension at a time.
Tile tile_at_origin(Operand operand, const std::vector<Digit>& own_digits, const Layer& layer) {
  // Per axis, the sums of all choices of the digits that move along it.
  std::array<std::set<std::int64_t>, kNumAxes> sums;
  for (auto& axis : sums) axis.insert(0);
  for (const Digit& digit : own_digits) {
    Point unit{};
    unit[digit.dim] = digit.weight;
    const Word step = word_at(operand, unit, layer);
    for (int axis = 0; axis < kNumAxes; ++axis) {
      std::set<std::int64_t> grown;
      for (std::int64_t value = 0; value < digit.bound; ++value) {
        for (std::int64_t sum : sums[axis]) grown.insert(sum + value * step[axis]);
      }
      sums[axis] = grown;
    }
  }
  Tile tile;
  for (int axis = 0; axis < kNumAxes; ++axis) {
    tile.axes[axis].assign(sums[axis].begin(), sums[axis].end());
    const bool is_sliding = operand == Operand::inputs && axis < 2;
    if (!is_sliding) continue;
    AxisSet box(tile.axes[axis].back() - tile.axes[axis].front() + 1);
    std::iota(box.begin(), box.end(), tile.axes[axis].front());
    tile.axes[axis] = box;
  }
  return tile;
}

// The tiles that one instance of `through` sees at `level`, one after the other.
class TileSequence {
 public:
  TileSequence(Operand operand, const Mapping& mapping, const Layer& layer, int level, int through)
      : operand_(operand), layer_(layer) {
    const std::vector<Digit> digits = digits_of(mapping);
    loops_ = select(digits, [&](const Digit& d) { return !d.is_spatial && d.level > level; });
    origin_ =
        tile_at_origin(operand,
                       select(digits,
                              [&](const Digit& d) {
                                return d.level <= level || (d.is_spatial && d.level <= through);
                              }),
                       layer);
    // What one increment of a loop adds to the position, and what Timeloop assumes a carry adds.
    Word inner{};
    for (const Digit& loop : loops_) {
      Point unit{};
      unit[loop.dim] = loop.weight;
      const Word step = word_at(operand, unit, layer);
      steps_.push_back(step);
      assumed_.push_back(difference(step, inner));
      for (int axis = 0; axis < kNumAxes; ++axis) inner[axis] += step[axis];
    }
  }

  // Calls visit(old tile or nullptr, new tile, words fetched) at every step of the loops.
  template <class Visit>
  void run(const Point& instance, HaloCredit credit, const Visit& visit) const {
    Tile old_tile;
    Word old_position{};
    for_each_point(loops_, instance, [&](const Point& point, int carried) {
      const Word position = word_at(operand_, point, layer_);
      Tile tile = shifted(origin_, position);
      std::int64_t fetched = tile.words();
      if (carried >= 0) {
        fetched -= credited(old_tile, tile, difference(position, old_position), carried, credit);
      }
      visit(carried >= 0 ? &old_tile : nullptr, tile, fetched);
      old_tile = std::move(tile);
      old_position = position;
    });
  }

  CreditDisagreements disagreements() const {
    CreditDisagreements result;
    Word old_position{};
    for_each_point(loops_, Point{}, [&](const Point& point, int carried) {
      const Word position = word_at(operand_, point, layer_);
      if (carried >= 0) {
        const Word displacement = difference(position, old_position);
        const bool timeloop = assumed_[carried] == steps_.front();
        const bool truth = displacement == steps_.front();
        const bool stays = displacement == Word{} && !truth;
        if (stays) {
          ++result.tile_stays;
        } else if (timeloop != truth) {
          ++(timeloop ? result.only_timeloop_credits : result.only_truth_credits);
        }
      }
      old_position = position;
    });
    return result;
  }

 private:
  std::int64_t credited(const Tile& old_tile,
                        const Tile& new_tile,
                        const Word& displacement,
                        int carried,
                        HaloCredit credit) const {
    const bool any = operand_ != Operand::inputs || credit == HaloCredit::any_overlap;
    if (any) return common_words(old_tile, new_tile);
    if (credit == HaloCredit::like_innermost_loop) {
      const bool keeps = displacement == Word{} || displacement == steps_.front();
      return keeps ? common_words(old_tile, new_tile) : 0;
    }
    if (assumed_[carried] != steps_.front()) return 0;
    return common_words(origin_, shifted(origin_, steps_.front()));
  }

  Operand operand_;
  const Layer& layer_;
  std::vector<Digit> loops_;
  Tile origin_;
  std::vector<Word> steps_;
  std::vector<Word> assumed_;
};

std::vector<Digit> instance_digits(const Mapping& mapping, int level) {
  return select(digits_of(mapping),
                [&](const Digit& d) { return d.is_spatial && d.level > level; });
}

// Accesses of the MACs to the level that feeds them. At one time, MACs below one instance share an
// access where their indices of the operand's dimensions are all equal.
struct MacAccesses {
  std::int64_t accesses = 0;
  std::int64_t first_of_word = 0;  // the first to a word, per instance
};

MacAccesses mac_accesses(Operand operand, const Mapping& mapping, const Layer& layer, int level) {
  const std::vector<Digit> digits = digits_of(mapping);
  const auto times = select(digits, [](const Digit& d) { return !d.is_spatial; });
  const auto lanes =
      select(digits, [&](const Digit& d) { return d.is_spatial && d.level <= level; });
  MacAccesses result;
  std::vector<std::array<std::int64_t, model::kNumDims>> distinct;
  for_each_point(instance_digits(mapping, level), Point{}, [&](const Point& instance, int) {
    std::set<Word> seen;
    for_each_point(times, instance, [&](const Point& time, int) {
      distinct.clear();
      for_each_point(lanes, time, [&](Point mac, int) {
        seen.insert(word_at(operand, mac, layer));
        for (Dim dim : model::kAllDims) {
          if (!model::is_indexed_by(operand, dim)) mac[dim] = 0;
        }
        distinct.push_back(mac.values);
      });
      std::sort(distinct.begin(), distinct.end());
      result.accesses += std::unique(distinct.begin(), distinct.end()) - distinct.begin();
    });
    result.first_of_word += static_cast<std::int64_t>(seen.size());
  });
  return result;
}

std::int64_t total_fetched(const TileSequence& tiles,
                           const std::vector<Digit>& instances,
                           HaloCredit credit) {
  std::int64_t total = 0;
  for_each_point(instances, Point{}, [&](const Point& instance, int) {
    tiles.run(instance, credit, [&](const Tile*, const Tile&, std::int64_t fetched) {
      total += fetched;
    });
  });
  return total;
}

// Partial sums that leave the output tiles below each instance, the last tile included.
MacAccesses write_backs(const TileSequence& tiles, const std::vector<Digit>& instances) {
  MacAccesses result;
  for_each_point(instances, Point{}, [&](const Point& instance, int) {
    std::set<Word> seen;
    Tile last;
    tiles.run(
        instance, HaloCredit::any_overlap, [&](const Tile* old, const Tile& tile, std::int64_t) {
          if (old != nullptr) result.accesses += old->words() - common_words(*old, tile);
          const bool moved = old == nullptr || old->axes != tile.axes;
          if (moved) for_each_word(tile, [&](const Word& word) { seen.insert(word); });
          last = tile;
        });
    result.accesses += last.words();
    result.first_of_word += static_cast<std::int64_t>(seen.size());
  });
  return result;
}

}  // namespace

std::int64_t words_fetched(Operand operand,
                           const Mapping& mapping,
                           const Layer& layer,
                           int level,
                           int through,
                           HaloCredit credit) {
  return total_fetched(TileSequence(operand, mapping, layer, level, through), {}, credit);
}

CreditDisagreements credit_disagreements(const Mapping& mapping,
                                         const Layer& layer,
                                         int level,
                                         int through) {
  return TileSequence(Operand::inputs, mapping, layer, level, through).disagreements();
}

model::Traffic interpret(const Mapping& mapping,
                         const Layer& layer,
                         const model::Machine& machine,
                         HaloCredit credit) {
  model::Traffic traffic;
  for (Operand operand : model::kAllOperands) {
    int level = 0;
    while (!machine.keeps[level][operand]) ++level;
    const MacAccesses macs = mac_accesses(operand, mapping, layer, level);
    const bool is_output = operand == Operand::outputs;
    if (is_output) {
      traffic.updates[level][operand] = macs.accesses;
      traffic.reads[level][operand] = macs.accesses - macs.first_of_word;
    } else {
      traffic.reads[level][operand] = macs.accesses;
    }
    for (int parent = level + 1; parent < machine.num_levels; ++parent) {
      if (!machine.keeps[parent][operand]) continue;
      const TileSequence own(operand, mapping, layer, level, level);
      const TileSequence joint(operand, mapping, layer, level, parent);
      traffic.fills[level][operand] = total_fetched(own, instance_digits(mapping, level), credit);
      const auto parents = instance_digits(mapping, parent);
      if (is_output) {
        const MacAccesses updates = write_backs(joint, parents);
        traffic.updates[parent][operand] = updates.accesses;
        traffic.reads[parent][operand] = updates.accesses - updates.first_of_word;
      } else {
        traffic.reads[parent][operand] = total_fetched(joint, parents, credit);
      }
      level = parent;
    }
  }
  return traffic;
}

}  // namespace masala::testing
