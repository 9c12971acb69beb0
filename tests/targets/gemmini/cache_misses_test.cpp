// That the relaxed form agrees with the exact one: counters_test.cpp.
#include "targets/gemmini/latency/cache_misses.h"

#include <gtest/gtest.h>

#include "support/builders.h"

namespace masala::gemmini {
namespace {

using model::Dim;
using testing::layer_of;

constexpr std::array<Dim, model::kNumDims> kRowsOutermost = {
    Dim::C, Dim::K, Dim::P, Dim::Q, Dim::N, Dim::R, Dim::S};
constexpr std::array<Dim, model::kNumDims> kRowsInnermost = {
    Dim::P, Dim::C, Dim::K, Dim::Q, Dim::N, Dim::R, Dim::S};

// Of P x C by C x K in tiles of 1 x 16 by 16 x 64, on an array of one row so that a tile may be as
// small.
CacheMisses<double> misses_of(std::int64_t p,
                              std::int64_t c,
                              std::int64_t k,
                              const std::array<Dim, model::kNumDims>& inner_to_outer,
                              CacheState state = CacheState::warm) {
  model::Layer layer = layer_of("P1");
  layer.bounds[Dim::P] = p;
  layer.bounds[Dim::C] = c;
  layer.bounds[Dim::K] = k;
  Tiling tiling;
  tiling.tile[Dim::C] = 16;
  tiling.tile[Dim::K] = 64;
  tiling.inner_to_outer = inner_to_outer;
  constexpr int kArray = 1;
  return cache_misses(
      make_tile_nest(make_program(tiling, layer, kArray, ProgramKind::clean)), true, state);
}

double sum(const PerStream<double>& misses) {
  return misses[kInputs] + misses[kWeights] + misses[kOutputs];
}

TEST(CacheMisses, NoneWhereTheLayerFits) {
  // 128 x 2 lines of weights, 16 x 2 of inputs and of outputs.
  const CacheMisses<double> misses = misses_of(16, 128, 128, kRowsOutermost);
  EXPECT_NEAR(sum(misses.l2), 0.0, 1e-3);
  EXPECT_NEAR(sum(misses.llc), 0.0, 1e-3);
}

// 128 x 2 lines of weights, 16 x 2 of inputs and of outputs: all fit either cache.
TEST(CacheMisses, WhatTheCachesDoNotHoldAtTheStartIsFetchedOnce) {
  const auto misses = [](CacheState state) {
    return misses_of(16, 128, 128, kRowsOutermost, state);
  };
  const CacheMisses<double> cold = misses(CacheState::cold);
  for (const PerStream<double>& missed : {cold.l2, cold.llc}) {
    EXPECT_NEAR(missed[kInputs], 16 * 2.0, 1e-3);
    EXPECT_NEAR(missed[kWeights], 128 * 2.0, 1e-3);
    EXPECT_NEAR(missed[kOutputs], 16 * 2.0, 1e-3);
  }
  EXPECT_NEAR(cold.evicted_outputs, 0.0, 1e-3);
  EXPECT_NEAR(cold.evicted_sums, 0.0, 1e-3);
  for (CacheState state : {CacheState::inputs, CacheState::carry}) {
    const CacheMisses<double> inputs = misses(state);
    for (const PerStream<double>& missed : {inputs.l2, inputs.llc}) {
      EXPECT_NEAR(missed[kInputs], 0.0, 1e-3);
      EXPECT_NEAR(missed[kWeights], 128 * 2.0, 1e-3);
      EXPECT_NEAR(missed[kOutputs], 16 * 2.0, 1e-3);
    }
  }
  const CacheMisses<double> llc = misses(CacheState::llc);
  EXPECT_EQ(llc.l2, cold.l2);
  EXPECT_NEAR(sum(llc.llc), 0.0, 1e-3);
}

TEST(CacheMisses, OfInputsThatDoNotFitAShareIsThereAtTheStart) {
  // 16384 inputs of a line each, twice L2, swept once; weights of a line per channel.
  const CacheMisses<double> misses = misses_of(16384, 64, 64, kRowsOutermost, CacheState::inputs);
  constexpr double kMissing = 0.797;  // m = 1 - exp(-2 m)
  EXPECT_NEAR(misses.l2[kInputs] / 16384, kMissing, 0.01);
  EXPECT_NEAR(misses.llc[kInputs], 0.0, 1e-3);
  EXPECT_NEAR(misses.l2[kWeights], 64.0, 1.0);
}

TEST(CacheMisses, NoneInTheLargerCacheWhereTheLayerFitsThereAlone) {
  // 512 x 65 lines of weights: four times L2, half of the last-level cache.
  const CacheMisses<double> misses = misses_of(2, 512, 65 * 64, kRowsOutermost);
  EXPECT_GT(misses.l2[kWeights], 512 * 65.0);
  EXPECT_NEAR(sum(misses.llc), 0.0, 1e-2);
}

TEST(CacheMisses, WhatIsSweptTwiceAndFarLargerThanTheCacheIsFetchedTwice) {
  // 1024 x 1025 lines of weights, 16 times the larger cache, for each of two rows.
  const double lines = 1024 * 1025.0;
  const CacheMisses<double> misses = misses_of(2, 1024, 1025 * 64, kRowsOutermost);
  EXPECT_NEAR(misses.l2[kWeights] / lines, 2.0, 1e-6);
  EXPECT_NEAR(misses.llc[kWeights] / lines, 2.0, 1e-6);
  // Two rows of 16 lines of inputs and of 1025 of outputs: once.
  EXPECT_NEAR(misses.l2[kInputs], 2 * 16.0, 1e-3);
  EXPECT_NEAR(misses.llc[kOutputs], 2 * 1025.0, 1e-2);
  EXPECT_NEAR(misses.evicted_outputs, 2 * 1025.0, 1e-2);
  // With both rows inside the sweep, weights too.
  EXPECT_NEAR(misses_of(2, 1024, 1025 * 64, kRowsInnermost).llc[kWeights] / lines, 1.0, 1e-6);
}

TEST(CacheMisses, RandomReplacementKeepsAShareOfTwiceTheCapacity) {
  // 256 x 64 lines are twice L2 (inputs and outputs: 68 more). A share m of them misses where
  // m = 1 - exp(-2 m): 0.797. So does that share of the first sweep, and of the second one all that
  // the first one has not left.
  constexpr double kMissing = 0.797;
  const CacheMisses<double> misses = misses_of(2, 256, 64 * 64, kRowsOutermost);
  EXPECT_NEAR(misses.l2[kWeights] / (256 * 64), (1.0 + kMissing) * kMissing, 0.03);
}

TEST(CacheMisses, RowsApartByAPowerOfTwoMeetInFewSets) {
  // A tile's 16 rows of weights, a line each, for two rows of the layer. 1024 lines apart they
  // compete for the same sets; 1025 lines apart they do not.
  const double together = misses_of(2, 16, 1024 * 64, kRowsInnermost).l2[kWeights] / (16 * 1024);
  const double apart = misses_of(2, 16, 1025 * 64, kRowsInnermost).l2[kWeights] / (16 * 1025);
  EXPECT_GT(together / apart, 1.5);
}

}  // namespace
}  // namespace masala::gemmini
