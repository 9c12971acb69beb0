// Roofline latency and energy by hand.
#include "masala/model/cost.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "support/accelerators.h"
#include "support/builders.h"
#include "support/random_mapping.h"

namespace masala::model {
namespace {

using masala::testing::gemmini;
using masala::testing::hardware_of;
using masala::testing::layer_of;
using masala::testing::mapping_of;

constexpr int kRegisters = 0;
constexpr int kAccumulator = 1;
constexpr int kScratchpad = 2;
constexpr int kDram = 3;
constexpr double kPicojouleTolerance = 1e-6;  // the hand-computed figures have ten digits

LayerCost cost_on_default(const std::string& text, const Layer& layer) {
  const Accelerator accelerator = gemmini();
  return cost_of(
      mapping_of(text, accelerator), layer, resolve(accelerator, default_hardware(accelerator)));
}

// 96 MACs on 4 x 4 PEs, a scratchpad and an accumulator of 1 KiB. Words, reads + fills or updates:
//   registers W 96 + 16; accumulator O fills 24, updates 24; scratchpad W 16 + 16, I 24 + 24;
//   dram W 16, I 24, O 24.
LayerCost small_cost() {
  const Accelerator accelerator = gemmini();
  const Machine machine = resolve(
      accelerator,
      hardware_of(accelerator, {{"pe_dim", 4}, {"scratchpad_kib", 1}, {"accumulator_kib", 1}}));
  return cost_of(mapping_of("L3[WIO] N1 - L2[WI] N1 K4X - L1[O] N1 C4X - L0[W] P6", accelerator),
                 layer_of("C4 K4 P6"),
                 machine);
}

TEST(Roofline, IsTheLargestOfComputeAndEveryLevel) {
  const LayerCost cost = small_cost();
  EXPECT_EQ(cost.compute_cycles, 6);                // 96 / 16
  EXPECT_EQ(cost.level_cycles[kRegisters], 0.0);    // unlimited
  EXPECT_EQ(cost.level_cycles[kAccumulator], 6.0);  // 48 / 4 instances / 2 = 6
  EXPECT_EQ(cost.level_cycles[kScratchpad], 10.0);  // 80 / 8
  EXPECT_EQ(cost.level_cycles[kDram], 8.0);         // 64 / 8
  EXPECT_EQ(cost.cycles, 10.0);
  EXPECT_EQ(cost.bottleneck, kScratchpad);
}

TEST(Roofline, IsComputeBoundWhenEveryBandwidthSuffices) {
  // One column, 32 MACs one by one. Accumulator: 32 updates + 24 reads + 8 fills = 2 per cycle,
  // exactly its bandwidth. Scratchpad 72 / 32, dram (4 + 32 + 8) / 8: less than 32 cycles.
  const LayerCost cost =
      cost_on_default("L3[WIO] N1 - L2[WI] N1 - L1[O] C4 - L0[W] P8", layer_of("C4 P8"));
  EXPECT_EQ(cost.compute_cycles, 32);
  EXPECT_EQ(cost.level_cycles[kAccumulator], 32.0);
  EXPECT_EQ(cost.level_cycles[kScratchpad], 32.0);  // never less than compute
  EXPECT_EQ(cost.cycles, 32.0);
  EXPECT_EQ(cost.bottleneck, kComputeBound);
}

TEST(Roofline, IsDramBoundWhenWeightsAreUsedOnce) {
  // A vector times a 64 x 64 matrix. W 4,096; I 64; O 4 partial sums per output: 256 + 192 back.
  // 4,608 words / 8 = 576 cycles against 16 of compute.
  const LayerCost cost = cost_on_default(
      "L3[WIO] C4 K4 - L2[WI] N1 K16X - L1[O] N1 C16X - L0[W] N1", layer_of("C64 K64"));
  EXPECT_EQ(cost.compute_cycles, 16);
  EXPECT_EQ(cost.cycles, 576.0);
  EXPECT_EQ(cost.bottleneck, kDram);
}

TEST(Roofline, RoundsPartialCyclesUp) {
  // 16 MACs at once. dram: W 16, I 1, O 16 = 33 words / 8 = 4.1.
  const LayerCost cost =
      cost_on_default("L3[WIO] N1 - L2[WI] N1 K16X - L1[O] N1 - L0[W] N1", layer_of("K16"));
  EXPECT_EQ(cost.compute_cycles, 1);
  EXPECT_EQ(cost.level_cycles[kDram], 5.0);
  EXPECT_EQ(cost.cycles, 5.0);
}

TEST(Roofline, CeilsTimeloopsDoublesNotAnExactQuotient) {
  // Accumulator: 36 updates, 36 fills, 30 reads = 102 words / 2 = 51 exactly. In doubles
  // 36 / (2 / (30/36 + 72/36)) is a little more than 51, and Timeloop reports 52.
  const LayerCost cost =
      cost_on_default("L3[WIO] C6 K2 - L2[WI] N1 - L1[O] N1 - L0[W] P3", layer_of("C6 K2 P3"));
  EXPECT_EQ(cost.compute_cycles, 36);
  EXPECT_EQ(cost.level_cycles[kAccumulator], 52.0);
  EXPECT_EQ(cost.cycles, 52.0);
}

TEST(Roofline, IsNeverBelowComputeAndTheExactQuotient) {
  const Accelerator accelerator = gemmini();
  const Machine machine = resolve(accelerator, default_hardware(accelerator));
  std::mt19937_64 rng(8);
  for (int i = 0; i < 500; ++i) {
    const Layer layer = masala::testing::random_layer(rng, 5000);
    const Mapping mapping = masala::testing::random_factorisation(layer, machine, rng);
    const Traffic traffic = count_traffic(mapping, layer, machine);
    const LayerCost cost = cost_of(traffic, mapping, layer, machine);
    ASSERT_GE(cost.cycles, static_cast<double>(cost.compute_cycles));
    double slowest = 0.0;
    for (int l = kAccumulator; l <= kDram; ++l) {
      std::int64_t words = 0;
      for (Operand operand : kAllOperands) {
        words +=
            traffic.reads[l][operand] + traffic.fills[l][operand] + traffic.updates[l][operand];
      }
      const double exact = static_cast<double>(words / used_instances(mapping, l)) /
                           machine.bandwidth_words_per_cycle[l];
      slowest = std::max(slowest, std::ceil(exact));
    }
    // Rounding of the doubles adds at most the one cycle of the test above.
    ASSERT_GE(cost.cycles, slowest) << to_text(mapping, accelerator);
    ASSERT_LE(cost.cycles, std::max(slowest + 1, static_cast<double>(cost.compute_cycles)))
        << to_text(mapping, accelerator);
  }
}

TEST(Energy, ChargesWholeBlocksPerOperandAndAction) {
  const LayerCost cost = small_cost();
  EXPECT_NEAR(cost.mac_energy_pj, 96 * 0.5608, kPicojouleTolerance);
  EXPECT_NEAR(cost.level_energy_pj[kRegisters], 112 * 0.487461722, kPicojouleTolerance);
  // Accumulator, 0.25 KiB per instance: 1.949748744 + 0.100502513 x 0.25 per word.
  EXPECT_NEAR(cost.level_energy_pj[kAccumulator], 48 * 1.9748743719, kPicojouleTolerance);
  // Scratchpad, rows of 4: W 4 + 4, I 6 + 6; a row is 4 x (0.487437186 + 0.025125628 x 1).
  EXPECT_NEAR(cost.level_energy_pj[kScratchpad], 20 * 2.0502512563, kPicojouleTolerance);
  // DRAM, blocks of 64: 16 W, 24 I and 24 O words take a block each.
  EXPECT_EQ(cost.level_energy_pj[kDram], 3 * 6400.0);
  EXPECT_NEAR(cost.energy_pj,
              53.8368 + 54.595712864 + 94.7939698512 + 41.005025126 + 19200.0,
              kPicojouleTolerance);
}

TEST(Energy, ReadsAndUpdatesOfPartialSumsAreSeparateBlocks) {
  // dram: W 64 x 64 = 64 blocks, I 64 = 1, O updates 256 = 4, O reads 192 = 3.
  const LayerCost cost = cost_on_default(
      "L3[WIO] C4 K4 - L2[WI] N1 K16X - L1[O] N1 C16X - L0[W] N1", layer_of("C64 K64"));
  EXPECT_EQ(cost.level_energy_pj[kDram], (64 + 1 + 4 + 3) * 6400.0);
}

TEST(Energy, BlocksCountTheWordsOfTheWholeRun) {
  // 65 weights: two blocks; 1 input and 65 outputs: 1 + 2.
  const LayerCost cost =
      cost_on_default("L3[WIO] K65 - L2[WI] N1 - L1[O] N1 - L0[W] N1", layer_of("K65"));
  EXPECT_EQ(cost.level_energy_pj[kDram], 5 * 6400.0);
}

TEST(DesignCost, WeighsLayersByCountAndGroups) {
  const Accelerator accelerator = gemmini();
  const Machine machine = resolve(accelerator, default_hardware(accelerator));
  Workload workload;
  workload.layers = {layer_of("C4 P8"), layer_of("C64 K64")};
  workload.layers[0].count = 3;
  workload.layers[0].groups = 2;
  workload.layers[1].count = 5;
  const std::vector<Mapping> mappings = {
      mapping_of("L3[WIO] N1 - L2[WI] N1 - L1[O] C4 - L0[W] P8", accelerator),
      mapping_of("L3[WIO] C4 K4 - L2[WI] N1 K16X - L1[O] N1 C16X - L0[W] N1", accelerator)};
  const DesignCost total = cost_of(mappings, workload, machine);
  ASSERT_EQ(total.layers.size(), 2u);
  EXPECT_EQ(total.layers[0].cycles, 32.0);  // of one execution
  EXPECT_EQ(total.cycles, 6 * 32.0 + 5 * 576.0);
  const double energy_uj = (6 * total.layers[0].energy_pj + 5 * total.layers[1].energy_pj) / 1e6;
  EXPECT_DOUBLE_EQ(total.energy_uj, energy_uj);
  EXPECT_DOUBLE_EQ(total.edp_uj_cycles(), total.energy_uj * total.cycles);
}

TEST(DesignCost, ADepthwiseLayerCostsItsGroups) {
  const Accelerator accelerator = gemmini();
  const Machine machine = resolve(accelerator, default_hardware(accelerator));
  const Mapping mapping =
      mapping_of("L3[WIO] Q2 - L2[WI] R3 S3 - L1[O] Q2 - L0[W] P4", accelerator);
  Workload one{"one", {layer_of("R3 S3 P4 Q4")}};
  Workload eight = one;
  eight.layers[0].groups = 8;
  const DesignCost cost_of_one = cost_of({mapping}, one, machine);
  const DesignCost cost_of_eight = cost_of({mapping}, eight, machine);
  EXPECT_EQ(cost_of_eight.cycles, 8 * cost_of_one.cycles);
  EXPECT_DOUBLE_EQ(cost_of_eight.energy_uj, 8 * cost_of_one.energy_uj);
}

}  // namespace
}  // namespace masala::model
