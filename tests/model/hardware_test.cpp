// Ranges, hardware keys, resolution to numbers, area, and the smallest hardware for a need.
#include <gtest/gtest.h>

#include "masala/model/accelerator.h"
#include "masala/model/cost.h"
#include "support/accelerators.h"
#include "support/builders.h"
#include "support/random_mapping.h"

namespace masala::model {
namespace {

using masala::testing::eyeriss_like;
using masala::testing::gemmini;
using masala::testing::hardware_of;
using masala::testing::layer_of;
using masala::testing::mapping_of;
using Keys = std::vector<std::string>;

constexpr int kRegisters = 0;
constexpr int kAccumulator = 1;
constexpr int kScratchpad = 2;
constexpr int kDram = 3;

TEST(Range, GridStartsAtMinAndStopsAtMax) {
  const Range range{3, 14, 4, false, 3};  // 3 7 11
  EXPECT_TRUE(range.contains(3));
  EXPECT_TRUE(range.contains(11));
  EXPECT_FALSE(range.contains(4));
  EXPECT_FALSE(range.contains(14));  // the end of the range, not of the grid
  EXPECT_FALSE(range.contains(-1));
  EXPECT_FALSE(range.contains(15));
}

TEST(Range, RoundsUpToTheGridAndNeverPastIt) {
  const Range range{3, 14, 4, false, 3};
  EXPECT_EQ(range.round_up(0.0), 3);
  EXPECT_EQ(range.round_up(3.0), 3);
  EXPECT_EQ(range.round_up(3.001), 7);
  EXPECT_EQ(range.round_up(7.0), 7);
  EXPECT_EQ(range.round_up(11.0), 11);
  EXPECT_EQ(range.round_up(11.5), std::nullopt);
  EXPECT_EQ(range.round_up(1e300), std::nullopt);
}

TEST(Range, PowersOfTwo) {
  const Range range{16, 100, 1, true, 16};  // 16 32 64
  EXPECT_TRUE(range.contains(64));
  EXPECT_FALSE(range.contains(48));
  EXPECT_FALSE(range.contains(8));
  EXPECT_EQ(range.round_up(0.5), 16);
  EXPECT_EQ(range.round_up(33.0), 64);
  EXPECT_EQ(range.round_up(64.0), 64);
  EXPECT_EQ(range.round_up(64.1), std::nullopt);
}

TEST(Range, FindsTheNearestOfTheGrid) {
  const Range range{3, 14, 4, false, 3};  // 3 7 11
  EXPECT_EQ(range.nearest(-5.0), 3);
  EXPECT_EQ(range.nearest(4.9), 3);
  EXPECT_EQ(range.nearest(5.1), 7);
  EXPECT_EQ(range.nearest(14.0), 11);
  const Range powers{16, 100, 1, true, 16};  // 16 32 64, apart by the ratio: 22.6, 45.3
  EXPECT_EQ(powers.nearest(1.0), 16);
  EXPECT_EQ(powers.nearest(22.0), 16);
  EXPECT_EQ(powers.nearest(23.0), 32);
  EXPECT_EQ(powers.nearest(45.0), 32);
  EXPECT_EQ(powers.nearest(46.0), 64);
  EXPECT_EQ(powers.nearest(1e9), 64);
}

TEST(Range, StepsAlongTheGridToItsEnds) {
  const Range range{3, 14, 4, false, 3};
  EXPECT_EQ(range.next(7, true), 11);
  EXPECT_EQ(range.next(7, false), 3);
  EXPECT_EQ(range.next(11, true), std::nullopt);
  EXPECT_EQ(range.next(3, false), std::nullopt);
  const Range powers{16, 100, 1, true, 16};
  EXPECT_EQ(powers.next(32, true), 64);
  EXPECT_EQ(powers.next(32, false), 16);
  EXPECT_EQ(powers.next(64, true), std::nullopt);
}

TEST(Range, AFixedRangeHasOneValue) {
  const Range range{16, 16, 1, false, 16};
  EXPECT_TRUE(range.is_fixed());
  EXPECT_EQ(range.round_up(5.0), 16);
  EXPECT_EQ(range.round_up(17.0), std::nullopt);
}

TEST(Hardware, KeysAreTheParametersThenTheSizedLevelsFromTheOutside) {
  EXPECT_EQ(hardware_keys(gemmini()), (Keys{"pe_dim", "scratchpad_kib", "accumulator_kib"}));
  EXPECT_EQ(hardware_keys(eyeriss_like()), (Keys{"glb_kib"}));
}

TEST(Hardware, ValuesAreReadAndWrittenByKey) {
  const Accelerator accelerator = gemmini();
  Hardware hardware = default_hardware(accelerator);
  EXPECT_EQ(hardware_value(accelerator, hardware, "pe_dim"), 16.0);
  EXPECT_EQ(hardware_value(accelerator, hardware, "scratchpad_kib"), 256.0);
  EXPECT_EQ(hardware_value(accelerator, hardware, "accumulator_kib"), 64.0);
  EXPECT_TRUE(set_hardware_value(accelerator, hardware, "pe_dim", 32));
  EXPECT_TRUE(set_hardware_value(accelerator, hardware, "accumulator_kib", 1.5));
  EXPECT_EQ(hardware.parameters[0], 32);
  EXPECT_EQ(hardware.kib[kAccumulator], 1.5);
}

TEST(Hardware, UnknownKeysAreRefused) {
  const Accelerator accelerator = gemmini();
  Hardware hardware = default_hardware(accelerator);
  // A level without a size, the suffix alone, a level without it, and nothing.
  for (const char* key : {"registers_kib", "dram_kib", "_kib", "scratchpad", ""}) {
    EXPECT_EQ(hardware_value(accelerator, hardware, key), std::nullopt) << key;
    EXPECT_FALSE(set_hardware_value(accelerator, hardware, key, 1.0)) << key;
    EXPECT_EQ(hardware_range(accelerator, key), nullptr) << key;
  }
}

TEST(Hardware, RangesAreFoundByKey) {
  const Accelerator accelerator = gemmini();
  ASSERT_NE(hardware_range(accelerator, "pe_dim"), nullptr);
  EXPECT_EQ(hardware_range(accelerator, "pe_dim")->max, 128);
  ASSERT_NE(hardware_range(accelerator, "scratchpad_kib"), nullptr);
  EXPECT_EQ(hardware_range(accelerator, "scratchpad_kib")->max, 4096);
}

TEST(Resolve, CapacitiesAreWordsOfOneInstanceRoundedDown) {
  const Accelerator accelerator = gemmini();
  Machine machine = resolve(accelerator, hardware_of(accelerator));
  EXPECT_EQ(machine.capacity_words[kRegisters], 1);
  EXPECT_EQ(machine.capacity_words[kAccumulator], 1024);  // 64 x 1024 / 4 / 16
  EXPECT_EQ(machine.capacity_words[kScratchpad], 262144);
  EXPECT_EQ(machine.capacity_words[kDram], 0);  // unlimited
  machine = resolve(accelerator, hardware_of(accelerator, {{"pe_dim", 3}, {"accumulator_kib", 1}}));
  EXPECT_EQ(machine.capacity_words[kAccumulator], 85);  // 256 / 3 = 85.33
}

TEST(Resolve, LimitsBandwidthsAndBlocksFollowTheParameters) {
  const Accelerator accelerator = gemmini();
  const Machine machine = resolve(accelerator, hardware_of(accelerator, {{"pe_dim", 24}}));
  EXPECT_EQ(machine.num_levels, 4);
  EXPECT_EQ(machine.spatial_limit[kAccumulator][Dim::C], 24);
  EXPECT_EQ(machine.spatial_limit[kAccumulator][Dim::K], 1);
  EXPECT_EQ(machine.spatial_limit[kScratchpad][Dim::K], 24);
  EXPECT_EQ(machine.bandwidth_words_per_cycle[kRegisters], 0.0);  // unlimited
  EXPECT_EQ(machine.bandwidth_words_per_cycle[kAccumulator], 2.0);
  EXPECT_EQ(machine.bandwidth_words_per_cycle[kScratchpad], 48.0);
  EXPECT_EQ(machine.bandwidth_words_per_cycle[kDram], 8.0);
  EXPECT_EQ(machine.block_words[kAccumulator], 1.0);
  EXPECT_EQ(machine.block_words[kScratchpad], 24.0);
  EXPECT_EQ(machine.block_words[kDram], 64.0);
}

TEST(Resolve, ParentsAndInnermostLevelsFollowTheKeptOperands) {
  const Accelerator accelerator = gemmini();
  const Machine machine = resolve(accelerator, default_hardware(accelerator));
  EXPECT_EQ(machine.parent[kRegisters][Operand::weights], kScratchpad);
  EXPECT_EQ(machine.parent[kRegisters][Operand::inputs], -1);  // not kept
  EXPECT_EQ(machine.parent[kAccumulator][Operand::outputs], kDram);
  EXPECT_EQ(machine.parent[kDram][Operand::weights], -1);  // outermost
  EXPECT_EQ(machine.innermost[Operand::inputs], kScratchpad);
}

TEST(Resolve, SramEnergyPerRowByHand) {
  const Accelerator accelerator = gemmini();
  const Machine machine = resolve(accelerator, default_hardware(accelerator));
  constexpr double kTolerance = 1e-12;
  // m = 5 / 99.5. Scratchpad, 256 KiB, rows of 16 x 8 = 128 bits:
  //   (m (256 - 0.5) + 1) 128 / 16 = (12.839195979899497 + 1) 8 = 110.71356783919598 pJ
  EXPECT_NEAR(machine.block_energy_pj[kScratchpad], 110.71356783919598, kTolerance);
  // Accumulator, 64 KiB in 16 instances of 4 KiB, rows of one 32-bit word:
  //   (m (4 - 0.5) + 1) 32 / 16 = (0.17587939698492464 + 1) 2 = 2.351758793969849 pJ
  EXPECT_NEAR(machine.block_energy_pj[kAccumulator], 2.351758793969849, kTolerance);
  EXPECT_EQ(machine.block_energy_pj[kRegisters], 0.487461722);
  EXPECT_EQ(machine.block_energy_pj[kDram], 6400.0);
  EXPECT_EQ(machine.mac_energy_pj, 0.5608);
}

TEST(Resolve, SramEnergyUsesUnroundedKibPerInstance) {
  // 1 KiB in 3 instances: (m (1/3 - 1/2) + 1) 2 = (1 - m / 6) 2 = 1.983249581239531 pJ
  const Accelerator accelerator = gemmini();
  const Machine machine =
      resolve(accelerator, hardware_of(accelerator, {{"pe_dim", 3}, {"accumulator_kib", 1}}));
  EXPECT_NEAR(machine.block_energy_pj[kAccumulator], 1.983249581239531, 1e-12);
}

TEST(Area, SumsItsTermsByHand) {
  // pe 16, scratchpad 256, accumulator 64:
  //   3.869e-4 x 256 + 2.454e-3 x 256 + 5.115e-3 x 64
  //     + 1.505e-3 x sqrt(4096) + 3.52e-3 x sqrt(1024)
  //   = 0.0990464 + 0.628224 + 0.32736 + 0.09632 + 0.11264 = 1.2635904 mm2
  const Accelerator accelerator = gemmini();
  EXPECT_NEAR(area_mm2(accelerator, default_hardware(accelerator)), 1.2635904, 1e-12);
}

TEST(Area, IsZeroWithoutTerms) {
  EXPECT_EQ(area_mm2(eyeriss_like(), default_hardware(eyeriss_like())), 0.0);
}

// 10 columns of 100 accumulator words and a scratchpad tile of 1,025 words.
HardwareNeed small_need() {
  HardwareNeed need;
  for (auto& spatial : need.spatial) spatial = filled<std::int64_t>(1);
  need.spatial[kAccumulator][Dim::C] = 7;
  need.spatial[kScratchpad][Dim::K] = 10;
  need.words[kRegisters] = 1;
  need.words[kAccumulator] = 100;
  need.words[kScratchpad] = 1025;
  return need;
}

TEST(SmallestHardware, RoundsUpToTheStep) {
  const auto hardware = smallest_hardware(small_need(), gemmini(), {});
  ASSERT_TRUE(hardware);
  EXPECT_EQ(hardware->parameters[0], 10);       // max of C7X and K10X
  EXPECT_EQ(hardware->kib[kAccumulator], 4.0);  // 100 x 4 B x 10 = 3.91 KiB
  EXPECT_EQ(hardware->kib[kScratchpad], 2.0);   // 1,025 B
  EXPECT_EQ(hardware->kib[kRegisters], 0.0);
}

TEST(SmallestHardware, ExactlyFullBuffersAreNotEnlarged) {
  HardwareNeed need = small_need();
  need.spatial[kScratchpad][Dim::K] = 8;
  need.words[kAccumulator] = 128;  // x 4 B x 8 = 4,096 B
  need.words[kScratchpad] = 2048;
  const auto hardware = smallest_hardware(need, gemmini(), {});
  ASSERT_TRUE(hardware);
  EXPECT_EQ(hardware->kib[kAccumulator], 4.0);
  EXPECT_EQ(hardware->kib[kScratchpad], 2.0);
}

TEST(SmallestHardware, RoundsUpToPowersOfTwo) {
  Accelerator accelerator = gemmini();
  accelerator.levels[kAccumulator].kib = Range{16, 2048, 1, true, 64};
  accelerator.levels[kScratchpad].kib = Range{16, 4096, 1, true, 256};
  HardwareNeed need = small_need();
  need.words[kScratchpad] = 33 * 1024;
  const auto hardware = smallest_hardware(need, accelerator, {});
  ASSERT_TRUE(hardware);
  EXPECT_EQ(hardware->kib[kAccumulator], 16.0);  // the minimum
  EXPECT_EQ(hardware->kib[kScratchpad], 64.0);
}

TEST(SmallestHardware, KeepsFixedValuesAndSizesTheRestForThem) {
  const auto hardware =
      smallest_hardware(small_need(), gemmini(), {{"pe_dim", 16}, {"scratchpad_kib", 128}});
  ASSERT_TRUE(hardware);
  EXPECT_EQ(hardware->parameters[0], 16);
  EXPECT_EQ(hardware->kib[kAccumulator], 7.0);  // 100 x 4 B x 16 = 6.25 KiB
  EXPECT_EQ(hardware->kib[kScratchpad], 128.0);
}

TEST(SmallestHardware, NoneWhenAFixedValueIsTooSmall) {
  EXPECT_TRUE(smallest_hardware(small_need(), gemmini(), {{"pe_dim", 10}}));
  EXPECT_FALSE(smallest_hardware(small_need(), gemmini(), {{"pe_dim", 9}}));
  EXPECT_TRUE(smallest_hardware(small_need(), gemmini(), {{"scratchpad_kib", 2}}));
  EXPECT_FALSE(smallest_hardware(small_need(), gemmini(), {{"scratchpad_kib", 1}}));
}

TEST(SmallestHardware, NoneBeyondTheRanges) {
  HardwareNeed need = small_need();
  need.spatial[kScratchpad][Dim::K] = 129;
  EXPECT_FALSE(smallest_hardware(need, gemmini(), {}));
  need = small_need();
  need.words[kScratchpad] = 4096 * 1024 + 1;
  EXPECT_FALSE(smallest_hardware(need, gemmini(), {}));
  need = small_need();
  need.words[kRegisters] = 2;  // the one word of a PE has no size to grow
  EXPECT_FALSE(smallest_hardware(need, gemmini(), {}));
}

TEST(SmallestHardware, NoneBeyondALimitThatNoParameterRaises) {
  HardwareNeed need;
  for (auto& spatial : need.spatial) spatial = filled<std::int64_t>(1);
  need.spatial[1][Dim::S] = 4;  // eyeriss_like() unrolls S over at most 4
  EXPECT_TRUE(smallest_hardware(need, eyeriss_like(), {}));
  need.spatial[1][Dim::S] = 5;
  EXPECT_FALSE(smallest_hardware(need, eyeriss_like(), {}));
  need = small_need();
  need.spatial[kScratchpad][Dim::P] = 2;  // Gemmini does not unroll P at all
  EXPECT_FALSE(smallest_hardware(need, gemmini(), {}));
}

TEST(SmallestHardware, DoubleBufferingDoublesTheNeed) {
  Accelerator accelerator = gemmini();
  const Layer layer = layer_of("C32 K16 P32");
  const Mapping mapping =
      mapping_of("L3[WIO] N1 - L2[WI] N1 K16X - L1[O] C2 C16X - L0[W] P32", accelerator);
  // Scratchpad: weights 32 x 16 = 512 and inputs 32 x 32 = 1,024; accumulator: 32 outputs.
  EXPECT_EQ(words_needed(mapping, layer, accelerator)[kScratchpad], 1536);
  EXPECT_EQ(words_needed(mapping, layer, accelerator)[kAccumulator], 32);
  EXPECT_EQ(words_needed(mapping, layer, accelerator)[kRegisters], 1);
  accelerator.levels[kScratchpad].double_buffered = true;
  EXPECT_EQ(words_needed(mapping, layer, accelerator)[kScratchpad], 3072);
  const auto hardware =
      smallest_hardware(hardware_need(mapping, layer, accelerator), accelerator, {});
  ASSERT_TRUE(hardware);
  EXPECT_EQ(hardware->parameters[0], 16);
  EXPECT_EQ(hardware->kib[kScratchpad], 3.0);
  EXPECT_EQ(hardware->kib[kAccumulator], 2.0);  // 32 x 4 B x 16
}

TEST(SmallestHardware, MaxOfTwoNeedsServesBoth) {
  HardwareNeed a = small_need();
  HardwareNeed b = small_need();
  b.spatial[kAccumulator][Dim::C] = 12;
  a.words[kAccumulator] = 200;
  b.words[kScratchpad] = 5000;
  const HardwareNeed both = max_of(a, b);
  EXPECT_EQ(both.spatial[kAccumulator][Dim::C], 12);
  EXPECT_EQ(both.spatial[kScratchpad][Dim::K], 10);
  EXPECT_EQ(both.words[kAccumulator], 200);
  EXPECT_EQ(both.words[kScratchpad], 5000);
}

TEST(SmallestHardware, RunsTheMappingAndOneStepLessDoesNot) {
  const Accelerator accelerator = gemmini();
  const Machine largest =
      resolve(accelerator,
              hardware_of(accelerator,
                          {{"pe_dim", 128}, {"scratchpad_kib", 4096}, {"accumulator_kib", 2048}}));
  std::mt19937_64 rng(11);
  int shrunk = 0;
  for (int i = 0; i < 300; ++i) {
    Layer layer = masala::testing::random_layer(rng, 4096);
    for (Dim dim : {Dim::C, Dim::K, Dim::P}) layer.bounds[dim] *= 24;
    const Mapping mapping = masala::testing::random_mapping(layer, accelerator, largest, rng);
    const auto hardware =
        smallest_hardware(hardware_need(mapping, layer, accelerator), accelerator, {});
    ASSERT_TRUE(hardware);
    const auto runs_on = [&](const Hardware& candidate) {
      return problems(mapping, layer, accelerator, resolve(accelerator, candidate)).empty();
    };
    EXPECT_TRUE(runs_on(*hardware)) << to_text(mapping, accelerator);
    for (const std::string& key : hardware_keys(accelerator)) {
      const double value = *hardware_value(accelerator, *hardware, key);  // every step is 1
      if (value <= static_cast<double>(hardware_range(accelerator, key)->min)) continue;
      Hardware smaller = *hardware;
      set_hardware_value(accelerator, smaller, key, value - 1.0);
      EXPECT_FALSE(runs_on(smaller)) << key << " " << to_text(mapping, accelerator);
      ++shrunk;
    }
  }
  EXPECT_GT(shrunk, 100);  // the loop above had something to check
}

}  // namespace
}  // namespace masala::model
