#include "targets/gemmini/latency/axis_sums.h"

#include <algorithm>

namespace masala::gemmini {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

// Sum of floor((a i + b) / m) over i < n, for a, b >= 0: Euclid's algorithm on a and m.
double sum_of_floors(std::int64_t n, std::int64_t m, std::int64_t a, std::int64_t b) {
  double sum = 0.0;
  double sign = 1.0;
  while (n > 0) {
    const auto count = static_cast<double>(n);
    sum += sign * (count * (count - 1.0) / 2.0 * static_cast<double>(a / m) +
                   count * static_cast<double>(b / m));
    a %= m;
    b %= m;
    // Lattice points below the line, counted along the other axis.
    const std::int64_t highest = (a * (n - 1) + b) / m;
    sum += sign * count * static_cast<double>(highest);
    sign = -sign;
    n = highest;
    b = m - b - 1 + a;
    std::swap(a, m);
  }
  return sum;
}

// Tiles whose window moves by `step` from one to the next.
struct Line {
  std::int64_t first = 0;  // where the window of the first one begins
  std::int64_t step = 1;
  std::int64_t count = 1;
};

// `count` tiles that load first, first + step, ... positions.
void add_growing(
    std::int64_t first, std::int64_t step, std::int64_t count, std::int64_t run, AxisSums& sums) {
  if (count <= 0) return;
  const auto tiles = static_cast<double>(count);
  sums.loaded +=
      tiles * static_cast<double>(first) + tiles * (tiles - 1.0) / 2.0 * static_cast<double>(step);
  sums.runs += sum_of_floors(count, run, step, first + run - 1);
}

// Adds what one line of tiles loads of the image. Windows enter it, lie in it or span it, and leave
// it.
void add_line(const Line& line, std::int64_t window, const TiledAxis& axis, AxisSums& sums) {
  // Tiles whose window begins before the position.
  const auto before = [&](std::int64_t position) {
    if (line.first >= position) return std::int64_t{0};
    return std::min(line.count, ceil_div(position - line.first, line.step));
  };
  const auto begin_of = [&](std::int64_t tile) { return line.first + tile * line.step; };
  const std::int64_t outside = before(1 - window);
  const std::int64_t begun = before(0);                         // the others begin in the image
  const std::int64_t within = before(axis.image - window + 1);  // these end in it
  const std::int64_t left = before(axis.image);
  const std::int64_t entering = std::min(begun, within);
  add_growing(begin_of(outside) + window, line.step, entering - outside, axis.run, sums);
  const std::int64_t constant = begun < within ? window : axis.image;
  add_growing(constant, 0, std::max(begun, within) - entering, axis.run, sums);
  // From the last one on backwards.
  const std::int64_t leaving = std::max(begun, within);
  add_growing(axis.image - begin_of(left - 1), line.step, left - leaving, axis.run, sums);
}

// A grid of tiles of one size.
void add_grid(Line outputs, Line taps, std::int64_t window, const TiledAxis& axis, AxisSums& sums) {
  if (outputs.count == 0 || taps.count == 0) return;
  const double tiles = static_cast<double>(outputs.count) * static_cast<double>(taps.count);
  sums.window += tiles * static_cast<double>(window);
  const std::int64_t first = outputs.first + taps.first;
  const std::int64_t last =
      first + (outputs.count - 1) * outputs.step + (taps.count - 1) * taps.step;
  if (first >= 0 && last + window <= axis.image) {
    sums.loaded += tiles * static_cast<double>(window);
    sums.runs += tiles * static_cast<double>(ceil_div(window, axis.run));
    return;
  }
  const bool along_outputs = outputs.count >= taps.count;
  const Line& longer = along_outputs ? outputs : taps;
  const Line& shorter = along_outputs ? taps : outputs;
  for (std::int64_t i = 0; i < shorter.count; ++i)
    add_line({first + i * shorter.step, longer.step, longer.count}, window, axis, sums);
}

}  // namespace

AxisSums sum_axis(const TiledAxis& axis) {
  const std::int64_t whole_outputs = (axis.outputs - 1) / axis.output_tile;
  const std::int64_t whole_taps = (axis.taps - 1) / axis.tap_tile;
  const std::int64_t last_outputs = axis.outputs - whole_outputs * axis.output_tile;
  const std::int64_t last_taps = axis.taps - whole_taps * axis.tap_tile;
  const std::int64_t output_step = axis.output_tile * axis.stride;
  const std::int64_t tap_step = axis.tap_tile * axis.dilation;
  const Line outputs = {0, output_step, whole_outputs};
  const Line last_output = {whole_outputs * output_step, output_step, 1};
  const Line taps = {-axis.padding, tap_step, whole_taps};
  const Line last_tap = {whole_taps * tap_step - axis.padding, tap_step, 1};
  // One more position than needed where the stride exceeds 1, as the hardware computes it.
  const auto window = [&](std::int64_t output_tile, std::int64_t tap_tile) {
    return output_tile * axis.stride + (tap_tile - 1) * axis.dilation;
  };
  AxisSums sums;
  add_grid(outputs, taps, window(axis.output_tile, axis.tap_tile), axis, sums);
  add_grid(last_output, taps, window(last_outputs, axis.tap_tile), axis, sums);
  add_grid(outputs, last_tap, window(axis.output_tile, last_taps), axis, sums);
  add_grid(last_output, last_tap, window(last_outputs, last_taps), axis, sums);
  return sums;
}

}  // namespace masala::gemmini
