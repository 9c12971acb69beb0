#include "targets/gemmini/program/driver_words.h"

#include <gtest/gtest.h>

#include "support/accelerators.h"
#include "support/builders.h"
#include "support/random_mapping.h"
#include "targets/gemmini/machine.h"
#include "targets/gemmini/program/driver_program.h"

namespace masala::gemmini {
namespace {

using masala::testing::gemmini;
using masala::testing::gemmini_rtl;
using masala::testing::hardware_of;
using masala::testing::layer_of;
using masala::testing::mapping_of;

model::PerLevel<std::int64_t> words_of(const char* mapping, const model::Layer& layer) {
  const model::Accelerator accelerator = gemmini_rtl();
  return driver_words(accelerator)(mapping_of(mapping, accelerator),
                                   layer,
                                   model::resolve(accelerator, hardware_of(accelerator)));
}

TEST(DriverWords, AreTwiceTheWholeRowsOfTheTile) {
  // A tile of 4 x 4 outputs, 3 channels in and 24 out. Inputs: 1 block * 4*4 rows; weights:
  // 2 blocks * 3 channels; outputs: 2 blocks * 4*4. Rows of 16 words.
  const auto words =
      words_of("L3[WIO] N1 - L2[WI] K8X - L1[O] K3 Q4 P4 C3X - L0[W] N1", layer_of("P4 Q4 C3 K24"));
  EXPECT_EQ(words[kScratchpad], 2 * (16 + 6) * 16);
  EXPECT_EQ(words[kAccumulator], 2 * 32);  // per column: less than the 2 * 3*16 of the mapping
  EXPECT_EQ(words[kRegisters], 0);
  EXPECT_EQ(words[kDram], 0);
}

TEST(DriverWords, OfAMatmulAreWholeBlocks) {
  // 5 rows, 20 columns, reduction 3: 1 x 2 x 1 blocks of 16 rows.
  const auto words =
      words_of("L3[WIO] N1 - L2[WI] K10X - L1[O] K2 P5 C3X - L0[W] N1", layer_of("P5 C3 K20"));
  EXPECT_EQ(words[kScratchpad], 2 * (16 + 32) * 16);
  EXPECT_EQ(words[kAccumulator], 2 * 32);
}

TEST(DriverWords, FitTheMachineExactlyWhereTheDriverFindsNoProblem) {
  const model::Accelerator accelerator = gemmini_rtl();
  const model::WordsNeeded words = driver_words(accelerator);
  std::mt19937_64 rng(3);
  int legal = 0;
  constexpr int kTrials = 4000;
  for (int trial = 0; trial < kTrials; ++trial) {
    // Sizes from 1 KiB, below the range, so that small layers are on both sides of the limits.
    const double scratchpad_kib = static_cast<double>(1 << (rng() % 5));
    const double accumulator_kib = static_cast<double>(1 << (rng() % 5));
    const model::Hardware hardware = hardware_of(
        accelerator, {{"scratchpad_kib", scratchpad_kib}, {"accumulator_kib", accumulator_kib}});
    const model::Machine machine = model::resolve(accelerator, hardware);
    model::Layer layer = masala::testing::random_layer(rng, 1 << 20, 40);
    if (trial % 3 == 0) {  // a matrix multiply
      for (model::Dim dim : {model::Dim::R, model::Dim::S, model::Dim::Q}) layer.bounds[dim] = 1;
    }
    const model::Mapping mapping = masala::testing::random_factorisation(layer, machine, rng);
    const DriverProgram program =
        make_program(tiling_of(mapping, layer, ProgramKind::clean), layer, 16, ProgramKind::clean);
    const bool runs = legality_problems(program, scratchpad_kib, accumulator_kib).empty();
    const auto needed = words(mapping, layer, machine);
    bool fits = true;
    for (LevelIndex l : {kAccumulator, kScratchpad}) {
      fits = fits && needed[l] <= machine.capacity_words[l];
    }
    ASSERT_EQ(fits, runs) << model::to_text(mapping, accelerator);
    legal += runs ? 1 : 0;
  }
  EXPECT_GT(legal, kTrials / 10);
  EXPECT_LT(legal, kTrials * 9 / 10);
}

TEST(DriverWords, AreOfDoubleBufferedMachinesWithAKnownDriver) {
  EXPECT_FALSE(driver_words(gemmini()));  // no program
  model::Accelerator single_buffered = gemmini();
  single_buffered.program = gemmini_rtl().program;
  EXPECT_FALSE(driver_words(single_buffered));
  EXPECT_FALSE(driver_words(masala::testing::eyeriss_like()));
  EXPECT_TRUE(driver_words(gemmini_rtl()));
}

}  // namespace
}  // namespace masala::gemmini
