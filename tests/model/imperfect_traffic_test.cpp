// Imperfect factors worked out by hand: edge tiles count as large as they are.
#include <gtest/gtest.h>

#include <array>

#include "masala/model/cost.h"
#include "masala/model/traffic.h"
#include "support/accelerators.h"
#include "support/builders.h"

namespace masala::model {
namespace {

using masala::testing::eyeriss_like;
using masala::testing::gemmini;
using masala::testing::layer_of;
using masala::testing::mapping_of;
using Counts = std::array<std::int64_t, 3>;  // reads, fills, updates

constexpr int kRegisters = 0;
constexpr int kAccumulator = 1;
constexpr int kScratchpad = 2;
constexpr int kDram = 3;

struct Evaluated {
  Evaluated(const std::string& text, const Layer& l, const Accelerator& accelerator = gemmini())
      : layer(l), mapping(mapping_of(text, accelerator)) {
    const Machine machine = resolve(accelerator, default_hardware(accelerator));
    traffic = count_traffic(mapping, layer, machine);
    cost = cost_of(mapping, layer, machine);
    needed = words_needed(mapping, layer, accelerator);
  }

  Counts operator()(int level, Operand operand) const {
    return {traffic.reads[level][operand],
            traffic.fills[level][operand],
            traffic.updates[level][operand]};
  }

  Layer layer;
  Mapping mapping;
  Traffic traffic;
  LayerCost cost;
  PerLevel<std::int64_t> needed;
};

TEST(ImperfectTraffic, ATileOf80Of128) {
  // Two K steps at dram, of 80 and 48 columns: 5 and 3 steps of 16.
  const Evaluated e("L3[WIO] K2 P2 - L2[WI] N1 K16X - L1[O] K5 C2 - L0[W] P2",
                    layer_of("P4 C2 K128"));
  EXPECT_FALSE(is_perfect(e.mapping, e.layer));
  EXPECT_EQ(e.cost.compute_cycles, (5 + 3) * 2 * 4);  // 1,024 MACs on 16 PEs, none ever idle
  // A PE's weight changes with C2, K5 or K3, and P2 outside them.
  EXPECT_EQ(e(kRegisters, Operand::weights), (Counts{1024, 16 * 2 * (5 + 3) * 2, 0}));
  // The scratchpad's tile, C2 x K80 and then C2 x K48, stays over P2. Padded, it would be 320.
  EXPECT_EQ(e(kScratchpad, Operand::weights), (Counts{512, 160 + 96, 0}));
  EXPECT_EQ(e(kDram, Operand::weights), (Counts{256, 0, 0}));
  // Inputs P2 x C2: two tiles, for each of the two K steps.
  EXPECT_EQ(e(kScratchpad, Operand::inputs), (Counts{1024 / 16, 2 * 2 * 4, 0}));
  EXPECT_EQ(e(kAccumulator, Operand::outputs), (Counts{1024 - 512, 512, 1024}));
  EXPECT_EQ(e(kDram, Operand::outputs), (Counts{0, 0, 512}));
  EXPECT_EQ(e.needed[kAccumulator], 2 * 5);
  EXPECT_EQ(e.needed[kScratchpad], 160 + 4);
  EXPECT_DOUBLE_EQ(e.cost.level_energy_pj[kDram], (256 / 64 + 1 + 512 / 64) * 6400.0);
  EXPECT_DOUBLE_EQ(e.cost.mac_energy_pj, 1024 * 0.5608);
}

TEST(ImperfectTraffic, ThirtySixChannelsOnSixteenColumns) {
  // Three steps over K, the last with 4 of 16 columns. It takes as long as the others.
  const Evaluated e("L3[WIO] K3 - L2[WI] N1 K16X - L1[O] N1 C4X - L0[W] P4", layer_of("P4 C4 K36"));
  EXPECT_EQ(e.cost.compute_cycles, 3 * 4);
  // 4 columns hold three weights per row in turn, 12 columns two.
  EXPECT_EQ(e(kRegisters, Operand::weights), (Counts{576, 4 * (4 * 3 + 12 * 2), 0}));
  EXPECT_EQ(e(kScratchpad, Operand::weights), (Counts{144, 64 + 64 + 16, 0}));
  // An input goes to all columns at once, however many work.
  EXPECT_EQ(e(kScratchpad, Operand::inputs), (Counts{4 * 4 * 3, 16, 0}));
  EXPECT_EQ(e(kAccumulator, Operand::outputs), (Counts{0, 144, 144}));
  EXPECT_EQ(e(kDram, Operand::outputs), (Counts{0, 0, 144}));
}

TEST(ImperfectTraffic, ChannelsAreDealtOutToColumnsFirst) {
  // The three steps inside the accumulator: 16, 16 and 4 columns rather than 12 columns with three
  // each. A column has room for 3 x 4 outputs.
  const Evaluated e("L3[WIO] N1 - L2[WI] N1 K16X - L1[O] K3 C4X - L0[W] P4", layer_of("P4 C4 K36"));
  EXPECT_EQ(e.cost.compute_cycles, 3 * 4);
  EXPECT_EQ(e(kRegisters, Operand::weights), (Counts{576, 144, 0}));
  EXPECT_EQ(e(kScratchpad, Operand::weights), (Counts{144, 144, 0}));
  EXPECT_EQ(e(kScratchpad, Operand::inputs), (Counts{48, 16, 0}));
  EXPECT_EQ(e(kAccumulator, Operand::outputs), (Counts{0, 144, 144}));
  EXPECT_EQ(e.needed[kAccumulator], 12);
  EXPECT_EQ(e.needed[kScratchpad], 144 + 16);
}

TEST(ImperfectTraffic, TheBusiestInstanceSetsTheCyclesOfALevel) {
  // The first column runs all 2 x 3 x 4 steps: 24 updates, 12 reads, 24 fills, 2 words per cycle.
  // The mean column has 45 accesses.
  const Evaluated e("L3[WIO] C2 K3 - L2[WI] N1 K16X - L1[O] N1 C4X - L0[W] P4",
                    layer_of("P4 C8 K36"));
  EXPECT_EQ(e(kAccumulator, Operand::outputs), (Counts{144, 288, 288}));
  EXPECT_EQ(e.cost.compute_cycles, 24);
  EXPECT_EQ(e.cost.level_cycles[kAccumulator], 30.0);
}

TEST(ImperfectTraffic, AConvolutionOf7By7InTilesOf4) {
  // Input tiles: 6 x 6, 5 x 6, 6 x 5, 5 x 5. A P step of 4 keeps 2 columns; a Q step none, as P
  // goes back. 36 + 3 x 6 + 30 + 3 x 5 = 99; padded, 2 x (36 + 24) = 120.
  const Evaluated e("L3[WIO] Q2 P2 - L2[WI] R3 S3 - L1[O] Q4 - L0[W] P4", layer_of("R3 S3 P7 Q7"));
  EXPECT_EQ(e.cost.compute_cycles, 441);
  EXPECT_EQ(e(kScratchpad, Operand::inputs), (Counts{441, 99, 0}));
  EXPECT_EQ(e(kDram, Operand::inputs), (Counts{99, 0, 0}));
  EXPECT_EQ(e(kRegisters, Operand::weights), (Counts{441, 4 * 9, 0}));
  EXPECT_EQ(e(kScratchpad, Operand::weights), (Counts{36, 9, 0}));
  EXPECT_EQ(e(kAccumulator, Operand::outputs), (Counts{441 - 49, 49, 441}));
  EXPECT_EQ(e.needed[kAccumulator], 16);
}

TEST(ImperfectTraffic, ALoopThatRunsOnceAtTheEdgeDoesNotLoseTheHalo) {
  // A PE's tile is P2 wide, 4 rows high. In the first P4, P2 runs inside Q2 and goes back at its
  // step: 4 tiles of 8. The fifth P is alone: 4 words, and a Q step that fetches 2 rows of 4.
  const Evaluated e(
      "L2[WIO] P2 Q2 - L1[IO] P2 - L0[WIO] P2 S3 Q2", layer_of("S3 P5 Q4"), eyeriss_like());
  EXPECT_EQ(e(0, Operand::inputs)[1], 4 * 8 + 4 + 2);
}

TEST(ImperfectTraffic, ALoopThatRunsOnceAtTheEdgeDoesNotLoseTheWeights) {
  // K7 as 4 + 3 or, inside, 2 + 2 and 2 + 1; K9 adds a step of 1 in which the inner K2 runs once:
  // there the weight stays over P2. (2 x 4 + 2 x 4) + 1 words.
  const Evaluated e("L2[WIO] K3 - L1[IO] P2 K2 - L0[WIO] K2", layer_of("P2 K9"), eyeriss_like());
  EXPECT_EQ(e(0, Operand::weights)[1], 2 * 4 + 2 * 4 + 1);
}

TEST(ImperfectTraffic, AnInstanceThatIsIdleHoldsNothing) {
  // Q4X over Q6: two steps, of 4 and 2 PEs. As K2 goes on, all PEs fetch again, the last two PEs,
  // too, whose only row it is.
  const Evaluated e(
      "L2[WIO] K2 Q2 - L1[IO] N1 Q4X - L0[WIO] N1", layer_of("Q6 K2"), eyeriss_like());
  EXPECT_EQ(e(0, Operand::inputs)[1], 2 * (4 + 2));
  EXPECT_EQ(e(1, Operand::inputs)[0], 2 * (4 + 2));
  EXPECT_EQ(e.cost.compute_cycles, 4);
}

TEST(ImperfectTraffic, TilesEndAtTheBound) {
  // The accumulator's P tile would be 3 x 4 of 10.
  const Evaluated e("L3[WIO] N1 - L2[WI] N1 - L1[O] P3 - L0[W] P4", layer_of("P10"));
  EXPECT_EQ(e.needed[kAccumulator], 10);
  EXPECT_EQ(e(kScratchpad, Operand::inputs), (Counts{10, 10, 0}));
  EXPECT_EQ(e.cost.compute_cycles, 10);
}

std::vector<std::string> found(const std::string& text,
                               const Layer& layer,
                               Factors factors = Factors::imperfect) {
  const Accelerator accelerator = gemmini();
  const Machine machine = resolve(accelerator, default_hardware(accelerator));
  return problems(mapping_of(text, accelerator), layer, accelerator, machine, factors);
}

TEST(ImperfectProblems, CeilTilingIsAcceptedOnRequest) {
  const std::string text = "L3[WIO] K2 - L2[WI] N1 K16X - L1[O] K5 - L0[W] N1";
  EXPECT_TRUE(found(text, layer_of("K128")).empty());
  EXPECT_TRUE(found("L3[WIO] K3 - L2[WI] N1 K16X - L1[O] N1 - L0[W] N1", layer_of("K36")).empty());
  EXPECT_TRUE(found("L3[WIO] K8 - L2[WI] N1 K16X - L1[O] N1 - L0[W] N1", layer_of("K128")).empty());
  const std::vector<std::string> perfect = found(text, layer_of("K128"), Factors::perfect);
  ASSERT_EQ(perfect.size(), 1U);
  EXPECT_EQ(perfect[0],
            "K factors multiply to 160 (dram 2, scratchpad 1 (spatial 16), accumulator 5, "
            "registers 1); expected the layer's K = 128");
}

TEST(ImperfectProblems, AFactorMayNotHaveIterationsWithoutWork) {
  const auto wrong = found("L3[WIO] K3 - L2[WI] N1 K16X - L1[O] K5 - L0[W] N1", layer_of("K128"));
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0],
            "K3 at dram: iterations without work, with 80 inside it (dram 3, scratchpad 1 (spatial "
            "16), accumulator 5, registers 1); expected at most ceil(128 / 80) = 2");
  const auto unrolled = found("L3[WIO] N1 - L2[WI] N1 K16X - L1[O] N1 - L0[W] N1", layer_of("K12"));
  ASSERT_EQ(unrolled.size(), 1U);
  EXPECT_EQ(unrolled[0].substr(0, 50), "K16X at scratchpad: iterations without work, with ");
}

TEST(ImperfectProblems, FactorsMustReachTheBound) {
  const auto wrong = found("L3[WIO] K3 - L2[WI] N1 - L1[O] N1 - L0[W] N1", layer_of("K4"));
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0],
            "K factors multiply to 3 (dram 3, scratchpad 1, accumulator 1, registers 1); expected "
            "at least the layer's K = 4");
}

TEST(ImperfectProblems, OverflowingFactorsAreReported) {
  const auto wrong =
      found("L3[WIO] K2147483648 - L2[WI] K2147483648 - L1[O] K4 - L0[W] N1", layer_of("K4"));
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0].substr(0, 39), "K factors multiply to more than 2^63 (d");
}

}  // namespace
}  // namespace masala::model
