#include "masala/app/scores.h"

#include <gtest/gtest.h>

namespace masala::app {
namespace {

TEST(Gains, AreTheReferenceOverTheScore) {
  // EDP 200 x 30 = 6,000 against 100 x 20 = 2,000.
  const Gains gain = gains({200.0, 30.0}, {100.0, 20.0});
  EXPECT_DOUBLE_EQ(gain.cycles, 2.0);
  EXPECT_DOUBLE_EQ(gain.energy, 1.5);
  EXPECT_DOUBLE_EQ(gain.edp, 3.0);
}

TEST(Gains, HaveAGeometricMean) {
  const Gains mean = geometric_mean({{2.0, 1.0, 2.0}, {8.0, 0.25, 2.0}});
  EXPECT_DOUBLE_EQ(mean.cycles, 4.0);
  EXPECT_DOUBLE_EQ(mean.energy, 0.5);
  EXPECT_DOUBLE_EQ(mean.edp, 2.0);
  const Gains single = geometric_mean({{3.0, 5.0, 15.0}});
  EXPECT_DOUBLE_EQ(single.cycles, 3.0);
  EXPECT_DOUBLE_EQ(single.edp, 15.0);
}

TEST(PredictionError, IsOfTheJudgedCycles) {
  // 50 %, 100 % and 10 % of the judged.
  const PredictionError three = prediction_error({50.0, 200.0, 11.0}, {100.0, 100.0, 10.0});
  EXPECT_DOUBLE_EQ(three.median_percent, 50.0);
  EXPECT_DOUBLE_EQ(three.max_percent, 100.0);
  const PredictionError two = prediction_error({50.0, 100.0}, {100.0, 100.0});
  EXPECT_DOUBLE_EQ(two.median_percent, 25.0);
  EXPECT_DOUBLE_EQ(two.max_percent, 50.0);
}

}  // namespace
}  // namespace masala::app
