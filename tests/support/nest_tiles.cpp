#include "support/nest_tiles.h"

#include <numeric>
#include <set>

namespace masala::testing::nest {
namespace {

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

// Every integer from the first to the last sum.
AxisSet sliding_axis(const AxisSet& outputs,
                     std::int64_t stride,
                     const AxisSet& filter,
                     std::int64_t dilation) {
  if (outputs.empty() || filter.empty()) return {};
  const std::int64_t first = outputs.front() * stride + filter.front() * dilation;
  const std::int64_t last = outputs.back() * stride + filter.back() * dilation;
  AxisSet box(last - first + 1);
  std::iota(box.begin(), box.end(), first);
  return box;
}

}  // namespace

std::vector<Digit> digits_of(const Mapping& mapping) {
  std::vector<Digit> digits;
  Point weight = model::filled<std::int64_t>(1);
  Point lane_weight = model::filled<std::int64_t>(1);
  for (Dim dim : {Dim::C, Dim::K, Dim::N}) {
    for (int l = 0; l < mapping.num_levels; ++l) weight[dim] *= mapping.levels[l].spatial[dim];
  }
  const auto append = [&](Dim dim, std::int64_t bound, int level, bool is_spatial) {
    const bool is_channel = dim == Dim::C || dim == Dim::K || dim == Dim::N;
    std::int64_t& next = is_spatial && is_channel ? lane_weight[dim] : weight[dim];
    if (bound > 1) digits.push_back({dim, bound, level, is_spatial, next});
    next *= bound;
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

bool is_inside(const Point& point, const Layer& layer) {
  return std::all_of(model::kAllDims.begin(), model::kAllDims.end(), [&](Dim dim) {
    return point[dim] < layer.bounds[dim];
  });
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

Word difference(const Word& a, const Word& b) {
  Word result{};
  for (int axis = 0; axis < kNumAxes; ++axis) result[axis] = a[axis] - b[axis];
  return result;
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

PerDim<AxisSet> reach_of(const std::vector<Digit>& own_digits) {
  PerDim<AxisSet> reach;
  for (Dim dim : model::kAllDims) {
    std::set<std::int64_t> sums{0};
    for (const Digit& digit : own_digits) {
      if (digit.dim != dim) continue;
      std::set<std::int64_t> grown;
      for (std::int64_t value = 0; value < digit.bound; ++value) {
        for (std::int64_t sum : sums) grown.insert(sum + value * digit.weight);
      }
      sums = grown;
    }
    reach[dim].assign(sums.begin(), sums.end());
  }
  return reach;
}

Tile tile_at(Operand operand,
             const PerDim<AxisSet>& reach,
             const Point& position,
             const Point& bounds,
             const Layer& layer) {
  PerDim<AxisSet> present;
  for (Dim dim : model::kAllDims) {
    for (std::int64_t offset : reach[dim]) {
      if (position[dim] + offset < bounds[dim]) present[dim].push_back(position[dim] + offset);
    }
  }
  switch (operand) {
    case Operand::weights:
      return {{present[Dim::R], present[Dim::S], present[Dim::C], present[Dim::K]}};
    case Operand::inputs:
      return {{sliding_axis(present[Dim::P], layer.stride_w, present[Dim::R], layer.dilation_w),
               sliding_axis(present[Dim::Q], layer.stride_h, present[Dim::S], layer.dilation_h),
               present[Dim::C],
               present[Dim::N]}};
    case Operand::outputs: break;
  }
  return {{present[Dim::P], present[Dim::Q], present[Dim::K], present[Dim::N]}};
}

}  // namespace masala::testing::nest
