// The loops of factors that multiply to the bounds: all blocks of a dimension are alike. Internal
// to the model; see loop_nest.h.
#pragma once

#include <algorithm>
#include <array>

#include "model/loop_nest.h"

namespace masala::model {

// The factors of a mapping, multiplied up.
struct PerfectFactors {
  explicit PerfectFactors(const Mapping& mapping);

  bool cover(const Layer& layer) const {
    return tile[mapping.num_levels - 1] == layer.bounds.values;
  }

  // As of ImperfectFactors.
  std::int64_t combinations(Operand operand, int level, bool all_steps) const;

  const Mapping& mapping;
  TemporalLoops loops;
  // [level][dim]; filled up to the mapping's last level.
  using Table = std::array<std::array<std::int64_t, kNumDims>, kMaxLevels>;
  Table tile;              // T of each level
  Table temporal_outside;  // product of the factors at the levels outside
  Table spatial_outside;
};

class PerfectNest {
 public:
  using Factors = PerfectFactors;
  using Blocks = std::array<Block, 1>;

  PerfectNest(const PerfectFactors& factors, int level, int through);

  Blocks all_blocks(Dim dim) const {
    return {{{factors_.temporal_outside[level_][index(dim)] *
                  factors_.spatial_outside[through_][index(dim)],
              whole_tile_[dim]}}};
  }
  void find_steps(int j, Blocks& blocks) const {
    const auto [dim, level] = factors_.loops[j];
    blocks[0].count = (factors_.mapping.levels[level].temporal[dim] - 1) * outside(j);
  }
  void find_blocks(int j, Blocks& blocks) const {
    blocks[0].count = outside(j);
    blocks[0].rewound += step(j);
    blocks[0].innermost = std::min(blocks[0].innermost, j);
  }
  std::int64_t step(int j) const;
  std::int64_t whole_tile(Dim dim) const { return whole_tile_[dim]; }

 private:
  // Iterations of the loops of the same dimension outside loop j, in all instances.
  std::int64_t outside(int j) const {
    const auto [dim, level] = factors_.loops[j];
    return factors_.temporal_outside[level][index(dim)] *
           factors_.spatial_outside[through_][index(dim)];
  }

  const PerfectFactors& factors_;
  int level_;
  int through_;
  PerDim<std::int64_t> whole_tile_;
};

}  // namespace masala::model
