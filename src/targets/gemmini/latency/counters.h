// How much work a driver program gives every unit of Gemmini: instructions, DMA rows and beats,
// cache misses. The formulas follow the command streams of the hardware loop unrollers.
#pragma once

#include "targets/gemmini/latency/tile_nest.h"
#include "targets/gemmini/program/cache_state.h"

namespace masala::gemmini {

// Totals of one layer. Cache lines are of 64 bytes.
template <class V>
struct Counters {
  V compute_cycles;  // the array with its operands always in place
  V tiles;
  V stores;        // tiles that store an output tile: the last one of every visit
  V turns;         // DRAM loops that end and begin anew
  V input_rows;    // of at most 64 bytes, or the array's width
  V input_cycles;  // of the DMA, with the caches hitting
  V input_commands;
  V weight_rows;
  V weight_cycles;
  V weight_commands;
  V zero_rows;      // padding and new sums, written without memory
  V reload_cycles;  // partial sums read back
  V output_cycles;
  // Lines that a cache must fetch: L2 from the last-level cache (LLC), that one from DRAM. Neither
  // fetches a line of outputs that is written as a whole.
  V input_l2_misses;
  V input_llc_misses;
  V weight_l2_misses;
  V weight_llc_misses;
  V output_l2_misses;
  V output_llc_misses;
  V sum_l2_misses;  // of partial sums
  V sum_llc_misses;
  V evictions;  // of lines written from L2
  V visits;     // of an output tile
};

// `cache`: what the caches hold at the start.
template <class V>
Counters<V> count_convolution(const TileNest<V>& nest, CacheState cache);
template <class V>
Counters<V> count_matmul(const TileNest<V>& nest, CacheState cache);

extern template Counters<double> count_convolution(const TileNest<double>& nest, CacheState cache);
extern template Counters<double> count_matmul(const TileNest<double>& nest, CacheState cache);
extern template Counters<Tensor> count_convolution(const TileNest<Tensor>& nest, CacheState cache);
extern template Counters<Tensor> count_matmul(const TileNest<Tensor>& nest, CacheState cache);

}  // namespace masala::gemmini
