// Progress and interruption of training.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "learned/cross_validation.h"
#include "learned/learned_test_support.h"
#include "masala/learned/trained_model.h"

namespace masala::learned {
namespace {

NetworkPlan quick_plan() {
  NetworkPlan plan = make_plan(0);
  for (EnsembleOptions* options : {&plan.residual, &plan.joined, &plan.dnn}) {
    options->members = 2;
    options->hidden = 8;
    options->epochs = 5;
  }
  return plan;
}

ValidationOptions quick_validation() {
  ValidationOptions options;
  options.seeds = 1;
  options.folds = 3;
  return options;
}

// Networks that would take days.
EnsembleOptions endless() {
  EnsembleOptions options;
  options.epochs = 1 << 30;
  options.most_steps = 1 << 30;
  return options;
}

class Stopped : public ::testing::Test {
 protected:
  Stopped() { monitor_.stop = &stop_; }

  std::atomic<bool> stop_{true};
  model::Monitor monitor_;
};

TEST_F(Stopped, EveryStepOfTrainingEnds) {
  const model::Accelerator accelerator = driven_gemmini();
  const TrainingSet set = synthetic_set(4, 4, 91);
  const model::Target& target = gemmini::target();
  const TrainingTask task(set, accelerator, target);
  const Tensor all = torch::arange(static_cast<std::int64_t>(set.rows.size()), torch::kInt64);
  const NetworkPlan plan = quick_plan();
  EXPECT_THROW(make_training_set(set.rows, accelerator, target, set.conditions, monitor_),
               model::Interrupted);
  EXPECT_THROW(TrainingTask(set, accelerator, target, monitor_), model::Interrupted);
  EXPECT_THROW(task.base.fit(all, task.cycles, monitor_), model::Interrupted);
  EXPECT_THROW(simulated_residual(task, monitor_), model::Interrupted);
  EXPECT_THROW(fit_hybrid(task, all, plan, nullptr, monitor_), model::Interrupted);
  EXPECT_THROW(fit_dnn(task, all, plan, monitor_), model::Interrupted);
  EXPECT_THROW(cross_validate(task, plan, nullptr, quick_validation(), monitor_),
               model::Interrupted);
  EXPECT_THROW(train(set, nullptr, accelerator, target, plan, quick_validation(), monitor_),
               model::Interrupted);
}

// Without looking between its steps this would not end.
TEST_F(Stopped, EndsInTheMiddleOfAFit) {
  stop_ = false;
  const Tensor features = torch::rand({64, 3}, model::real_options());
  std::thread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stop_ = true;
  });
  EXPECT_THROW(train_ensemble(features, features.sum(1), endless(), monitor_), model::Interrupted);
  user.join();
}

TEST_F(Stopped, EndsAllFoldsUnderWay) {
  stop_ = false;
  const TrainingSet set = synthetic_set(6, 6, 92);
  NetworkPlan plan = quick_plan();
  plan.dnn = endless();
  ValidationOptions options = quick_validation();
  options.threads = 2;
  std::thread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stop_ = true;
  });
  EXPECT_THROW(train(set, nullptr, driven_gemmini(), gemmini::target(), plan, options, monitor_),
               model::Interrupted);
  user.join();
}

TEST_F(Stopped, EndsTheFinalFitToo) {
  stop_ = false;
  const TrainingSet set = synthetic_set(6, 6, 93);
  monitor_.report = [&](const model::Progress& progress) { stop_ = progress.phase == "final fit"; };
  EXPECT_THROW(train(set,
                     nullptr,
                     driven_gemmini(),
                     gemmini::target(),
                     quick_plan(),
                     quick_validation(),
                     monitor_),
               model::Interrupted);
}

TEST(Train, ReportsItsPhasesAndTheRowsPredicted) {
  const TrainingSet set = synthetic_set(6, 6, 94);
  const auto rows = static_cast<std::int64_t>(set.rows.size());
  std::vector<model::Progress> reports;
  model::Monitor monitor;
  monitor.report = [&](const model::Progress& progress) { reports.push_back(progress); };
  train(
      set, nullptr, driven_gemmini(), gemmini::target(), quick_plan(), quick_validation(), monitor);
  ASSERT_EQ(reports.size(), 8U);  // 3 folds of 2 divisions; the final fit begins and ends
  for (std::size_t i = 1; i < reports.size(); ++i) {
    EXPECT_GE(reports[i].fraction, reports[i - 1].fraction);
    EXPECT_EQ(reports[i].counted, "rows");
  }
  EXPECT_DOUBLE_EQ(reports[2].fraction, 3.0 / 7.0);
  EXPECT_EQ(reports[2].phase, "folds");
  EXPECT_EQ(reports[2].done, rows);  // every row once in each division
  EXPECT_EQ(reports[5].done, 2 * rows);
  EXPECT_EQ(reports[6].phase, "final fit");
  EXPECT_EQ(reports[7].fraction, 1.0);
}

}  // namespace
}  // namespace masala::learned
