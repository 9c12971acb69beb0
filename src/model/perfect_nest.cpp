#include "model/perfect_nest.h"

namespace masala::model {

PerfectFactors::PerfectFactors(const Mapping& m) : mapping(m), loops(m) {
  PerDim<std::int64_t> inside = filled<std::int64_t>(1);
  for (int level = 0; level < m.num_levels; ++level) {
    for (Dim dim : kAllDims) {
      inside[dim] *= m.levels[level].temporal[dim] * m.levels[level].spatial[dim];
    }
    tile[level] = inside.values;
  }
  PerDim<std::int64_t> temporal = filled<std::int64_t>(1);
  PerDim<std::int64_t> spatial = temporal;
  for (int level = m.num_levels - 1; level >= 0; --level) {
    temporal_outside[level] = temporal.values;
    spatial_outside[level] = spatial.values;
    for (Dim dim : kAllDims) {
      temporal[dim] *= m.levels[level].temporal[dim];
      spatial[dim] *= m.levels[level].spatial[dim];
    }
  }
}

std::int64_t PerfectFactors::combinations(Operand operand, int level, bool all_steps) const {
  std::int64_t product = 1;
  for (Dim dim : kAllDims) {
    if (is_indexed_by(operand, dim)) {
      product *= tile[mapping.num_levels - 1][index(dim)];
    } else {
      product *= spatial_outside[level][index(dim)];
      if (all_steps) product *= temporal_outside[0][index(dim)] * mapping.levels[0].temporal[dim];
    }
  }
  return product;
}

PerfectNest::PerfectNest(const PerfectFactors& factors, int level, int through)
    : factors_(factors), level_(level), through_(through), whole_tile_{factors.tile[level]} {
  for (int m = level + 1; m <= through; ++m) {
    for (Dim dim : kAllDims) whole_tile_[dim] *= factors.mapping.levels[m].spatial[dim];
  }
}

std::int64_t PerfectNest::step(int j) const {
  const auto [dim, level] = factors_.loops[j];
  std::int64_t positions = factors_.tile[level - 1][index(dim)];
  // Instances that belong to the tile but are unrolled outside the loop count as neighbours.
  for (int m = level; m <= std::max(level, through_); ++m) {
    positions *= factors_.mapping.levels[m].spatial[dim];
  }
  return positions;
}

}  // namespace masala::model
