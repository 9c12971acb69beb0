// Regression and expected improvement on functions whose answers are known.
#include "search/methods/gaussian_process.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "masala/model/batch.h"
#include "search/space/mapspace.h"

namespace masala::search {
namespace {

using torch::Tensor;

Tensor column(const std::vector<double>& values) {
  return torch::tensor(values, model::real_options()).unsqueeze(1);
}

// n points of the unit square and a function of them.
template <class Function>
std::pair<Tensor, Tensor> observe(int n, const Function& function) {
  std::mt19937_64 rng(3);
  std::vector<double> inputs;
  std::vector<double> targets;
  for (int i = 0; i < n; ++i) {
    const double x = random_unit(rng);
    const double y = random_unit(rng);
    inputs.insert(inputs.end(), {x, y});
    targets.push_back(function(x, y, rng));
  }
  return {torch::tensor(inputs, model::real_options()).view({n, 2}),
          torch::tensor(targets, model::real_options())};
}

TEST(GaussianProcess, InterpolatesASmoothFunction) {
  const auto wave = [](const Tensor& x) { return 50.0 + 4.0 * torch::sin(6.0 * x).squeeze(1); };
  const Tensor inputs = torch::linspace(0.0, 1.0, 12, model::real_options()).unsqueeze(1);
  GaussianProcess process;
  process.fit(inputs, wave(inputs), 100);
  const Tensor between = column({0.13, 0.47, 0.81});
  const GaussianProcess::Prediction prediction = process.predict(between);
  EXPECT_LT((prediction.mean - wave(between)).abs().max().item<double>(), 0.05);
  EXPECT_LT(prediction.variance.max().item<double>(), 0.05);
}

TEST(GaussianProcess, IsLessCertainFarFromObservations) {
  GaussianProcess process;
  process.fit(column({0.0, 0.1, 0.2}), torch::tensor({1.0, 2.0, 1.5}, model::real_options()), 50);
  const Tensor variance = process.predict(column({0.1, 0.4, 0.9})).variance;
  EXPECT_LT(variance[0].item<double>(), variance[1].item<double>());
  EXPECT_LT(variance[1].item<double>(), variance[2].item<double>());
}

TEST(GaussianProcess, GivesAnInputThatDoesNotMatterALongLength) {
  const auto [inputs, targets] =
      observe(30, [](double x, double, std::mt19937_64&) { return std::cos(5.0 * x); });
  GaussianProcess process;
  process.fit(inputs, targets, 150);
  const Tensor lengths = process.lengths();
  EXPECT_GT(lengths[1].item<double>(), 3.0 * lengths[0].item<double>());
}

TEST(GaussianProcess, ConditioningKeepsTheLengths) {
  const auto [inputs, targets] =
      observe(30, [](double x, double y, std::mt19937_64&) { return std::sin(4.0 * x) * y; });
  GaussianProcess process;
  process.fit(inputs, targets, 100);
  const Tensor lengths = process.lengths();
  process.condition(inputs.slice(0, 0, 20), targets.slice(0, 0, 20));
  EXPECT_TRUE(torch::equal(lengths, process.lengths()));
}

TEST(GaussianProcess, AcceptsOneObservation) {
  GaussianProcess process;
  process.fit(column({0.5}), torch::tensor({7.0}, model::real_options()), 10);
  EXPECT_NEAR(process.predict(column({0.5})).mean[0].item<double>(), 7.0, 1e-9);
}

TEST(ExpectedImprovement, FollowsItsFormula) {
  const auto improvement = [](double mean, double variance, double best) {
    const GaussianProcess::Prediction prediction{torch::tensor({mean}, model::real_options()),
                                                 torch::tensor({variance}, model::real_options())};
    return expected_improvement(prediction, best)[0].item<double>();
  };
  EXPECT_NEAR(improvement(0.0, 1.0, 0.0), 0.398942, 1e-6);      // phi(0)
  EXPECT_NEAR(improvement(0.0, 1.0, 1.0), 1.083316, 1e-6);      // Phi(1) + phi(1)
  EXPECT_NEAR(improvement(5.0, 4.0, 3.0), 2 * 0.083315, 1e-5);  // 2 (-Phi(-1) + phi(1))
  EXPECT_NEAR(improvement(2.0, 0.0, 3.0), 1.0, 1e-9);           // certain
  EXPECT_NEAR(improvement(4.0, 0.0, 3.0), 0.0, 1e-9);
}

}  // namespace
}  // namespace masala::search
