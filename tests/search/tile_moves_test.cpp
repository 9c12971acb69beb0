#include "search/moves/tile_moves.h"

#include <gtest/gtest.h>

#include "masala/model/evaluator.h"
#include "support/accelerators.h"
#include "support/builders.h"

namespace masala::search {
namespace {

using masala::testing::layer_of;
using model::Dim;

class TileMoves : public ::testing::Test {
 protected:
  const model::Accelerator accelerator_ = masala::testing::gemmini();
  const model::Evaluator evaluator_{accelerator_};
  const Mapspace mapspace_ = make_mapspace(accelerator_);
  const model::Layer layer_ = layer_of("R3 S3 P28 Q28 C24 K40");
  std::mt19937_64 rng_{3};

  model::Machine machine(double scratchpad_kib, double accumulator_kib) const {
    return model::resolve(accelerator_,
                          masala::testing::hardware_of(accelerator_,
                                                       {{"pe_dim", 16},
                                                        {"scratchpad_kib", scratchpad_kib},
                                                        {"accumulator_kib", accumulator_kib}}));
  }
  bool is_whole(const model::Mapping& mapping) const {
    for (Dim dim : model::kAllDims) {
      std::int64_t product = 1;
      for (int l = 0; l < mapping.num_levels; ++l) {
        product *= mapping.levels[l].temporal[dim] * mapping.levels[l].spatial[dim];
      }
      if (product != layer_.bounds[dim]) return false;
    }
    return true;
  }
};

TEST_F(TileMoves, UnrollsTheLargestDivisorsThatTheArrayHolds) {
  model::Mapping mapping = outermost_mapping(mapspace_, layer_);
  unroll_fully(mapspace_, machine(256, 64), mapping);
  EXPECT_EQ(mapping.levels[1].spatial[Dim::C], 12);  // of 24
  EXPECT_EQ(mapping.levels[2].spatial[Dim::K], 10);  // of 40
  EXPECT_EQ(mapping.levels[3].temporal[Dim::C], 2);
  EXPECT_EQ(mapping.levels[3].temporal[Dim::K], 4);
  EXPECT_TRUE(is_whole(mapping));
}

TEST_F(TileMoves, GrowsUntilNothingFitsAndShrinksUntilItDoes) {
  const model::Machine small = machine(8, 4);
  const auto runs = [&](const model::Mapping& mapping) {
    return evaluator_.tiles_fit(mapping, layer_, small);
  };
  for (int i = 0; i < 20; ++i) {
    model::Mapping mapping = outermost_mapping(mapspace_, layer_);
    grow_to_fit(runs, mapspace_, rng_, mapping);
    EXPECT_TRUE(runs(mapping));
    EXPECT_TRUE(is_whole(mapping));
    for (Dim dim : model::kAllDims) {
      for (std::int64_t prime : prime_factors(mapping.levels[3].temporal[dim])) {
        model::Mapping larger = mapping;
        larger.levels[3].temporal[dim] /= prime;
        larger.levels[1].temporal[dim] *= prime;
        EXPECT_FALSE(runs(larger)) << model::to_text(mapping, accelerator_);
      }
    }
  }
  model::Mapping everything = outermost_mapping(mapspace_, layer_);
  grow_to_fit([](const model::Mapping&) { return true; }, mapspace_, rng_, everything);
  for (Dim dim : model::kAllDims) EXPECT_EQ(everything.levels[3].temporal[dim], 1);
  shrink_until(runs, mapspace_, rng_, everything);
  EXPECT_TRUE(runs(everything));
  EXPECT_TRUE(is_whole(everything));
}

// Where nothing passes, all factors end outermost.
TEST_F(TileMoves, ShrinkingEnds) {
  model::Mapping mapping = outermost_mapping(mapspace_, layer_);
  unroll_fully(mapspace_, machine(256, 64), mapping);
  shrink_until([](const model::Mapping&) { return false; }, mapspace_, rng_, mapping);
  for (Dim dim : model::kAllDims) EXPECT_EQ(mapping.levels[3].temporal[dim], layer_.bounds[dim]);
}

TEST_F(TileMoves, ResizedTilesRunAndGrowOnlyIfAsked) {
  const model::Machine small = machine(8, 4);
  const auto runs = [&](const model::Mapping& mapping) {
    return evaluator_.tiles_fit(mapping, layer_, small);
  };
  int imperfect = 0;
  for (int i = 0; i < 40; ++i) {
    const bool grows = i % 2 == 1;
    model::Mapping mapping = outermost_mapping(mapspace_, layer_);
    grow_to_fit(runs, mapspace_, rng_, mapping);
    const model::Mapping before = mapping;
    resize_tiles(runs, mapspace_, layer_, 6, grows, rng_, mapping);
    EXPECT_TRUE(runs(mapping));
    EXPECT_TRUE(
        model::problems(mapping, layer_, accelerator_, small, model::Factors::imperfect).empty());
    imperfect += model::is_perfect(mapping, layer_) ? 0 : 1;
    for (Dim dim : model::kAllDims) {
      if (!grows) continue;
      EXPECT_LE(mapping.levels[3].temporal[dim], before.levels[3].temporal[dim]);
    }
  }
  EXPECT_GE(imperfect, 20);
}

}  // namespace
}  // namespace masala::search
