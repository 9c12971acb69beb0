// Loop indices, words and tiles as sets of coordinates: what the loop-nest interpreter is made of.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::testing::nest {

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
// temporal loops. Where input tiles cannot overlap, unrolled digits have the lowest weights:
// neighbouring positions go to different instances.
std::vector<Digit> digits_of(const Mapping& mapping);

template <class Predicate>
std::vector<Digit> select(const std::vector<Digit>& digits, const Predicate& predicate) {
  std::vector<Digit> selected;
  std::copy_if(digits.begin(), digits.end(), std::back_inserter(selected), predicate);
  return selected;
}

// Calls visit(point, values) for every combination of the digits, first digit fastest.
template <class Visit>
void for_each_point(const std::vector<Digit>& digits, Point point, const Visit& visit) {
  std::vector<std::int64_t> values(digits.size(), 0);
  while (true) {
    visit(std::as_const(point), std::as_const(values));
    std::size_t i = 0;
    for (; i < digits.size() && values[i] + 1 == digits[i].bound; ++i) {
      point[digits[i].dim] -= values[i] * digits[i].weight;
      values[i] = 0;
    }
    if (i == digits.size()) return;
    ++values[i];
    point[digits[i].dim] += digits[i].weight;
  }
}

// Whether the point lies in the layer. Factors may multiply to more than a bound; what lies beyond
// it is not there.
bool is_inside(const Point& point, const Layer& layer);

// The element of the operand that the point touches; also linear in displacements.
Word word_at(Operand operand, const Point& point, const Layer& layer);
Word difference(const Word& a, const Word& b);

// The words of a tile: the product of one set per axis.
struct Tile {
  std::array<AxisSet, kNumAxes> axes;

  std::int64_t words() const {
    std::int64_t product = 1;
    for (const AxisSet& axis : axes) product *= static_cast<std::int64_t>(axis.size());
    return product;
  }
};

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

std::int64_t common_words(const Tile& a, const Tile& b);
Tile shifted(Tile tile, const Word& by);

// What a tile reaches along each dimension, from its position on: all choices of its own digits.
PerDim<AxisSet> reach_of(const std::vector<Digit>& own_digits);

// The words that a tile at `position` holds: those that lie below `bounds`.
Tile tile_at(Operand operand,
             const PerDim<AxisSet>& reach,
             const Point& position,
             const Point& bounds,
             const Layer& layer);

}  // namespace masala::testing::nest
