#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "targets/gemmini/measured_rows.h"
#include "targets/gemmini/program/driver_program.h"

namespace masala::gemmini {
namespace {

using masala::testing::layer_of;
using masala::testing::reference_rows;
using model::Dim;
using model::Layer;

using Problems = std::vector<std::string>;

// The whole layer as one tile on a 16 x 16 array with 256 + 64 KiB: half is 8,192 and 512 rows.
Problems problems_of(const Layer& layer) {
  Tiling tiling;
  tiling.tile = layer.bounds;
  return legality_problems(make_program(tiling, layer, 16, ProgramKind::clean), 256, 64);
}

TEST(Legality, NamesBothMemoriesWithTheirRows) {
  // Inputs: 16 blocks of channels * (14 + 2)^2; weights: 4 blocks * 3*3*256; outputs: 4 * 14*14.
  EXPECT_EQ(
      problems_of(layer_of("R3 S3 P14 Q14 C256 K64")),
      (Problems{"the tile needs 13312 scratchpad rows (inputs 4096, weights 9216); expected "
                "at most 8192, half of 256 KiB",
                "the tile needs 784 accumulator rows; expected at most 512, half of 64 KiB"}));
}

TEST(Legality, AcceptsAnAccumulatorFullToTheLastRow) {
  EXPECT_EQ(problems_of(layer_of("P16 Q16 C16 K32")), Problems{});             // 2 * 256
  EXPECT_EQ(problems_of(layer_of("P16 Q16 C16 K33")).size(), std::size_t{1});  // 3 * 256
}

TEST(Legality, AcceptsAScratchpadFullToTheLastRow) {
  // Inputs: 32 blocks of channels * 4*4 = 512 rows; weights: 15 blocks * 512 = 7,680.
  EXPECT_EQ(problems_of(layer_of("P4 Q4 C512 K240")), Problems{});
  EXPECT_EQ(problems_of(layer_of("P4 Q4 C512 K241")).size(), std::size_t{1});  // 16 blocks
}

TEST(Legality, CountsTheInputsOfStridesAndDilations) {
  Layer layer = layer_of("R3 S3 P20 Q20 C80 K16");
  // (20*2 + 2)^2 = 1,764 positions * 5 blocks = 8,820, and 9*80 = 720 weights.
  layer.stride_w = layer.stride_h = 2;
  EXPECT_EQ(problems_of(layer),
            (Problems{"the tile needs 9540 scratchpad rows (inputs 8820, weights 720); expected "
                      "at most 8192, half of 256 KiB"}));
  // (20 + 2*11)^2: the same.
  layer.stride_w = layer.stride_h = 1;
  layer.dilation_w = layer.dilation_h = 11;
  ASSERT_EQ(problems_of(layer).size(), std::size_t{1});
  EXPECT_NE(problems_of(layer)[0].find("(inputs 8820, weights 720)"), std::string::npos);
}

TEST(Legality, CountsAMatmulInWholeBlocks) {
  EXPECT_EQ(problems_of(layer_of("P80 C64 K96")), Problems{});  // 5 * 6 = 30 of 32 blocks
  // 6 * 6 blocks * 16 rows.
  EXPECT_EQ(
      problems_of(layer_of("P96 C64 K81")),
      (Problems{"the tile needs 576 accumulator rows; expected at most 512, half of 64 KiB"}));
  // (5 * 52 + 52 * 5) * 16.
  EXPECT_EQ(problems_of(layer_of("P80 C832 K80")),
            (Problems{"the tile needs 8320 scratchpad rows (inputs 4160, weights 4160); expected "
                      "at most 8192, half of 256 KiB"}));
}

TEST(Legality, HoldsForEveryMeasuredRow) {
  const auto rows = reference_rows("firesim/mappings.csv");
  if (!rows) GTEST_SKIP() << "no firesim/mappings.csv in MASALA_REFERENCE_DIR";
  constexpr double kMeasuredKib = 4096;  // of both memories, whatever the row says
  for (const auto& row : *rows) {
    EXPECT_EQ(legality_problems(
                  masala::testing::measured_program_of_row(row), kMeasuredKib, kMeasuredKib),
              Problems{})
        << row.at("mapping.mapping");
  }
}

}  // namespace
}  // namespace masala::gemmini
