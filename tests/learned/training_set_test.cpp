#include "learned/training_set.h"

#include <gtest/gtest.h>

#include "learned/learned_test_support.h"
#include "support/accelerators.h"
#include "support/builders.h"

namespace masala::learned {
namespace {

using simulator::ProgramKind;
using testing::layer_of;

constexpr const char* kMapping = "L3[WIO] K2 - L2[WI] K8X - L1[O] P8 C4X - L0[W] N1";

MeasuredRow row_of(const char* bounds,
                   const char* mapping,
                   double cycles,
                   std::size_t line = 2,
                   double pe_dim = 128) {
  const model::Accelerator accelerator = driven_gemmini();
  return {line,
          layer_of(bounds),
          testing::mapping_of(mapping, accelerator),
          testing::hardware_of(
              accelerator, {{"pe_dim", pe_dim}, {"scratchpad_kib", 64}, {"accumulator_kib", 64}}),
          cycles};
}

MeasuredRow small_row(double cycles, std::size_t line = 2, double pe_dim = 16) {
  return row_of("P8 C4 K16", kMapping, cycles, line, pe_dim);
}

TEST(TrainingSet, RepeatsAreMergedByTheirGeometricMean) {
  const TrainingSet set =
      make_training_set({small_row(100, 2),
                         row_of("P16 C4 K16", kMapping, 70, 3, 16),  // another layer
                         small_row(121, 4),
                         small_row(300, 5, 8)},  // another array
                        driven_gemmini(),
                        ProgramKind::clean);
  EXPECT_EQ(set.rows_read, 4U);
  ASSERT_EQ(set.rows.size(), 3U);
  EXPECT_NEAR(set.rows[0].cycles, 110.0, 1e-9);  // sqrt(100 * 121)
  EXPECT_EQ(set.rows[0].line, 2U);
  EXPECT_EQ(set.rows[1].cycles, 70.0);
  EXPECT_EQ(set.rows[2].cycles, 300.0);
  EXPECT_EQ(set.layers[0], set.layers[2]);
  EXPECT_NE(set.layers[0], set.layers[1]);
  // 100 lies 100/11 % below 110, 121 lies 10 % above.
  EXPECT_EQ(set.noise.mappings, 1U);
  EXPECT_EQ(set.noise.rows, 2U);
  EXPECT_NEAR(set.noise.median_percent, (100.0 / 11.0 + 10.0) / 2.0, 1e-9);
  EXPECT_NEAR(set.noise.p90_percent, 100.0 / 11.0 + 0.9 * (10.0 - 100.0 / 11.0), 1e-9);
}

TEST(TrainingSet, WithoutRepeatsThereIsNoNoise) {
  const TrainingSet set = make_training_set({small_row(100)}, driven_gemmini(), ProgramKind::clean);
  EXPECT_EQ(set.noise.mappings, 0U);
  EXPECT_EQ(set.noise.median_percent, 0.0);
  EXPECT_EQ(set.rows[0].cycles, 100.0);
}

TEST(TrainingSet, TilesWhollyInThePaddingAreDroppedWithTheirLine) {
  // Five taps are padded by two: the first tile, of one output and one tap, reads column -2.
  const char* wrapping = "L3[WIO] R5 P8 - L2[WI] K4X - L1[O] S5 Q8 C4X - L0[W] N1";
  const char* whole = "L3[WIO] N1 - L2[WI] K4X - L1[O] S5 R5 Q8 P8 C4X - L0[W] N1";
  const std::vector<MeasuredRow> rows = {row_of("R5 S5 P8 Q8 C4 K4", whole, 1000, 2),
                                         row_of("R5 S5 P8 Q8 C4 K4", wrapping, 99000, 3)};
  const TrainingSet set = make_training_set(rows, driven_gemmini(), ProgramKind::measured);
  ASSERT_EQ(set.rows.size(), 1U);
  EXPECT_EQ(set.rows[0].line, 2U);
  ASSERT_EQ(set.dropped.size(), 1U);
  EXPECT_EQ(set.dropped[0].line, 3U);
  EXPECT_NE(set.dropped[0].reason.find("padding"), std::string::npos);
  // A correct driver counts right.
  EXPECT_EQ(make_training_set(rows, driven_gemmini(), ProgramKind::clean).rows.size(), 2U);
}

TEST(TrainingSet, CountsRowsFasterThanTheirArray) {
  // 8 * 4 * 16 MACs on 16 x 16: 2 cycles.
  const TrainingSet set =
      make_training_set({small_row(1.9), row_of("P16 C4 K16", kMapping, 70, 3, 16)},
                        driven_gemmini(),
                        ProgramKind::clean);
  EXPECT_EQ(set.below_compute, 1U);
}

// Rows of as many layers, `fast` of them with the cycles in units a thousand times too long.
TrainingSet set_with_fast_rows(std::size_t rows, std::size_t fast) {
  std::vector<MeasuredRow> measured;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string bounds = "P" + std::to_string(8 * (i + 1)) + " C4 K16";
    const double compute = 2.0 * static_cast<double>(i + 1);
    measured.push_back(row_of(
        bounds.c_str(), kMapping, compute * (i < fast ? 1e-3 : 10.0), i + 2, 16));
  }
  return make_training_set(measured, driven_gemmini(), ProgramKind::clean);
}

TEST(TrainingProblems, NameRowsFasterThanTheirArray) {
  EXPECT_TRUE(training_problems(set_with_fast_rows(200, 0), false).empty());
  EXPECT_TRUE(training_problems(set_with_fast_rows(200, 2), false).empty()) << "one in a hundred";
  EXPECT_EQ(training_problems(set_with_fast_rows(200, 3), false),
            (std::vector<std::string>{
                "3 of 200 rows are faster than their array can compute (lines 2, 3, 4); expected "
                "cycles; --allow-impossible takes them"}));
  const TrainingSet all = set_with_fast_rows(60, 60);
  EXPECT_EQ(training_problems(all, false),
            (std::vector<std::string>{
                "60 of 60 rows are faster than their array can compute (lines 2, 3, 4, 5, 6, "
                "...); expected cycles; --allow-impossible takes them"}));
  EXPECT_TRUE(training_problems(all, true).empty());
}

TEST(TrainingSet, OtherAcceleratorsHaveNoDriver) {
  EXPECT_TRUE(has_gemmini_driver(driven_gemmini()));
  EXPECT_FALSE(has_gemmini_driver(testing::gemmini()));
  EXPECT_FALSE(has_gemmini_driver(testing::eyeriss_like()));
}

TEST(ArrayDim, OfTheGeneratorsMeshIsTheSmallestThatHoldsTheMapping) {
  const model::Accelerator accelerator = driven_gemmini();
  const auto dim = [&](const char* mapping, double mesh, ProgramKind program) {
    return array_dim(row_of("P8 C4 K16", mapping, 1, 2, mesh), accelerator, program);
  };
  EXPECT_EQ(dim(kMapping, 128, ProgramKind::measured), 8);
  EXPECT_EQ(dim("L3[WIO] K16 - L2[WI] N1 - L1[O] P8 C4 - L0[W] N1", 128, ProgramKind::measured), 2);
  EXPECT_EQ(dim(kMapping, 16, ProgramKind::measured), 16);
  EXPECT_EQ(dim(kMapping, 128, ProgramKind::clean), 128);
  const model::Machine machine =
      machine_of(small_row(1, 2, 128), accelerator, ProgramKind::measured);
  EXPECT_EQ(machine.spatial_limit[1][model::Dim::C], 8);
}

TEST(LayerKey, NamesBoundsStridesAndDilations) {
  model::Layer layer = layer_of("R3 S3 P56 Q28 C64 K32 N2");
  EXPECT_EQ(layer_key(layer), "3 3 56 28 64 32 2 /1,1 ~1,1");
  layer.stride_w = 2;
  layer.dilation_h = 3;
  EXPECT_EQ(layer_key(layer), "3 3 56 28 64 32 2 /2,1 ~1,3");
}

TEST(RowProblems, NameATileThatDoesNotFit) {
  const model::Accelerator accelerator = driven_gemmini();
  const char* large = "L3[WIO] N1 - L2[WI] K16X - L1[O] P128 Q128 C16X - L0[W] N1";
  const MeasuredRow row = row_of("P128 Q128 C16 K16", large, 1, 2, 16);
  EXPECT_FALSE(row_problems(row, accelerator, ProgramKind::clean).empty());
  // What was measured had 4 MiB, whatever the row says; 2^14 sums of 16 x 4 bytes are 1 MiB.
  EXPECT_TRUE(row_problems(row, accelerator, ProgramKind::measured).empty());
  EXPECT_TRUE(row_problems(small_row(1), accelerator, ProgramKind::clean).empty());
  EXPECT_TRUE(row_problems(row, testing::gemmini(), ProgramKind::clean).empty());  // no driver
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
  const MeasuredRow row = row_of("P8 C4 K256", wide, 1, 2, 128);
  EXPECT_EQ(row_problems(row, accelerator, ProgramKind::measured).size(), 1U);
}

TEST(RowProblems, NameAnArrayThatNobodyBuilds) {
  const model::Accelerator accelerator = driven_gemmini();
  for (ProgramKind program : {ProgramKind::clean, ProgramKind::measured}) {
    EXPECT_EQ(row_problems(small_row(1, 2, 2147483648.0), accelerator, program),
              (std::vector<std::string>{"the array is 2147483648 wide; the simulator knows arrays "
                                        "from 1 to 1024"}));
  }
  const MeasuredRow row = small_row(1, 2, 2147483648.0);
  EXPECT_EQ(array_dim(row, accelerator, ProgramKind::clean), 2147483648);
  EXPECT_EQ(make_training_set({row}, accelerator, ProgramKind::clean).rows.size(), 1U);
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
  const char* mapping =
      "L3[WIO] K32 Q14 C128 P14 - L2[WI] N1 K2X - L1[O] K4 C8X - L0[W] N1";
  const MeasuredRow either = row_of("P14 Q14 C1024 K256", mapping, 1, 2, 128);
  EXPECT_TRUE(row_problems(either, accelerator, ProgramKind::clean).empty());
  EXPECT_TRUE(row_problems(either, accelerator, ProgramKind::measured).empty());
  // Batches of a matrix multiply are beyond the measured driver, 4 MiB of inputs beyond both.
  const char* whole = "L3[WIO] N2 - L2[WI] K16X - L1[O] P4096 C16X C64 - L0[W] N1";
  const MeasuredRow neither = row_of("P4096 C1024 K16 N2", whole, 1, 2, 16);
  EXPECT_FALSE(row_problems(neither, accelerator, ProgramKind::clean).empty());
  EXPECT_FALSE(row_problems(neither, accelerator, ProgramKind::measured).empty());
}

}  // namespace
}  // namespace masala::learned
