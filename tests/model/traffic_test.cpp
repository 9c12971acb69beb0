// Counts worked out by hand.
#include "masala/model/traffic.h"

#include <gtest/gtest.h>

#include <array>

#include "model/operand_tile.h"
#include "support/accelerators.h"
#include "support/builders.h"
#include "support/loop_nest.h"

namespace masala::model {
namespace {

using masala::testing::credit_disagreements;
using masala::testing::eyeriss_like;
using masala::testing::gemmini;
using masala::testing::HaloCredit;
using masala::testing::layer_of;
using masala::testing::mapping_of;
using masala::testing::words_fetched;
using Counts = std::array<std::int64_t, 3>;  // reads, fills, updates

constexpr int kRegisters = 0;
constexpr int kAccumulator = 1;
constexpr int kScratchpad = 2;
constexpr int kDram = 3;

struct Counted {
  Traffic traffic;

  Counts operator()(int level, Operand operand) const {
    return {traffic.reads[level][operand],
            traffic.fills[level][operand],
            traffic.updates[level][operand]};
  }
};

Counted count(const std::string& text,
              const Layer& layer,
              const Accelerator& accelerator = gemmini()) {
  const Machine machine = resolve(accelerator, default_hardware(accelerator));
  return {count_traffic(mapping_of(text, accelerator), layer, machine)};
}

// Inputs that the scratchpad fetches, the halo's test bench.
std::int64_t input_fills(const std::string& text, const Layer& layer) {
  return count(text, layer)(kScratchpad, Operand::inputs)[1];
}

TEST(Tile, MultipliesFactorsUpToItsLevelSpatialOnesIncluded) {
  const Mapping mapping =
      mapping_of("L3[WIO] K3 C5 - L2[WI] K2 K4X - L1[O] C7 P3 C2X - L0[W] P2", gemmini());
  EXPECT_EQ(tile(mapping, kRegisters)[Dim::P], 2);
  EXPECT_EQ(tile(mapping, kAccumulator)[Dim::P], 6);
  EXPECT_EQ(tile(mapping, kAccumulator)[Dim::C], 14);
  EXPECT_EQ(tile(mapping, kAccumulator)[Dim::K], 1);
  EXPECT_EQ(tile(mapping, kScratchpad)[Dim::K], 8);
  EXPECT_EQ(tile(mapping, kDram)[Dim::K], 24);
  EXPECT_EQ(used_instances(mapping, kRegisters), 8);
  EXPECT_EQ(used_instances(mapping, kAccumulator), 4);
  EXPECT_EQ(used_instances(mapping, kScratchpad), 1);
}

TEST(Tile, InputsIncludeTheHalo) {
  Layer layer = layer_of("R3 S5 P4 Q6 C7 K2 N3");
  layer.stride_w = 2;
  layer.stride_h = 3;
  layer.dilation_w = 4;
  layer.dilation_h = 2;
  // W: 3 x 2 + 2 x 4 + 1 = 15; H: 5 x 3 + 4 x 2 + 1 = 24.
  EXPECT_EQ(operand_words(Operand::inputs, layer.bounds, layer), 15 * 24 * 7 * 3);
  EXPECT_EQ(operand_words(Operand::weights, layer.bounds, layer), 3 * 5 * 7 * 2);
  EXPECT_EQ(operand_words(Operand::outputs, layer.bounds, layer), 4 * 6 * 2 * 3);
}

TEST(Traffic, OneTileMovesEveryWordOnce) {
  // 96 MACs on 4 x 4 PEs, one weight in each, six outputs per column.
  const Layer layer = layer_of("C4 K4 P6");
  const Counted words = count("L3[WIO] N1 - L2[WI] N1 K4X - L1[O] N1 C4X - L0[W] P6", layer);
  EXPECT_EQ(words(kRegisters, Operand::weights), (Counts{96, 16, 0}));
  EXPECT_EQ(words(kAccumulator, Operand::outputs), (Counts{0, 24, 24}));  // 96 / 4 summed over C
  EXPECT_EQ(words(kScratchpad, Operand::weights), (Counts{16, 16, 0}));
  EXPECT_EQ(words(kScratchpad, Operand::inputs), (Counts{24, 24, 0}));  // 96 / 4 shared over K
  EXPECT_EQ(words(kDram, Operand::weights), (Counts{16, 0, 0}));
  EXPECT_EQ(words(kDram, Operand::inputs), (Counts{24, 0, 0}));
  EXPECT_EQ(words(kDram, Operand::outputs), (Counts{0, 0, 24}));
}

TEST(Traffic, OperandsThatALevelDoesNotKeepAreZero) {
  const Counted words =
      count("L3[WIO] P2 - L2[WI] N1 K4X - L1[O] N1 C4X - L0[W] P3", layer_of("C4 K4 P6"));
  const Counts zero{};
  EXPECT_EQ(words(kRegisters, Operand::inputs), zero);
  EXPECT_EQ(words(kRegisters, Operand::outputs), zero);
  EXPECT_EQ(words(kAccumulator, Operand::weights), zero);
  EXPECT_EQ(words(kScratchpad, Operand::outputs), zero);
}

TEST(Traffic, WeightsAreFetchedOncePerTileWhenTheirLoopsAreOutermost) {
  // K2 outside P3: each of the two weights stays while P runs.
  const Layer layer = layer_of("K2 P6");
  const Counted words = count("L3[WIO] K2 P3 - L2[WI] N1 - L1[O] N1 - L0[W] P2", layer);
  EXPECT_EQ(words(kRegisters, Operand::weights), (Counts{12, 2, 0}));
  EXPECT_EQ(words(kDram, Operand::weights), (Counts{2, 0, 0}));
  // The six inputs come once per weight.
  EXPECT_EQ(words(kDram, Operand::inputs), (Counts{12, 0, 0}));
}

TEST(Traffic, WeightsAreFetchedAgainForEveryLoopOutsideTheirs) {
  // P3 outside K2: both weights come three times; an input tile stays while K runs.
  const Layer layer = layer_of("K2 P6");
  const Counted words = count("L3[WIO] P3 K2 - L2[WI] N1 - L1[O] N1 - L0[W] P2", layer);
  EXPECT_EQ(words(kRegisters, Operand::weights), (Counts{12, 6, 0}));
  EXPECT_EQ(words(kDram, Operand::weights), (Counts{6, 0, 0}));
  EXPECT_EQ(words(kDram, Operand::inputs), (Counts{6, 0, 0}));
}

TEST(Traffic, MatrixMultiplyByHand) {
  // 1,024 MACs on 4 x 4 PEs.
  const Layer layer = layer_of("P8 C16 K8");
  const Counted words = count("L3[WIO] P2 K2 - L2[WI] N1 K4X - L1[O] C4 C4X - L0[W] P4", layer);
  // A PE's weight changes with C4, K2 and, as those run again, P2: 16 times in 16 PEs.
  EXPECT_EQ(words(kRegisters, Operand::weights), (Counts{1024, 256, 0}));
  // Scratchpad tile 16 x 4 weights, for K2 and again for P2.
  EXPECT_EQ(words(kScratchpad, Operand::weights), (Counts{256, 256, 0}));
  EXPECT_EQ(words(kDram, Operand::weights), (Counts{256, 0, 0}));
  // Input tile 4 x 16: stays over K2, changes with P2. Reads: 1,024 MACs / 4 columns.
  EXPECT_EQ(words(kScratchpad, Operand::inputs), (Counts{256, 128, 0}));
  EXPECT_EQ(words(kDram, Operand::inputs), (Counts{128, 0, 0}));
  // 1,024 / 4 rows = 256 updates of 64 partial sums, whose first reads are elided; a column's tile
  // of 4 changes with K2 and P2: 16 in 4 columns.
  EXPECT_EQ(words(kAccumulator, Operand::outputs), (Counts{192, 64, 256}));
  EXPECT_EQ(words(kDram, Operand::outputs), (Counts{0, 0, 64}));
}

TEST(Traffic, PartialSumsThatLeaveTheAccumulatorAreReadBack) {
  // C2 outside P2: each of 4 outputs leaves twice and comes back once.
  const Layer layer = layer_of("P4 C4");
  const Counted words = count("L3[WIO] C2 P2 - L2[WI] N1 - L1[O] C2 - L0[W] P2", layer);
  EXPECT_EQ(words(kAccumulator, Operand::outputs), (Counts{16 - 4, 8, 16}));
  EXPECT_EQ(words(kDram, Operand::outputs), (Counts{8 - 4, 0, 8}));
}

TEST(Traffic, PointwiseConvolutionsHaveNoHalo) {
  // Tiles of 2 x 3 pixels x 4 channels cover 6 x 6 pixels without overlap.
  EXPECT_EQ(input_fills("L3[WIO] P3 Q2 - L2[WI] N1 - L1[O] C4 Q3 - L0[W] P2", layer_of("P6 Q6 C4")),
            6 * 6 * 4);
}

TEST(Halo, IsReusedAlongTheInnermostOuterLoop) {
  // Stride 2, filter 3: tile P2 spans 5 words, moves by 4, so one word is reused:
  // 5 + 3 x 4 = 17 = (8 - 1) 2 + 3 words of the whole row, each fetched once.
  Layer layer = layer_of("R3 P8");
  layer.stride_w = 2;
  EXPECT_EQ(input_fills("L3[WIO] P4 - L2[WI] R3 - L1[O] N1 - L0[W] P2", layer), 17);
}

TEST(Halo, IsNotReusedWhenTheLoopRewinds) {
  // As above, twice: with K outside P the rewind loses the whole tile.
  Layer layer = layer_of("R3 P8 K2");
  layer.stride_w = 2;
  EXPECT_EQ(input_fills("L3[WIO] K2 P4 - L2[WI] R3 - L1[O] N1 - L0[W] P2", layer), 2 * 17);
}

TEST(Halo, IsNotReusedAcrossAnInnerLoopThatKeepsTheTile) {
  // K inside P: the tile stays over K, but a P step is no longer the innermost: 4 x 5 words.
  Layer layer = layer_of("R3 P8 K2");
  layer.stride_w = 2;
  EXPECT_EQ(input_fills("L3[WIO] P4 K2 - L2[WI] R3 - L1[O] N1 - L0[W] P2", layer), 4 * 5);
}

TEST(Halo, IsReusedOnOneAxisAtATime) {
  // Tiles of 6 x 4 words (P4 R3, Q2 S3), 3 channels. Q innermost: fresh 6 x 2 per step.
  //   P2 outside: t = (4, -2), a new tile. Per P: 24 + 12 = 36; twice, 3 channels: 216.
  const Layer layer = layer_of("R3 S3 P8 Q4 C3");
  EXPECT_EQ(input_fills("L3[WIO] P2 Q2 - L2[WI] R3 S3 C3 - L1[O] Q2 - L0[W] P4", layer), 216);
}

TEST(Halo, WordsBetweenStridesBelongToTheTile) {
  // Stride 3 without a filter: tile P2 holds words 0 to 3, two of them never used; 4 steps of 6.
  Layer layer = layer_of("P8");
  layer.stride_w = 3;
  EXPECT_EQ(input_fills("L3[WIO] P4 - L2[WI] N1 - L1[O] N1 - L0[W] P2", layer), 4 * 4);
}

TEST(Halo, FilterLoopsStepByTheDilation) {
  // Dilation 2, R3 outside, tile P6: 6 words, each step moves 2 and fetches 2: 6 + 2 x 2.
  Layer layer = layer_of("R3 P6");
  layer.dilation_w = 2;
  EXPECT_EQ(input_fills("L3[WIO] R3 - L2[WI] N1 - L1[O] N1 - L0[W] P6", layer), 10);
}

TEST(Halo, ADepthwiseGroupFetchesItsPlaneOnce) {
  // One channel of 6 x 6: tile 6 x 4, second Q step fetches 6 x 2.
  Layer layer = layer_of("R3 S3 P4 Q4");
  layer.groups = 8;  // counts are of one group
  const Counted words = count("L3[WIO] Q2 - L2[WI] R3 S3 - L1[O] Q2 - L0[W] P4", layer);
  EXPECT_EQ(words(kScratchpad, Operand::inputs), (Counts{144, 36, 0}));
  EXPECT_EQ(words(kDram, Operand::weights), (Counts{9, 0, 0}));
  EXPECT_EQ(words(kDram, Operand::outputs), (Counts{0, 0, 16}));
}

TEST(Traffic, ThreeLevelsWithBypassedWeightsByHand) {
  // 720 MACs on S3 x Q2 PEs. Weights go from DRAM to the PEs directly.
  const Accelerator accelerator = eyeriss_like();
  const Layer layer = layer_of("R3 S3 P5 Q4 C2 K2");
  const Counted words =
      count("L2[WIO] K2 - L1[IO] P5 Q2 S3X Q2X - L0[WIO] C2 R3", layer, accelerator);
  // A PE's 6 weights change with K2: 12 in 6 PEs. DRAM sends each of 36 once, to both Q PEs.
  EXPECT_EQ(words(0, Operand::weights), (Counts{720, 72, 0}));
  EXPECT_EQ(words(1, Operand::weights), (Counts{0, 0, 0}));
  EXPECT_EQ(words(2, Operand::weights), (Counts{36, 0, 0}));
  // A PE's input tile, 3 x 1 x C2 words, is new at each of Q2 x P5 x K2 = 20 steps: 120 in 6 PEs.
  // Together the PEs hold 3 x 4 x C2 = 24 words and step 2 rows along Q: 12 fresh, 24 at a P step.
  // (24 + 12) x P5 x K2 = 360.
  EXPECT_EQ(words(0, Operand::inputs), (Counts{720, 720, 0}));
  EXPECT_EQ(words(1, Operand::inputs), (Counts{360, 84, 0}));  // tile 7 x 6 x C2, stays over K2
  EXPECT_EQ(words(2, Operand::inputs), (Counts{84, 0, 0}));
  // 40 outputs have a partial sum in each of 3 S PEs. The buffer adds those of one step together.
  EXPECT_EQ(words(0, Operand::outputs), (Counts{720 - 120, 120, 720}));
  EXPECT_EQ(words(1, Operand::outputs), (Counts{0, 40, 40}));
  EXPECT_EQ(words(2, Operand::outputs), (Counts{0, 0, 40}));
}

// Timeloop finds the net displacement of a loop as if each loop inside it went from 1 back to 0.
// The counts follow it; here is where that differs from the true nest, on the W or H axis.
struct RuleCase {
  Layer layer;
  std::string mapping;
  std::int64_t timeloop;  // what we count, too
  std::int64_t like_innermost;
  std::int64_t any_overlap;
};

void expect_rule_case(const RuleCase& c) {
  const Mapping mapping = mapping_of(c.mapping, gemmini());
  const auto fetched = [&](HaloCredit credit) {
    return words_fetched(Operand::inputs, mapping, c.layer, kScratchpad, kScratchpad, credit);
  };
  EXPECT_EQ(input_fills(c.mapping, c.layer), c.timeloop);
  EXPECT_EQ(fetched(HaloCredit::as_timeloop), c.timeloop);
  EXPECT_EQ(fetched(HaloCredit::like_innermost_loop), c.like_innermost);
  EXPECT_EQ(fetched(HaloCredit::any_overlap), c.any_overlap);
}

TEST(TimeloopRule, CreditsAStepThatOnlySeemsToStay) {
  // A real row. K8 innermost keeps the tile (15 x 1 x 12 = 180 words). At an S step Timeloop takes
  // Q back by one row, 1 - 1 = 0 like K's step, and fetches nothing; Q really goes back by 12.
  //   Timeloop 180 x 32 x (13 x 3 - 2) = 213,120; in truth 180 x 32 x 13 x 3 = 224,640.
  const Layer layer = layer_of("R3 S3 P13 Q13 C384 K256");
  const std::string text = "L3[WIO] C32 S3 Q13 K8 - L2[WI] N1 - L1[O] K32 R3 C12 - L0[W] P13";
  expect_rule_case({layer, text, 213120, 224640, 224640});
  const auto why =
      credit_disagreements(mapping_of(text, gemmini()), layer, kScratchpad, kScratchpad);
  EXPECT_EQ(why.only_timeloop_credits, 32 * 2);
  EXPECT_EQ(why.only_truth_credits, 0);
  EXPECT_EQ(why.tile_stays, 0);
}

TEST(TimeloopRule, MissesAStepThatMovesLikeTheInnermost) {
  // Tile R2, dilation 2: words 0 to 2. P4 steps by 1, R2 by 4; R's step really moves 4 - 3 = 1,
  // like P's, and fetches one word; Timeloop takes 4 - 1 = 3 and fetches all three.
  //   Timeloop 3 + 3 + 3 + 3 = 12; in truth 3 + 3 + 1 + 3 = 10.
  Layer layer = layer_of("R4 P4");
  layer.dilation_w = 2;
  const std::string text = "L3[WIO] R2 P4 - L2[WI] R2 - L1[O] N1 - L0[W] N1";
  expect_rule_case({layer, text, 12, 10, 10});
  const auto why =
      credit_disagreements(mapping_of(text, gemmini()), layer, kScratchpad, kScratchpad);
  EXPECT_EQ(why.only_timeloop_credits, 0);
  EXPECT_EQ(why.only_truth_credits, 1);
}

TEST(TimeloopRule, RefetchesATileThatStaysByCancellation) {
  // One word p + r: 0 1 1 2. The P step moves 1 - 1 = 0, exactly; no rule about 1 -> 0 is at fault,
  // but the innermost loop moves by 1, so the word is fetched again. Timeloop really does so: at
  // least 18 of the 3,000 reference rows have such steps.
  const Layer layer = layer_of("R2 P2");
  const std::string text = "L3[WIO] P2 R2 - L2[WI] N1 - L1[O] N1 - L0[W] N1";
  expect_rule_case({layer, text, 4, 3, 3});
  const auto why =
      credit_disagreements(mapping_of(text, gemmini()), layer, kScratchpad, kScratchpad);
  EXPECT_EQ(why.tile_stays, 1);
}

TEST(TimeloopRule, GivesNoCreditForOtherOverlap) {
  // Tile P2 R3 x S3, row by row: the step to the next Q keeps 2 of 3 rows in truth, but its
  // displacement, (-2, 1), is not P's.  Tile 4 x 3 = 12; P2 steps 2 columns, fresh 2 x 3 = 6.
  //   (12 + 6) x Q4 = 72. By overlap: 18 + 3 steps; |new \ old| = 12 - 2 x 2 = 8, then 6: 60.
  const Layer layer = layer_of("R3 S3 P4 Q4");
  const std::string text = "L3[WIO] Q4 P2 - L2[WI] R3 S3 - L1[O] N1 - L0[W] P2";
  expect_rule_case({layer, text, 72, 72, 60});
}

}  // namespace
}  // namespace masala::model
