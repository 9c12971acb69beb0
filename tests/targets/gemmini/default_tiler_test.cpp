#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "targets/gemmini/measured_rows.h"
#include "targets/gemmini/program/driver_program.h"

namespace masala::gemmini {
namespace {

using masala::testing::layer_of;
using masala::testing::reference_rows;
using model::Dim;
using model::Layer;

constexpr ProgramKind kBothKinds[] = {ProgramKind::measured, ProgramKind::clean};

// As the traces record it: R_S_P_Q_C_K_N.
std::string text_of(const Tiling& tiling) {
  std::string text;
  for (std::int64_t size : tiling.tile.values) text += "_" + std::to_string(size);
  return text.substr(1);
}

std::string order_of(const Tiling& tiling) {
  std::string text;
  for (Dim d : tiling.inner_to_outer) text += name(d);
  return text;
}

TEST(DefaultTiling, EqualsTheRecordedOnes) {
  const auto rows = reference_rows("firesim/searched_designs.csv");
  if (!rows) GTEST_SKIP() << "no firesim/searched_designs.csv in MASALA_REFERENCE_DIR";
  ASSERT_EQ(rows->size(), 81u);
  for (const auto& row : *rows) {
    const Layer layer = masala::testing::layer_of_row(row);
    for (ProgramKind kind : kBothKinds) {
      const DefaultTiling result = default_tiling(layer, 16, 256, 64, kind);
      EXPECT_EQ(text_of(result.tiling), row.at("dse.auto_tiling"));
      EXPECT_EQ(legality_problems(make_program(result.tiling, layer, 16, kind), 256, 64),
                std::vector<std::string>{});
    }
  }
}

// 2,048 channels in tiles of 117 are 18; as a mapping, in tiles of 8 * 14, they are 19.
TEST(DefaultTiling, AsAMappingRunsAtMostOneTileMoreAlongADimension) {
  const auto rows = reference_rows("firesim/searched_designs.csv");
  if (!rows) GTEST_SKIP() << "no firesim/searched_designs.csv in MASALA_REFERENCE_DIR";
  const model::Accelerator gemmini = masala::testing::gemmini();
  for (const auto& row : *rows) {
    const Layer layer = masala::testing::layer_of_row(row);
    const Tiling tiling = default_tiling(layer, 16, 256, 64).tiling;
    const model::Mapping mapping = mapping_of(tiling, layer, gemmini, 16);
    EXPECT_EQ(rule_violations(mapping, gemmini), std::vector<std::string>{});
    const DriverProgram program = make_program(tiling, layer, 16, ProgramKind::clean);
    for (Dim d : model::kAllDims) {
      EXPECT_GE(mapping.levels[3].temporal[d], program.trips(d)) << to_text(mapping, gemmini);
      EXPECT_LE(mapping.levels[3].temporal[d], program.trips(d) + 1) << to_text(mapping, gemmini);
    }
  }
}

TEST(DefaultTiling, TakesAConvolutionThatFitsWhole) {
  // Inputs 16 * 4*4 rows, weights 3 * 9*256: 7,168 of 8,192.
  const DefaultTiling result = default_tiling(layer_of("R3 S3 P2 Q2 C256 K36"), 16, 256, 64);
  EXPECT_EQ(text_of(result.tiling), "3_3_2_2_256_36_1");
  EXPECT_EQ(order_of(result.tiling), "CRSKPQN");
  EXPECT_EQ(result.size_checks, 2);  // the scratchpad's and the accumulator's rows, once
}

TEST(DefaultTiling, ShrinksTheLargestThenGrowsWhatItCan) {
  // 1 KiB is 64 rows of 16, half is 32. 36 inputs + 16 weights do not fit; K 16 -> 1 changes
  // nothing; C 16 -> 1 leaves 36 + 1; then Q (P is within the array's width) 6 -> 5: 30 + 1 fit.
  // 4 checks. C grows to 2, full, and K back to 16: 15 rounds that try Q, K and C, one of Q and C.
  const DefaultTiling result = default_tiling(layer_of("P6 Q6 C16 K16"), 16, 1, 64);
  EXPECT_EQ(text_of(result.tiling), "1_1_6_5_2_16_1");
  EXPECT_EQ(result.size_checks, 2 * (4 + 15 * 3 + 2));
}

TEST(DefaultTiling, OfAMatmulStartsFromSquareOutputs) {
  // 32 blocks of outputs: 5 x 5, then 6 columns of them; C = 64 is 4 blocks of at most 256 / 5.
  const DefaultTiling result = default_tiling(layer_of("P128 C64 K128"), 16, 256, 64);
  EXPECT_EQ(text_of(result.tiling), "1_1_80_1_64_96_1");
  EXPECT_EQ(order_of(result.tiling), "CKPQRSN");
  EXPECT_EQ(result.size_checks, 0);
}

TEST(DefaultTiling, NarrowsAMatmulForASmallScratchpad) {
  // Half of 2 KiB: 64 rows, 4 blocks. Outputs of 5 x 5 blocks would leave 2 / 5 = 0 of depth.
  const DefaultTiling result = default_tiling(layer_of("P128 C64 K128"), 16, 2, 64);
  EXPECT_EQ(text_of(result.tiling), "1_1_32_1_16_32_1");
}

TEST(DefaultTiling, OfAMatmulTakesWholeBatches) {
  // 80 of the 800 rows are 8 batches of 10.
  const Layer layer = layer_of("P10 C64 K128 N80");
  const DefaultTiling result = default_tiling(layer, 16, 256, 64);
  EXPECT_EQ(text_of(result.tiling), "1_1_10_1_64_96_8");
  EXPECT_EQ(make_program(result.tiling, layer, 16, ProgramKind::clean).tile[Dim::P], 80);
}

TEST(DefaultTiling, TilesTheProblemThatTheDriverRuns) {
  const Layer layer = layer_of("R2 S2 P7 Q7 C16 K16");
  EXPECT_EQ(default_tiling(layer, 16, 256, 64).tiling.tile[Dim::P], 7);
  EXPECT_EQ(default_tiling(layer, 16, 256, 64, ProgramKind::measured).tiling.tile[Dim::P], 8);
}

TEST(DefaultTiling, EndsOnLayersOfBillions) {
  for (Dim d : model::kAllDims) {
    Layer layer = layer_of("R3 S3 P20 Q20 C20 K20 N2");
    layer.bounds[d] = std::int64_t{1} << 31;
    const DefaultTiling result = default_tiling(layer, 16, 256, 64);
    EXPECT_EQ(
        legality_problems(make_program(result.tiling, layer, 16, ProgramKind::clean), 256, 64),
        std::vector<std::string>{});
    // Channels shrink by 16, everything else by 1; two calls each.
    const std::int64_t shrinks =
        d == Dim::C || d == Dim::K ? std::int64_t{1} << 27 : std::int64_t{1} << 31;
    EXPECT_NEAR(static_cast<double>(result.size_checks), 2.0 * shrinks, 5000) << name(d);
  }
}

TEST(DefaultTiling, SaysThatNothingFits) {
  // A block of outputs is 16 rows; half of 1 KiB of them is 8.
  try {
    default_tiling(layer_of("P128 C64 K128"), 16, 1, 1);
    FAIL() << "expected an error";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "no tile fits the memories: the smallest needs 32 scratchpad and 16 accumulator "
                 "rows; half of them offers 32 and 8");
  }
  // One output of a 128-wide array: 1 row of 512 bytes, half of 0.5 KiB is none.
  EXPECT_THROW(default_tiling(layer_of("P8 Q8 C64 K128"), 128, 256, 0.5), std::invalid_argument);
}

}  // namespace
}  // namespace masala::gemmini
