// What the tiles along one axis of an image load, summed over all of them.
#pragma once

#include <cstdint>

namespace masala::gemmini {

// Tiles of `outputs` x `taps`: output o and tap t read the image at o * stride + t * dilation -
// padding; the last tile along either is clipped at its limit.
struct TiledAxis {
  std::int64_t outputs = 1;
  std::int64_t output_tile = 1;
  std::int64_t stride = 1;
  std::int64_t taps = 1;
  std::int64_t tap_tile = 1;
  std::int64_t dilation = 1;
  std::int64_t padding = 0;
  std::int64_t image = 1;
  std::int64_t run = 1;  // positions that one command loads at most
};

struct AxisSums {
  double loaded = 0.0;  // positions within the image
  double runs = 0.0;    // commands: every tile's positions in runs
  double window = 0.0;  // positions with those beside the image
};

// In closed form along the axis with more tiles. Exact where the sums are below 2^53.
AxisSums sum_axis(const TiledAxis& axis);

}  // namespace masala::gemmini
