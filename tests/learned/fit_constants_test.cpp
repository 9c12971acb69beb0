#include "masala/learned/fit_constants.h"

#include <gtest/gtest.h>

#include <cmath>

#include "learned/learned_test_support.h"
#include "masala/model/latency_base.h"

namespace masala::learned {
namespace {

using gemmini::constants_with;
using Formula = std::unique_ptr<const model::CycleFormula>;

Formula sample_formula(std::size_t rows) {
  return gemmini::target().cycle_formula(
      random_rows(rows, 11), driven_gemmini(), clean_and_warm(), {});
}

Tensor cycles_of(const model::CycleFormula& formula, const std::vector<double>& constants) {
  return formula.at(constants).base_cycles;
}

ConstantsFit fit_gemmini(const model::CycleFormula& formula, const Tensor& measured) {
  return fit_constants(formula, gemmini::target().constants(), measured);
}

void expect_in_bounds(const std::vector<double>& values) {
  const std::vector<model::FittedConstant> constants = gemmini::target().constants();
  ASSERT_EQ(values.size(), constants.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [name, start, bound] = constants[i];
    EXPECT_LE(std::abs(std::log(values[i] / start)), std::log(bound) * (1 + 1e-12)) << name;
  }
}

// A formula that knows no machine: slope * x + offset.
class Line : public model::CycleFormula {
 public:
  explicit Line(Tensor x) : x_(std::move(x)) {}
  Formula select(const Tensor& rows) const override {
    return std::make_unique<Line>(x_.index_select(0, rows));
  }
  Tensor cycles(const std::vector<Tensor>& constants) const override {
    return constants[0] * x_ + constants[1];
  }
  model::BaseBatch at(const std::vector<double>& constants) const override {
    return {constants[0] * x_ + constants[1], torch::zeros_like(x_), x_.unsqueeze(1)};
  }

 private:
  Tensor x_;
};

TEST(FitConstants, OfALineWithinItsBounds) {
  const Line line(torch::arange(1, 21, model::real_options()));
  const std::vector<model::FittedConstant> constants = {{"slope", 2.0, 4.0}, {"offset", 10.0, 2.0}};
  const std::vector<double> inside =
      fit_constants(line, constants, cycles_of(line, {3.0, 7.0})).constants;
  EXPECT_NEAR(inside[0], 3.0, 1e-3);
  EXPECT_NEAR(inside[1], 7.0, 1e-2);
  // A slope of 9 is beyond 2 * 4.
  const std::vector<double> beyond =
      fit_constants(line, constants, cycles_of(line, {9.0, 7.0})).constants;
  EXPECT_LE(beyond[0], 8.0);
  const std::vector<ConstantAtBound> found = constants_at_bounds(constants, beyond);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].name, "slope");
  EXPECT_EQ(found[0].bound, 8.0);
}

TEST(FitConstants, FindsTheConstantsBehindTheCycles) {
  const Formula formula = sample_formula(300);
  const Tensor measured = cycles_of(*formula, shifted_constants());
  const ConstantsFit fit = fit_gemmini(*formula, measured);
  const Tensor error = (cycles_of(*formula, fit.constants) / measured - 1.0).abs();
  EXPECT_LT(error.max().item<double>(), 0.02);
  EXPECT_LT(fit.loss, 1e-3);
  expect_in_bounds(fit.constants);
}

TEST(FitConstants, StaysInBoundsWhateverTheCycles) {
  const Formula formula = sample_formula(60);
  for (double factor : {0.01, 100.0}) {
    const ConstantsFit fit = fit_gemmini(*formula, factor * cycles_of(*formula, constants_with()));
    expect_in_bounds(fit.constants);
    EXPECT_TRUE(std::isfinite(fit.loss));
  }
}

TEST(FitConstants, TellsWhichConstantsEndAtTheirBounds) {
  const std::vector<model::FittedConstant> constants = gemmini::target().constants();
  EXPECT_TRUE(constants_at_bounds(constants, constants_with()).empty());
  EXPECT_TRUE(constants_at_bounds(constants, shifted_constants()).empty());
  const std::vector<ConstantAtBound> found = constants_at_bounds(
      constants,
      constants_with({{"store_llc_miss", 99.5},           // of at most 40 * 2.5
                      {"input_cycle", 0.2501},            // of at least 1 / 4
                      {"exposed", 0.7 * 1.43 * 0.98}}));  // near its bound, but not at it
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "input_cycle");
  EXPECT_EQ(found[0].value, 0.2501);
  EXPECT_DOUBLE_EQ(found[0].bound, 0.25);
  EXPECT_EQ(found[1].name, "store_llc_miss");
  EXPECT_DOUBLE_EQ(found[1].bound, 100.0);
  // A machine a hundred times as slow is beyond them.
  const Formula formula = sample_formula(60);
  const ConstantsFit fit = fit_gemmini(*formula, 100.0 * cycles_of(*formula, constants_with()));
  EXPECT_GE(constants_at_bounds(constants, fit.constants).size(), 3U);
}

TEST(FitConstants, IsDeterministic) {
  const Formula formula = sample_formula(60);
  const Tensor measured = cycles_of(*formula, shifted_constants());
  EXPECT_EQ(fit_gemmini(*formula, measured).constants, fit_gemmini(*formula, measured).constants);
}

}  // namespace
}  // namespace masala::learned
