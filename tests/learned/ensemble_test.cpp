#include "learned/ensemble.h"

#include <gtest/gtest.h>

#include <cmath>

#include "learned/learned_test_support.h"
#include "masala/model/batch.h"

namespace masala::learned {
namespace {

Tensor random_features(std::int64_t rows, std::uint64_t seed) {
  constexpr std::int64_t kFeatures = 4;
  at::Generator generator = at::detail::createCPUGenerator(seed);
  return torch::rand({rows, kFeatures}, generator, model::real_options());
}

// Smooth, with an interaction; one feature says nothing.
Tensor smooth_target(const Tensor& features) {
  const auto x = features.unbind(1);
  return (3.0 * x[0]).sin() + x[1] * x[2];
}

std::vector<double> row_of(const Tensor& features, std::int64_t row) {
  const Tensor values = features[row].contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

bool same_weights(const Ensemble& a, const Ensemble& b) {
  for (std::size_t i = 0; i < a.weights().tensors.size(); ++i) {
    if (!a.weights().tensors[i].equal(b.weights().tensors[i])) return false;
  }
  return true;
}

TEST(Ensemble, ScalarEqualsBatchedInAndOutOfRange) {
  const Tensor features = random_features(200, 1);
  const auto ensemble = random_ensemble(features, 2, 0.3, 1.7);
  const Tensor wide = 3.0 * random_features(50, 3) - 1.0;
  const EnsembleEstimate batched = ensemble->estimate(wide);
  for (std::int64_t i = 0; i < wide.size(0); ++i) {
    const ScalarEstimate scalar = ensemble->estimate(row_of(wide, i));
    EXPECT_NEAR(scalar.mean, batched.mean[i].item<double>(), 1e-9);
    EXPECT_NEAR(scalar.std, batched.std[i].item<double>(), 1e-9);
    EXPECT_NEAR(scalar.distance, batched.distance[i].item<double>(), 1e-9);
  }
  EXPECT_GT(batched.std.min().item<double>(), 1e-3);  // the members differ
}

TEST(FitScale, ClipsTheTailsAndStandardisesTheRest) {
  // 0, 1, ..., 100: the 1 % and 99 % quantiles are 1 and 99.
  const Tensor ramp = torch::arange(101, model::real_options());
  const FeatureScale scale = fit_scale(torch::stack({ramp, torch::full_like(ramp, 5.0)}, 1));
  EXPECT_DOUBLE_EQ(scale.low[0].item<double>(), 1.0);
  EXPECT_DOUBLE_EQ(scale.high[0].item<double>(), 99.0);
  EXPECT_DOUBLE_EQ(scale.mean[0].item<double>(), 50.0);
  // Squares of 0-49 twice, with 49 in place of 50 at both ends: (2 * 40425 + 2 * 49^2) / 100.
  EXPECT_NEAR(scale.scale[0].item<double>(), std::sqrt((2 * 40425.0 + 2 * 2401.0) / 100.0), 1e-9);
  EXPECT_DOUBLE_EQ(scale.scale[1].item<double>(), 1.0);  // a constant is not blown up
}

TEST(Ensemble, DistanceIsZeroInRangeAndCountsDeviationsBeyond) {
  const auto tensor = [](double a, double b) {
    return torch::tensor({a, b}, model::real_options());
  };
  const auto random = random_ensemble(torch::rand({20, 2}, model::real_options()), 4);
  const FeatureScale scale{tensor(0, 0), tensor(1, 2), tensor(0.5, 1), tensor(0.5, 2)};
  const Ensemble ensemble(scale, random->weights(), 0.0, 1.0);
  EXPECT_EQ(ensemble.estimate(std::vector<double>{0.0, 2.0}).distance, 0.0);
  EXPECT_EQ(ensemble.estimate(std::vector<double>{0.3, 1.0}).distance, 0.0);
  // 0.5 above a range whose deviation is 0.5; 1 below one whose deviation is 2.
  EXPECT_DOUBLE_EQ(ensemble.estimate(std::vector<double>{1.5, -1.0}).distance, 1.5);
  const Tensor batch = torch::stack({tensor(0.3, 1.0), tensor(1.5, -1.0)}, 0);
  EXPECT_EQ(ensemble.estimate(batch).distance[0].item<double>(), 0.0);
  EXPECT_DOUBLE_EQ(ensemble.estimate(batch).distance[1].item<double>(), 1.5);
  // Beyond the range the networks see its edge.
  EXPECT_DOUBLE_EQ(ensemble.estimate(std::vector<double>{9.0, -7.0}).mean,
                   ensemble.estimate(std::vector<double>{1.0, 0.0}).mean);
}

TEST(TrainEnsemble, LearnsASmoothFunction) {
  const Tensor features = random_features(600, 5);
  EnsembleOptions options;
  options.epochs = 150;
  options.weight_decay = 0.0;
  const Ensemble ensemble = train_ensemble(features, smooth_target(features), options);
  const Tensor unseen = random_features(200, 6);
  const Tensor target = smooth_target(unseen);
  const Tensor error = ensemble.estimate(unseen).mean - target;
  const double spread = target.std().item<double>();
  EXPECT_LT(error.square().mean().sqrt().item<double>(), 0.15 * spread);
}

TEST(TrainEnsemble, DependsOnItsSeedAlone) {
  const Tensor features = random_features(100, 7);
  const Tensor target = smooth_target(features);
  EnsembleOptions options;
  options.epochs = 5;
  const Ensemble first = train_ensemble(features, target, options);
  torch::manual_seed(99);  // the global generator takes no part
  EXPECT_TRUE(same_weights(first, train_ensemble(features, target, options)));
  for (std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{1} << 63}) {
    options.seed = seed;
    EXPECT_FALSE(same_weights(first, train_ensemble(features, target, options))) << seed;
  }
}

TEST(TrainEnsemble, WeightsAreFloatsSoThatFilesHoldThemExactly) {
  const Tensor features = random_features(50, 8);
  EnsembleOptions options;
  options.epochs = 2;
  const Ensemble ensemble = train_ensemble(features, smooth_target(features), options);
  for (const Tensor& tensor : ensemble.weights().tensors)
    EXPECT_TRUE(tensor.equal(tensor.to(torch::kFloat32).to(torch::kFloat64)));
}

TEST(TrainEnsemble, HeedsAllOfTheSeed) {
  const Tensor features = random_features(40, 4);
  const Tensor target = smooth_target(features);
  const auto trained = [&](std::uint64_t seed) {
    EnsembleOptions options;
    options.members = 2;
    options.hidden = 4;
    options.epochs = 1;
    options.seed = seed;
    return train_ensemble(features, target, options);
  };
  const std::uint64_t high = std::uint64_t{1} << 32;
  EXPECT_TRUE(same_weights(trained(7 + high), trained(7 + high)));
  EXPECT_FALSE(same_weights(trained(7), trained(7 + high)));
  EXPECT_FALSE(same_weights(trained(7 + 2 * high), trained(7 + high)));
}

}  // namespace
}  // namespace masala::learned
