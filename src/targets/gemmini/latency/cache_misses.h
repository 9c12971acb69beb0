// Lines that the caches behind Gemmini's DMA must fetch, from the loops over tiles.
#pragma once

#include <array>

#include "targets/gemmini/latency/tile_nest.h"
#include "targets/gemmini/program/cache_state.h"

namespace masala::gemmini {

enum Stream { kInputs, kWeights, kOutputs, kSums };  // sums: 32-bit partial ones
inline constexpr int kNumStreams = 4;

template <class V>
using PerStream = std::array<V, kNumStreams>;

// Lines of 64 bytes, each time one is fetched.
template <class V>
struct CacheMisses {
  PerStream<V> l2;   // 512 KiB
  PerStream<V> llc;  // 4 MiB
  // Lines written that L2 loses again: they go to the last-level cache.
  V evicted_outputs;
  V evicted_sums;
};

// `state`: what the caches hold at the start; carry is taken for inputs.
CacheMisses<double> cache_misses(const TileNest<double>& nest, bool is_matmul, CacheState state);
CacheMisses<Tensor> cache_misses(const TileNest<Tensor>& nest, bool is_matmul, CacheState state);

}  // namespace masala::gemmini
