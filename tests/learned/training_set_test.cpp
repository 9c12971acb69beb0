#include "masala/learned/training_set.h"

#include <gtest/gtest.h>

#include "learned/learned_test_support.h"
#include "support/accelerators.h"
#include "support/builders.h"

namespace masala::learned {
namespace {

using gemmini::row_of;
using gemmini::small_row;
using testing::layer_of;

constexpr const char* kMapping = gemmini::kSmallMapping;

TrainingSet set_of(const std::vector<model::MeasuredRow>& rows, const char* program = "clean") {
  return make_training_set(rows, driven_gemmini(), gemmini::target(), {program, "warm"});
}

TEST(TrainingSet, RepeatsAreMergedByTheirGeometricMean) {
  const TrainingSet set = set_of({small_row(100, 2),
                                  row_of("P16 C4 K16", kMapping, 70, 3, 16),  // another layer
                                  small_row(121, 4),
                                  small_row(300, 5, 8)});  // another array
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
  const TrainingSet set = set_of({small_row(100)});
  EXPECT_EQ(set.noise.mappings, 0U);
  EXPECT_EQ(set.noise.median_percent, 0.0);
  EXPECT_EQ(set.rows[0].cycles, 100.0);
}

TEST(TrainingSet, TilesWhollyInThePaddingAreDroppedWithTheirLine) {
  // Five taps are padded by two: the first tile, of one output and one tap, reads column -2.
  const char* wrapping = "L3[WIO] R5 P8 - L2[WI] K4X - L1[O] S5 Q8 C4X - L0[W] N1";
  const char* whole = "L3[WIO] N1 - L2[WI] K4X - L1[O] S5 R5 Q8 P8 C4X - L0[W] N1";
  const std::vector<model::MeasuredRow> rows = {row_of("R5 S5 P8 Q8 C4 K4", whole, 1000, 2),
                                                row_of("R5 S5 P8 Q8 C4 K4", wrapping, 99000, 3)};
  const TrainingSet set = set_of(rows, "measured");
  ASSERT_EQ(set.rows.size(), 1U);
  EXPECT_EQ(set.rows[0].line, 2U);
  ASSERT_EQ(set.dropped.size(), 1U);
  EXPECT_EQ(set.dropped[0].line, 3U);
  EXPECT_NE(set.dropped[0].reason.find("padding"), std::string::npos);
  // A correct driver counts right.
  EXPECT_EQ(set_of(rows).rows.size(), 2U);
}

TEST(TrainingSet, CountsRowsFasterThanTheirArray) {
  // 8 * 4 * 16 MACs on 16 x 16: 2 cycles.
  const TrainingSet set = set_of({small_row(1.9), row_of("P16 C4 K16", kMapping, 70, 3, 16)});
  EXPECT_EQ(set.below_compute, 1U);
}

// Rows of as many layers, `fast` of them with the cycles in units a thousand times too long.
TrainingSet set_with_fast_rows(std::size_t rows, std::size_t fast) {
  std::vector<model::MeasuredRow> measured;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string bounds = "P" + std::to_string(8 * (i + 1)) + " C4 K16";
    const double compute = 2.0 * static_cast<double>(i + 1);
    measured.push_back(
        row_of(bounds.c_str(), kMapping, compute * (i < fast ? 1e-3 : 10.0), i + 2, 16));
  }
  return set_of(measured);
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

TEST(TrainingSet, TakesAnArrayThatNobodyBuilds) {
  EXPECT_EQ(set_of({small_row(1, 2, 2147483648.0)}).rows.size(), 1U);
}

TEST(LayerKey, NamesBoundsStridesAndDilations) {
  model::Layer layer = layer_of("R3 S3 P56 Q28 C64 K32 N2");
  EXPECT_EQ(layer_key(layer), "3 3 56 28 64 32 2 /1,1 ~1,1");
  layer.stride_w = 2;
  layer.dilation_h = 3;
  EXPECT_EQ(layer_key(layer), "3 3 56 28 64 32 2 /2,1 ~1,3");
}

}  // namespace
}  // namespace masala::learned
