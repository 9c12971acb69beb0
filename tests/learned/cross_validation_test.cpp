#include "learned/cross_validation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "learned/learned_test_support.h"
#include "masala/learned/trained_model.h"

namespace masala::learned {
namespace {

TrainingSet set_of_layers(std::size_t layers, std::size_t rows_per_layer) {
  TrainingSet set;
  for (std::size_t i = 0; i < layers * rows_per_layer; ++i) {
    set.rows.emplace_back();
    set.layers.push_back("layer " + std::to_string(i % layers));
  }
  return set;
}

std::vector<std::size_t> sizes_of(const std::vector<int>& fold, int folds) {
  std::vector<std::size_t> sizes(static_cast<std::size_t>(folds));
  for (int f : fold) ++sizes.at(static_cast<std::size_t>(f));
  return sizes;
}

TEST(AssignFolds, LeaveLayerOutKeepsLayersTogetherAndFoldsBalanced) {
  const TrainingSet set = set_of_layers(13, 4);
  const std::vector<int> fold = assign_folds(set, Folds::leave_layer_out, 5, 0);
  std::map<std::string, std::set<int>> folds_of;
  for (std::size_t i = 0; i < fold.size(); ++i) folds_of[set.layers[i]].insert(fold[i]);
  for (const auto& [layer, folds] : folds_of) EXPECT_EQ(folds.size(), 1U) << layer;
  // 13 layers in 5 folds: three of 3, two of 2, of 4 rows each.
  EXPECT_EQ(sizes_of(fold, 5), (std::vector<std::size_t>{12, 12, 12, 8, 8}));
}

TEST(AssignFolds, RandomFoldsAreBalancedByRow) {
  const TrainingSet set = set_of_layers(3, 4);
  EXPECT_EQ(sizes_of(assign_folds(set, Folds::random, 5, 0), 5),
            (std::vector<std::size_t>{3, 3, 2, 2, 2}));
}

TEST(AssignFolds, DependOnTheSeedAlone) {
  const TrainingSet set = set_of_layers(30, 2);
  for (Folds kind : {Folds::leave_layer_out, Folds::random}) {
    EXPECT_EQ(assign_folds(set, kind, 5, 3), assign_folds(set, kind, 5, 3));
    EXPECT_NE(assign_folds(set, kind, 5, 3), assign_folds(set, kind, 5, 4));
  }
}

// The accuracy that is published of the built-in model depends on these.
TEST(AssignFolds, AreTheSameOnEveryPlatform) {
  const TrainingSet set = set_of_layers(7, 1);
  const std::vector<int> expected[] = {{1, 2, 3, 1, 0, 0, 4},
                                       {0, 1, 1, 0, 2, 4, 3},
                                       {2, 1, 4, 0, 0, 3, 1},
                                       {4, 0, 2, 0, 1, 3, 1},
                                       {1, 1, 0, 2, 3, 4, 0}};
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    EXPECT_EQ(assign_folds(set, Folds::leave_layer_out, 5, seed), expected[seed]);
    EXPECT_EQ(assign_folds(set, Folds::random, 5, seed), expected[seed]);
  }
}

TEST(AssignFolds, HeedAllOfTheSeed) {
  const TrainingSet set = set_of_layers(30, 2);
  constexpr std::uint64_t kHigh = std::uint64_t{1} << 32;
  EXPECT_NE(assign_folds(set, Folds::random, 5, 3), assign_folds(set, Folds::random, 5, 3 + kHigh));
}

TEST(AssignFolds, DoNotDependOnTheOrderOfTheRows) {
  TrainingSet set = set_of_layers(9, 2);
  std::map<std::string, int> first;
  const std::vector<int> fold = assign_folds(set, Folds::leave_layer_out, 5, 1);
  for (std::size_t i = 0; i < fold.size(); ++i) first[set.layers[i]] = fold[i];
  std::reverse(set.layers.begin(), set.layers.end());
  const std::vector<int> reversed = assign_folds(set, Folds::leave_layer_out, 5, 1);
  for (std::size_t i = 0; i < fold.size(); ++i) EXPECT_EQ(reversed[i], first[set.layers[i]]);
}

// Networks small enough for a test.
NetworkPlan quick_plan(std::uint64_t seed = 0) {
  NetworkPlan plan = make_plan(seed);
  for (EnsembleOptions* options : {&plan.residual, &plan.joined, &plan.dnn}) {
    options->members = 2;
    options->hidden = 8;
    options->epochs = 30;
  }
  return plan;
}

ValidationOptions quick_validation(int threads = 1) {
  ValidationOptions options;
  options.seeds = 1;
  options.folds = 3;
  options.threads = threads;
  return options;
}

void expect_same(const std::vector<FoldMetrics>& a, const std::vector<FoldMetrics>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t d = 0; d < a.size(); ++d) {
    ASSERT_EQ(a[d].tiers.size(), b[d].tiers.size());
    for (const auto& [tier, metrics] : a[d].tiers) {
      EXPECT_EQ(metrics.mape_percent, b[d].tiers.at(tier).mape_percent) << tier;
      EXPECT_EQ(metrics.spearman, b[d].tiers.at(tier).spearman) << tier;
    }
    EXPECT_EQ(a[d].worst_calibrated_mape_percent, b[d].worst_calibrated_mape_percent);
  }
}

TEST(CrossValidate, PredictsEveryRowOnceWhateverTheThreads) {
  const TrainingSet set = synthetic_set(8, 10, 81);
  const TrainingTask task(set, driven_gemmini(), gemmini::target());
  double last = 0.0;
  int calls = 0;
  model::Monitor monitor;
  monitor.report = [&](const model::Progress& progress) {
    EXPECT_GT(progress.fraction, last);
    last = progress.fraction;
    ++calls;
  };
  const std::vector<FoldMetrics> divisions =
      cross_validate(task, quick_plan(), nullptr, quick_validation(), monitor).divisions;
  EXPECT_EQ(calls, 6);
  EXPECT_EQ(last, 1.0);
  ASSERT_EQ(divisions.size(), 2U);
  EXPECT_EQ(divisions[0].folds, Folds::leave_layer_out);
  EXPECT_EQ(divisions[1].folds, Folds::random);

  // The roofline learns nothing: whole and divided it predicts the same, if no row is left out.
  std::vector<double> roofline;
  std::vector<double> measured;
  for (std::size_t i = 0; i < set.rows.size(); ++i) {
    roofline.push_back(task.roofline[static_cast<std::int64_t>(i)].item<double>());
    measured.push_back(set.rows[i].cycles);
  }
  const Metrics whole = compute_metrics(roofline, measured, set.layers);
  for (const FoldMetrics& division : divisions) {
    ASSERT_EQ(division.tiers.size(), 5U);
    for (const char* tier : {"macs", "roofline", "calibrated", "hybrid", "dnn"}) {
      EXPECT_EQ(division.tiers.at(tier).rows, set.rows.size());
      EXPECT_EQ(division.tiers.at(tier).layers, 8U);
      EXPECT_TRUE(std::isfinite(division.tiers.at(tier).mape_percent)) << tier;
    }
    EXPECT_EQ(division.tiers.at("roofline").mape_percent, whole.mape_percent);
    EXPECT_LT(division.tiers.at("calibrated").mape_percent, whole.mape_percent);
    EXPECT_GE(division.worst_calibrated_mape_percent, division.tiers.at("calibrated").mape_percent);
  }
  expect_same(divisions,
              cross_validate(task, quick_plan(), nullptr, quick_validation(2)).divisions);
}

TEST(CrossValidate, ChoosesTheShrinkageThatPredictsUnseenLayersBest) {
  const TrainingSet set = synthetic_set(8, 10, 81);
  const TrainingTask task(set, driven_gemmini(), gemmini::target());
  NetworkPlan plan = quick_plan();
  const auto median_error = [&](std::vector<double> noises) {
    plan.noise_choices = std::move(noises);
    const Validation validation = cross_validate(task, plan, nullptr, quick_validation());
    EXPECT_EQ(validation.divisions[0].tiers.size(), 5U);
    return std::pair(validation.divisions[0].tiers.at("hybrid").median_ape_percent,
                     validation.shrinkage.noise);
  };
  const auto [trusting, low] = median_error({0.0});
  const auto [wary, high] = median_error({1e12});  // next to no correction
  EXPECT_EQ(low, 0.0);
  EXPECT_EQ(high, 1e12);
  ASSERT_NE(trusting, wary);
  const auto [chosen, noise] = median_error({1e12, 0.0});
  EXPECT_EQ(chosen, std::min(trusting, wary));
  EXPECT_EQ(noise, trusting < wary ? 0.0 : 1e12);
}

ResidualRows counted_rows(std::int64_t rows, double first) {
  const Tensor values = torch::arange(rows, model::real_options()) + first;
  return {torch::stack({values, -values}, 1), 10.0 * values};
}

TEST(Joined, RepeatsMeasuredRowsUntilBothTablesWeighTheSame) {
  const ResidualRows both = joined(counted_rows(7, 100.0), counted_rows(2, 0.0));
  // 7 / 2 rounds to 4 copies.
  ASSERT_EQ(both.log_ratio.size(0), 7 + 4 * 2);
  ASSERT_EQ(both.features.sizes(), (std::vector<std::int64_t>{15, 2}));
  const std::vector<double> first = {100, 101, 102, 103, 104, 105, 106, 0, 1, 0, 1, 0, 1, 0, 1};
  for (std::int64_t i = 0; i < 15; ++i) {
    const double value = first[static_cast<std::size_t>(i)];
    EXPECT_EQ(both.features[i][0].item<double>(), value);
    EXPECT_EQ(both.features[i][1].item<double>(), -value);
    EXPECT_EQ(both.log_ratio[i].item<double>(), 10.0 * value);
  }
}

TEST(Joined, KeepsEveryMeasuredRowWhereFewAreSimulated) {
  EXPECT_EQ(joined(counted_rows(2, 100.0), counted_rows(9, 0.0)).log_ratio.size(0), 11);
}

// MAPE on unseen layers of a hybrid fitted to few rows, and to many simulated ones if `with_many`.
double unseen_error(std::uint64_t seed, bool with_many) {
  const model::Accelerator accelerator = driven_gemmini();
  const TrainingSet few = synthetic_set(12, 8, seed);
  const TrainingSet many = synthetic_set(40, 20, seed + 1);
  const TrainingSet unseen = synthetic_set(20, 10, seed + 2);
  const ResidualRows simulated =
      simulated_residual(TrainingTask(many, accelerator, gemmini::target()));
  const Tensor all = torch::arange(static_cast<std::int64_t>(few.rows.size()), torch::kInt64);
  const FittedHybrid fitted = fit_hybrid(TrainingTask(few, accelerator, gemmini::target()),
                                         all,
                                         make_plan(0),
                                         with_many ? &simulated : nullptr);
  const auto latency = hybrid_latency(
      gemmini::target().latency_base(accelerator, fitted.constants, unseen.conditions),
      fitted.residual,
      Shrinkage{});
  const auto estimates = estimate_rows(*latency, unseen.rows, accelerator);
  std::vector<double> cycles;
  std::vector<double> measured;
  for (std::size_t i = 0; i < estimates.size(); ++i) {
    cycles.push_back(estimates[i].cycles);
    measured.push_back(unseen.rows[i].cycles);
  }
  return compute_metrics(cycles, measured, unseen.layers).mape_percent;
}

// Cycles of synthetic rows differ from the base by a factor that depends on the number of tiles.
TEST(FitHybrid, LearnsFromSimulatedRowsWhatFewMeasuredOnesDoNotShow) {
  double with = 0.0;
  double without = 0.0;
  for (std::uint64_t seed : {85, 95, 105}) {
    with += unseen_error(seed, true);
    without += unseen_error(seed, false);
  }
  EXPECT_LT(with, 0.8 * without);
}

TEST(Train, FitsAllTiersAndPredictsItsRows) {
  const TrainingSet set = synthetic_set(6, 12, 82);
  const model::Accelerator accelerator = driven_gemmini();
  const TrainingResult result =
      train(set, nullptr, accelerator, gemmini::target(), quick_plan(), quick_validation());
  EXPECT_FALSE(result.report.pretraining_tried);
  EXPECT_EQ(result.model.target, &gemmini::target());
  EXPECT_EQ(result.report.at_bounds.size(),
            constants_at_bounds(gemmini::target().constants(), result.model.constants).size());
  EXPECT_EQ(result.model.feature_names.size(),
            static_cast<std::size_t>(result.model.residual->scale().low.size(0)));
  for (const char* tier : {"calibrated", "hybrid"}) {
    const auto latency = make_latency(result.model, tier, accelerator, result.model.conditions);
    EXPECT_EQ(latency->tier(), tier);
    const auto estimates = estimate_rows(*latency, set.rows, accelerator);
    double error = 0.0;
    for (std::size_t i = 0; i < set.rows.size(); ++i)
      error += std::abs(estimates[i].cycles / set.rows[i].cycles - 1.0);
    EXPECT_LT(error / static_cast<double>(set.rows.size()), 0.15) << tier;
  }
}

TEST(Train, PretrainingUsesOtherLayersAndIsKeptIfItHelps) {
  const TrainingSet set = synthetic_set(8, 6, 85);
  TrainingSet simulated = synthetic_set(40, 20, 86);
  const std::size_t others = simulated.rows.size();
  // Rows of the training set's own layers are not used.
  simulated.rows.insert(simulated.rows.end(), set.rows.begin(), set.rows.end());
  simulated.layers.insert(simulated.layers.end(), set.layers.begin(), set.layers.end());
  const TrainingResult result =
      train(set, &simulated, driven_gemmini(), gemmini::target(), make_plan(0), quick_validation());
  EXPECT_TRUE(result.report.pretraining_tried);
  EXPECT_EQ(result.report.pretraining_rows, others);
  EXPECT_TRUE(result.report.pretrained);
  const auto& tiers = result.report.divisions[0].tiers;
  EXPECT_LT(tiers.at("hybrid").median_ape_percent,
            tiers.at("hybrid_without_pretraining").median_ape_percent);
  EXPECT_EQ(tiers.size(), 6U);  // that one, and the five that there always are
}

TEST(Train, PretrainingThatMisleadsIsNotKept) {
  const TrainingSet set = synthetic_set(12, 12, 83);
  TrainingSet simulated = synthetic_set(12, 24, 84);
  // Slower by what the base does not know, and the measured rows do not show.
  for (MeasuredRow& row : simulated.rows) {
    if (row.layer.bounds[model::Dim::K] < 64) row.cycles *= 4.0;
  }
  const TrainingResult result =
      train(set, &simulated, driven_gemmini(), gemmini::target(), make_plan(0), quick_validation());
  EXPECT_FALSE(result.report.pretrained);
  const auto& tiers = result.report.divisions[0].tiers;
  EXPECT_LE(tiers.at("hybrid").median_ape_percent,
            tiers.at("hybrid_with_pretraining").median_ape_percent);
  EXPECT_EQ(tiers.size(), 6U);
}

}  // namespace
}  // namespace masala::learned
