#include "targets/gemmini/latency/axis_sums.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace masala::gemmini {
namespace {

// Tile by tile.
AxisSums by_definition(const TiledAxis& axis) {
  AxisSums sums;
  for (std::int64_t o = 0; o < axis.outputs; o += axis.output_tile) {
    const std::int64_t outputs = std::min(axis.output_tile, axis.outputs - o);
    for (std::int64_t t = 0; t < axis.taps; t += axis.tap_tile) {
      const std::int64_t taps = std::min(axis.tap_tile, axis.taps - t);
      const std::int64_t first = o * axis.stride + t * axis.dilation - axis.padding;
      const std::int64_t window = outputs * axis.stride + (taps - 1) * axis.dilation;
      const std::int64_t before = std::max<std::int64_t>(0, -first);
      const std::int64_t after = std::max<std::int64_t>(0, first + window - axis.image);
      const std::int64_t loaded = std::max<std::int64_t>(0, window - before - after);
      sums.loaded += static_cast<double>(loaded);
      sums.runs += static_cast<double>((loaded + axis.run - 1) / axis.run);
      sums.window += static_cast<double>(window);
    }
  }
  return sums;
}

TEST(AxisSums, AreThoseOfAllTiles) {
  std::mt19937 rng(3);
  const auto below = [&](unsigned n) { return static_cast<std::int64_t>(rng() % n); };
  for (int i = 0; i < 20000; ++i) {
    TiledAxis axis;
    axis.outputs = 1 + below(40);
    axis.output_tile = 1 + below(static_cast<unsigned>(axis.outputs));
    axis.stride = 1 + below(4);
    axis.taps = 1 + below(12);
    axis.tap_tile = 1 + below(static_cast<unsigned>(axis.taps));
    axis.dilation = 1 + below(3);
    axis.padding = below(3) == 0 ? 0 : below(static_cast<unsigned>(2 * axis.taps));
    axis.image = 1 + below(200);
    axis.run = 1 + below(20);
    const AxisSums expected = by_definition(axis);
    const AxisSums found = sum_axis(axis);
    ASSERT_EQ(found.loaded, expected.loaded) << i;
    ASSERT_EQ(found.runs, expected.runs) << i;
    ASSERT_EQ(found.window, expected.window) << i;
  }
}

// Tile by tile this takes minutes. Without padding, every output is read with three taps.
TEST(AxisSums, DoNotTakeLongerForMoreTiles) {
  TiledAxis axis;
  axis.outputs = 400'000'007;
  axis.taps = 3;
  axis.image = axis.outputs + 2;
  axis.run = 16;
  EXPECT_EQ(sum_axis(axis).loaded, 3.0 * 400'000'007);
  EXPECT_EQ(sum_axis(axis).runs, 3.0 * 400'000'007);
  // Padded by one: the first and the last tile read one position less.
  axis.padding = 1;
  axis.image = axis.outputs;
  EXPECT_EQ(sum_axis(axis).loaded, 3.0 * 400'000'007 - 2.0);
  EXPECT_EQ(sum_axis(axis).window, 3.0 * 400'000'007);
  // As many taps as outputs.
  axis.padding = 0;
  axis.outputs = axis.taps = 90'000'000;
  axis.image = axis.outputs + axis.taps - 1;
  EXPECT_EQ(sum_axis(axis).loaded, 90e6 * 90e6);
}

}  // namespace
}  // namespace masala::gemmini
