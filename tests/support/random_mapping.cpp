#include "support/random_mapping.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace masala::testing {
namespace {

using model::Dim;
using model::LevelMapping;
using model::Mapping;

int draw(std::mt19937_64& rng, int first, int last) {
  return std::uniform_int_distribution<int>(first, last)(rng);
}

std::vector<std::int64_t> prime_factors(std::int64_t value) {
  std::vector<std::int64_t> primes;
  for (std::int64_t p = 2; value > 1; ++p) {
    for (; value % p == 0; value /= p) primes.push_back(p);
  }
  return primes;
}

// Loops of bound 1 outermost in canonical order, as parse_mapping() leaves them; the rest shuffled.
void shuffle_order(LevelMapping& level, std::mt19937_64& rng) {
  level.order = model::kAllDims;
  const auto first_loop = std::stable_partition(
      level.order.begin(), level.order.end(), [&](Dim dim) { return level.temporal[dim] == 1; });
  std::shuffle(first_loop, level.order.end(), rng);
}

}  // namespace

model::Layer random_layer(std::mt19937_64& rng, std::int64_t max_macs, int max_bound) {
  model::Layer layer;
  layer.name = "random";
  do {
    for (Dim dim : model::kAllDims) layer.bounds[dim] = draw(rng, 1, max_bound);
    // Small layers with few dimensions of 1 are rare among small products: make some.
    for (Dim dim : model::kAllDims) {
      if (draw(rng, 0, 3) == 0) layer.bounds[dim] = 1;
    }
  } while (layer.macs() > max_macs);
  layer.stride_w = draw(rng, 1, 3);
  layer.stride_h = draw(rng, 1, 3);
  layer.dilation_w = draw(rng, 1, 3);
  layer.dilation_h = draw(rng, 1, 3);
  return layer;
}

Mapping random_factorisation(const model::Layer& layer,
                             const model::Machine& machine,
                             std::mt19937_64& rng) {
  Mapping mapping;
  mapping.num_levels = machine.num_levels;
  for (Dim dim : model::kAllDims) {
    for (std::int64_t prime : prime_factors(layer.bounds[dim])) {
      std::vector<std::int64_t*> slots;
      for (int l = 0; l < machine.num_levels; ++l) {
        LevelMapping& level = mapping.levels[l];
        slots.push_back(&level.temporal[dim]);
        if (level.spatial[dim] * prime <= machine.spatial_limit[l][dim]) {
          // Twice, so that unrolling is common although few slots are spatial.
          slots.insert(slots.end(), 2, &level.spatial[dim]);
        }
      }
      *slots[draw(rng, 0, static_cast<int>(slots.size()) - 1)] *= prime;
    }
  }
  for (int l = 0; l < machine.num_levels; ++l) shuffle_order(mapping.levels[l], rng);
  return mapping;
}

Mapping random_ceil_tiling(const model::Layer& layer,
                           const model::Machine& machine,
                           std::mt19937_64& rng) {
  Mapping mapping;
  mapping.num_levels = machine.num_levels;
  const int outermost = machine.num_levels - 1;
  for (Dim dim : model::kAllDims) {
    std::int64_t covered = 1;
    const auto draw_factor = [&](std::int64_t limit) {
      const std::int64_t most = (layer.bounds[dim] - 1) / covered + 1;
      // Small factors leave something to the levels outside.
      const auto drawn = draw(rng, 1, 3);
      const std::int64_t factor = std::min({most, limit, static_cast<std::int64_t>(drawn)});
      covered *= factor;
      return factor;
    };
    const auto draw_spatial = [&](int l) {
      mapping.levels[l].spatial[dim] = draw_factor(machine.spatial_limit[l][dim]);
    };
    const bool is_channel = dim == Dim::C || dim == Dim::K || dim == Dim::N;
    for (int l = 0; is_channel && l <= outermost; ++l) draw_spatial(l);
    for (int l = 0; l <= outermost; ++l) {
      if (!is_channel) draw_spatial(l);
      if (l < outermost && draw(rng, 0, 1) == 0) {
        mapping.levels[l].temporal[dim] = draw_factor(layer.bounds[dim]);
      }
    }
    mapping.levels[outermost].temporal[dim] = (layer.bounds[dim] - 1) / covered + 1;
  }
  for (int l = 0; l < machine.num_levels; ++l) shuffle_order(mapping.levels[l], rng);
  return mapping;
}

Mapping random_mapping(const model::Layer& layer,
                       const model::Accelerator& accelerator,
                       const model::Machine& machine,
                       std::mt19937_64& rng) {
  constexpr int kMaxDraws = 1000;
  for (int i = 0; i < kMaxDraws; ++i) {
    const Mapping mapping = random_factorisation(layer, machine, rng);
    if (model::problems(mapping, layer, accelerator, machine).empty()) return mapping;
  }
  // Everything at the outermost, unlimited level: a tile is one word per operand everywhere else.
  Mapping mapping;
  mapping.num_levels = machine.num_levels;
  mapping.levels[machine.num_levels - 1].temporal = layer.bounds;
  shuffle_order(mapping.levels[machine.num_levels - 1], rng);
  return mapping;
}

}  // namespace masala::testing
