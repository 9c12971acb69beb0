#include "targets/gemmini/program/measured_rows.h"

#include <gtest/gtest.h>

#include "targets/gemmini/gemmini_test_support.h"

namespace masala::gemmini {
namespace {

TEST(ArrayDim, OfTheGeneratorsMeshIsTheSmallestThatHoldsTheMapping) {
  const model::Accelerator accelerator = driven_gemmini();
  const auto dim = [&](const char* mapping, double mesh, ProgramKind program) {
    return array_dim(row_of("P8 C4 K16", mapping, 1, 2, mesh), accelerator, program);
  };
  EXPECT_EQ(dim(kSmallMapping, 128, ProgramKind::measured), 8);
  EXPECT_EQ(dim("L3[WIO] K16 - L2[WI] N1 - L1[O] P8 C4 - L0[W] N1", 128, ProgramKind::measured), 2);
  EXPECT_EQ(dim(kSmallMapping, 16, ProgramKind::measured), 16);
  EXPECT_EQ(dim(kSmallMapping, 128, ProgramKind::clean), 128);
}

TEST(RowProblems, NameATileThatDoesNotFit) {
  const model::Accelerator accelerator = driven_gemmini();
  const char* large = "L3[WIO] N1 - L2[WI] K16X - L1[O] P128 Q128 C16X - L0[W] N1";
  const model::MeasuredRow row = row_of("P128 Q128 C16 K16", large, 1, 2, 16);
  EXPECT_FALSE(row_problems(row, accelerator, ProgramKind::clean).empty());
  // What was measured had 4 MiB, whatever the row says; 2^14 sums of 16 x 4 bytes are 1 MiB.
  EXPECT_TRUE(row_problems(row, accelerator, ProgramKind::measured).empty());
  EXPECT_TRUE(row_problems(small_row(1), accelerator, ProgramKind::clean).empty());
}

TEST(RowProblems, NameAMappingWiderThanTheArray) {
  const model::Accelerator accelerator = driven_gemmini();
  // 8 columns on an array of 4.
  EXPECT_EQ(row_problems(small_row(1, 2, 4), accelerator, ProgramKind::clean),
            (std::vector<std::string>{"the mapping spreads K over 8 of the array's 4 rows or "
                                      "columns; expected no more than it has"}));
  EXPECT_EQ(row_problems(small_row(1, 2, 4), accelerator, ProgramKind::measured).size(), 1U);
  EXPECT_TRUE(row_problems(small_row(1, 2, 8), accelerator, ProgramKind::clean).empty());
  // The generator writes 128, whatever the array: a mapping that needs more cannot be its.
  const char* wide = "L3[WIO] P8 - L2[WI] K256X - L1[O] C4X - L0[W] N1";
  const model::MeasuredRow row = row_of("P8 C4 K256", wide, 1, 2, 128);
  EXPECT_EQ(row_problems(row, accelerator, ProgramKind::measured).size(), 1U);
}

TEST(RowProblems, NameAnArrayThatNobodyBuilds) {
  const model::Accelerator accelerator = driven_gemmini();
  for (ProgramKind program : {ProgramKind::clean, ProgramKind::measured}) {
    EXPECT_EQ(row_problems(small_row(1, 2, 2147483648.0), accelerator, program),
              (std::vector<std::string>{"the array is 2147483648 wide; the simulator knows arrays "
                                        "from 1 to 1024"}));
  }
  const model::MeasuredRow row = small_row(1, 2, 2147483648.0);
  EXPECT_EQ(array_dim(row, accelerator, ProgramKind::clean), 2147483648);
}

TEST(RowProblems, NameWhatTheAcceleratorDoesNotSayOfTheMeasuredMachine) {
  model::Accelerator accelerator = driven_gemmini();
  accelerator.program->measured_hardware.clear();
  EXPECT_TRUE(row_problems(small_row(1), accelerator, ProgramKind::clean).empty());
  EXPECT_EQ(row_problems(small_row(1), accelerator, ProgramKind::measured).size(), 2U);
}

// A mesh of 128 is the generator's or a real one: rows can have run with either program, so that
// only their table can tell; others with neither.
TEST(RowProblems, TellWhichProgramsARowCanHaveRunWith) {
  const model::Accelerator accelerator = driven_gemmini();
  const char* mapping = "L3[WIO] K32 Q14 C128 P14 - L2[WI] N1 K2X - L1[O] K4 C8X - L0[W] N1";
  const model::MeasuredRow either = row_of("P14 Q14 C1024 K256", mapping, 1, 2, 128);
  EXPECT_TRUE(row_problems(either, accelerator, ProgramKind::clean).empty());
  EXPECT_TRUE(row_problems(either, accelerator, ProgramKind::measured).empty());
  // Batches of a matrix multiply are beyond the measured driver, 4 MiB of inputs beyond both.
  const char* whole = "L3[WIO] N2 - L2[WI] K16X - L1[O] P4096 C16X C64 - L0[W] N1";
  const model::MeasuredRow neither = row_of("P4096 C1024 K16 N2", whole, 1, 2, 16);
  EXPECT_FALSE(row_problems(neither, accelerator, ProgramKind::clean).empty());
  EXPECT_FALSE(row_problems(neither, accelerator, ProgramKind::measured).empty());
}

}  // namespace
}  // namespace masala::gemmini
