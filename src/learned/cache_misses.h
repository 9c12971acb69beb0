// Lines that the caches behind Gemmini's DMA must fetch, from the loops over tiles.
#pragma once

#include <array>

#include "learned/tile_nest.h"

namespace masala::learned {

enum Stream { kInputs, kWeights, kOutputs, kSums };  // sums: 32-bit partial ones
inline constexpr int kNumStreams = 4;

template <class V>
using PerStream = std::array<V, kNumStreams>;

// Lines of 64 bytes, each time one is fetched. Both caches have been warmed by the whole layer.
template <class V>
struct CacheMisses {
  PerStream<V> l2;   // 512 KiB
  PerStream<V> llc;  // 4 MiB
};

CacheMisses<double> cache_misses(const TileNest<double>& nest, bool is_matmul);
CacheMisses<Tensor> cache_misses(const TileNest<Tensor>& nest, bool is_matmul);

}  // namespace masala::learned
