#include "masala/model/accelerator.h"

#include <gtest/gtest.h>

#include "support/accelerators.h"

namespace masala::model {
namespace {

using masala::testing::eyeriss_like;
using masala::testing::five_level_toy;
using masala::testing::gemmini;
using Problems = std::vector<std::string>;

TEST(Accelerator, FindsParametersAndLevelsByName) {
  const Accelerator accelerator = gemmini();
  EXPECT_EQ(accelerator.find_parameter("pe_dim"), 0);
  EXPECT_EQ(accelerator.find_parameter("scratchpad"), std::nullopt);
  EXPECT_EQ(accelerator.find_level("registers"), 0);
  EXPECT_EQ(accelerator.find_level("dram"), 3);
  EXPECT_EQ(accelerator.find_level("pe_dim"), std::nullopt);
}

TEST(Accelerator, TheParentOfALevelIsTheNextOuterOneThatKeepsTheOperand) {
  const Accelerator accelerator = gemmini();
  EXPECT_EQ(accelerator.innermost_keeping(Operand::weights), 0);
  EXPECT_EQ(accelerator.innermost_keeping(Operand::inputs), 2);
  EXPECT_EQ(accelerator.innermost_keeping(Operand::outputs), 1);
  EXPECT_EQ(accelerator.parent(0, Operand::weights), 2);  // the accumulator keeps no weights
  EXPECT_EQ(accelerator.parent(1, Operand::outputs), 3);
  EXPECT_EQ(accelerator.parent(3, Operand::outputs), std::nullopt);
}

TEST(Accelerator, InterleavedBypassesGiveEachOperandItsOwnChain) {
  const Accelerator accelerator = five_level_toy();
  EXPECT_EQ(accelerator.innermost_keeping(Operand::inputs), 0);
  EXPECT_EQ(accelerator.parent(0, Operand::inputs), 2);
  EXPECT_EQ(accelerator.parent(2, Operand::inputs), 4);
  EXPECT_EQ(accelerator.innermost_keeping(Operand::outputs), 1);
  EXPECT_EQ(accelerator.parent(1, Operand::weights), 3);
}

TEST(AcceleratorProblems, NoneForConsistentDescriptions) {
  EXPECT_EQ(problems(gemmini()), Problems{});
  EXPECT_EQ(problems(eyeriss_like()), Problems{});
  EXPECT_EQ(problems(five_level_toy()), Problems{});
}

TEST(AcceleratorProblems, TooFewOrTooManyLevels) {
  Accelerator accelerator = gemmini();
  accelerator.levels.resize(1);
  EXPECT_EQ(problems(accelerator),
            (Problems{"levels: got 1; expected 2 to 8 levels, inner to outer"}));
  accelerator.levels.resize(9);
  EXPECT_EQ(problems(accelerator),
            (Problems{"levels: got 9; expected 2 to 8 levels, inner to outer"}));
}

TEST(AcceleratorProblems, OperandsMustBeKeptSomewhere) {
  Accelerator accelerator = gemmini();
  accelerator.levels[3].keeps[Operand::inputs] = false;
  accelerator.levels[0].keeps = {};
  EXPECT_EQ(problems(accelerator),
            (Problems{"levels[0].keeps: empty; expected at least one operand",
                      "levels[3].keeps: inputs missing; expected all operands at the outermost "
                      "level"}));
}

TEST(AcceleratorProblems, EveryLevelButTheOutermostHasACapacity) {
  Accelerator accelerator = gemmini();
  accelerator.levels[0].capacity_words = 0;
  accelerator.levels[3].capacity_words = 1024;
  EXPECT_EQ(problems(accelerator),
            (Problems{"levels[0].capacity: missing; expected {words: ...} or {kib: ...}",
                      "levels[3].capacity: given; expected none at the outermost level"}));
}

TEST(AcceleratorProblems, TheLinearSramModelNeedsASize) {
  Accelerator accelerator = gemmini();
  accelerator.levels[0].energy.linear_sram = true;
  EXPECT_EQ(problems(accelerator),
            (Problems{"levels[0].energy.linear_sram: needs a capacity in kib; expected "
                      "per_access_pj"}));
}

TEST(AcceleratorProblems, SpatialDimensionsStandOnceAndNotAtTheInnermostLevel) {
  Accelerator accelerator = gemmini();
  accelerator.levels[0].spatial = {{Dim::C, Scaled{2.0}}};
  accelerator.levels[2].spatial = {{Dim::K, Scaled{2.0}}, {Dim::K, Scaled{4.0}}};
  EXPECT_EQ(problems(accelerator),
            (Problems{"levels[0].spatial: the innermost level has no level below; expected no "
                      "fan-out",
                      "levels[2].spatial: K given twice"}));
}

TEST(AcceleratorProblems, InnermostRulesNameAllowedDimensionsOnce) {
  Accelerator accelerator = gemmini();
  accelerator.levels[0].rules.innermost = {Dim::K};
  accelerator.levels[1].rules.innermost = {Dim::P, Dim::P};
  EXPECT_EQ(problems(accelerator),
            (Problems{"levels[0].mapping.innermost: K is not among the temporal dimensions of this "
                      "level",
                      "levels[1].mapping.innermost: P given twice"}));
}

TEST(AcceleratorProblems, RangesMustBeUpright) {
  Accelerator accelerator = gemmini();
  accelerator.parameters[0].range = {4, 2, 1, false, 4};
  accelerator.levels[1].kib = Range{0, 64, 1, false, 16};
  accelerator.levels[2].kib = Range{24, 64, 1, true, 33};
  EXPECT_EQ(problems(accelerator),
            (Problems{"parameters.pe_dim.max: got 2; expected >= min, 4",
                      "levels[1].capacity.kib.min: got 0; expected >= 1",
                      "levels[2].capacity.kib.min: got 24; expected a power of two, as "
                      "powers_of_two asks",
                      "levels[2].capacity.kib.default: got 33; expected a value of the range and "
                      "its step"}));
}

TEST(AcceleratorProblems, NamesAreDistinctAndTheAreaUsesKnownOnes) {
  Accelerator accelerator = gemmini();
  accelerator.levels[1].name = "scratchpad";
  accelerator.area = {{1.0, {{"scratchpad_kib", 1.0}}}, {1.0, {{"accumulator_kib", 1.0}}}};
  EXPECT_EQ(problems(accelerator),
            (Problems{"hardware key scratchpad_kib is defined twice",
                      "levels[2].name: scratchpad given twice; expected distinct level names",
                      "area[1].accumulator_kib: unknown hardware key; expected a parameter or "
                      "<level>_kib"}));
}

}  // namespace
}  // namespace masala::model
