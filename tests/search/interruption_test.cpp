// Every search ends soon after it is asked to, and says so only if it was cut short.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "search/exact/exact_search.h"
#include "search/methods/gaussian_process.h"
#include "search/methods/relaxation.h"
#include "search/sampling/best_sampler.h"
#include "search_test_support.h"

namespace masala::search {
namespace {

using masala::testing::layer_of;
using Clock = std::chrono::steady_clock;

// Asks for a stop after some time.
class StopLater {
 public:
  explicit StopLater(std::chrono::milliseconds after) {
    monitor_.stop = &stop_;
    thread_ = std::thread([this, after] {
      std::this_thread::sleep_for(after);
      asked_ = Clock::now();
      stop_ = true;
    });
  }
  ~StopLater() { thread_.join(); }

  const Monitor& monitor() const { return monitor_; }
  // From the request on; call when the work has ended.
  double seconds_to_end() {
    const auto ended = Clock::now();
    while (!stop_) std::this_thread::yield();
    return std::chrono::duration<double>(ended - asked_).count();
  }

 private:
  std::atomic<bool> stop_{false};
  Clock::time_point asked_;
  Monitor monitor_;
  std::thread thread_;
};

// Two seconds, on a machine five times slower than most.
constexpr double kMostSeconds = 10.0;
constexpr std::chrono::milliseconds kBeforeStop{300};

class EveryMethodStops : public ::testing::TestWithParam<const char*> {
 protected:
  // Ends in time and says that it was cut short, with a valid design or none.
  void expect_stop(const Problem& problem, const SearchOptions& options) {
    StopLater stop(kBeforeStop);
    const SearchSummary summary = find_method(GetParam())->run(problem, options, stop.monitor());
    EXPECT_LT(stop.seconds_to_end(), kMostSeconds);
    EXPECT_TRUE(summary.interrupted);
    if (summary.best) expect_valid(*summary.best, problem);
  }
};

TEST_P(EveryMethodStops, InTheMidstOfOneHugeLayer) {
  Problem problem = small_problem();
  problem.fixed.clear();
  problem.workload.layers = {layer_of("R7 S7 P2048 Q2048 C720 K720")};
  SearchOptions options;
  options.budget = 2000000000;
  expect_stop(problem, options);
}

TEST_P(EveryMethodStops, InTheMidstOfManyLayers) {
  Problem problem = small_problem();
  problem.fixed.clear();
  problem.workload.layers.clear();
  for (std::int64_t i = 0; i < 500; ++i) {
    problem.workload.layers.push_back(layer_of("R3 S3 P56 Q56 C64"));
    problem.workload.layers.back().bounds[model::Dim::K] = 32 + i;
  }
  expect_stop(problem, {});
}

INSTANTIATE_TEST_SUITE_P(
    Methods,
    EveryMethodStops,
    ::testing::Values("gradient", "random", "bayesian", "annealing", "genetic", "exact"),
    [](const auto& parameter) { return std::string(parameter.param); });

class StopAtTheEnd : public ::testing::TestWithParam<const char*> {};

TEST_P(StopAtTheEnd, CutsNothingShort) {
  const Problem problem = small_problem();
  SearchOptions options = small_options();
  options.budget = 2000;
  const Method& method = *find_method(GetParam());
  const SearchSummary whole = method.run(problem, options, {});
  std::atomic<bool> stop{false};
  Monitor monitor;
  monitor.stop = &stop;
  monitor.report = [&](const Progress& progress) { stop = progress.done == whole.evaluations; };
  const SearchSummary again = method.run(problem, options, monitor);
  EXPECT_TRUE(stop);
  EXPECT_FALSE(again.interrupted);
  expect_same(whole, again, problem);
}

INSTANTIATE_TEST_SUITE_P(Methods,
                         StopAtTheEnd,
                         ::testing::Values("random", "bayesian", "annealing", "genetic"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(ExactSearch, StopsWithinTheOrdersOfAFewMappings) {
  Problem problem = small_problem();
  problem.workload.layers = {layer_of("R7 S7 P64 Q64 C64 K64")};
  std::atomic<bool> stop{false};
  Monitor monitor;
  monitor.stop = &stop;
  std::int64_t evaluations = 0;
  monitor.report = [&](const Progress& progress) {
    stop = progress.phase == "enumeration";
    evaluations = progress.done;
  };
  const SearchSummary summary = exact_search(problem, {}, monitor);
  EXPECT_TRUE(summary.interrupted);
  EXPECT_FALSE(summary.bound);
  EXPECT_EQ(evaluations, 0);
}

TEST(ExactSearch, ACertificateEndsOnRequest) {
  Problem problem = small_problem();
  problem.workload.layers = {layer_of("R7 S7 P720 Q720 C64 K64")};
  const DiscreteSpace space(problem);
  std::vector<model::Mapping> mappings;
  for (const CostedMapping& point : space.smallest_tiles()) mappings.push_back(point.mapping);
  const Design known =
      make_design(problem, *space.hardware_for(space.smallest_tiles()), std::move(mappings));
  StopLater stop(kBeforeStop);
  EXPECT_FALSE(certified_gap(problem, known, {}, stop.monitor()));
  EXPECT_LT(stop.seconds_to_end(), kMostSeconds);
}

TEST(ASearchStoppedAtOnce, HasNoDesign) {
  const std::atomic<bool> stop{true};
  Monitor monitor;
  monitor.stop = &stop;
  for (const Method& method : methods()) {
    const SearchSummary summary = method.run(small_problem(), {}, monitor);
    EXPECT_FALSE(summary.best) << method.name;
    EXPECT_TRUE(summary.interrupted) << method.name;
    EXPECT_EQ(summary.evaluations, 0) << method.name;
  }
}

TEST(MappingSampler, EndsOnRequest) {
  MappingSampleRequest request;
  request.accelerator = masala::testing::gemmini();
  request.layers = {layer_of("R3 S3 P56 Q56 C64 K64"), layer_of("P128 C768 K768")};
  request.count = 10000000;
  StopLater stop(kBeforeStop);
  EXPECT_THROW(sample_mappings(request, stop.monitor()), model::Interrupted);
  EXPECT_LT(stop.seconds_to_end(), kMostSeconds);
}

TEST(BestSampler, EndsOnRequest) {
  BestSampleRequest request;
  request.problem = small_problem();
  request.layers = {layer_of("R7 S7 P64 Q64 C64 K64")};  // minutes of enumeration for every row
  request.best = 10;
  request.count = 1000;
  StopLater stop(kBeforeStop);
  EXPECT_THROW(sample_best(request, stop.monitor()), model::Interrupted);
  EXPECT_LT(stop.seconds_to_end(), kMostSeconds);
}

TEST(GaussianProcess, AFitThatIsStoppedStillPredicts) {
  const std::atomic<bool> stop{true};
  Monitor monitor;
  monitor.stop = &stop;
  GaussianProcess process;
  const torch::Tensor inputs = torch::linspace(0.0, 1.0, 5, model::real_options()).unsqueeze(1);
  process.fit(inputs, inputs.squeeze(1), 1000000000, monitor);
  EXPECT_TRUE(process.predict(inputs).mean.isfinite().all().item<bool>());
}

TEST(Relaxation, OrdersStayOnceStopped) {
  const std::atomic<bool> stop{true};
  Monitor monitor;
  monitor.stop = &stop;
  const DiscreteSpace space(small_problem());
  const Relaxation relaxation(space, 1);
  const torch::Tensor logs =
      torch::zeros({relaxation.num_variables(), relaxation.size()}, model::real_options());
  torch::Tensor order = relaxation.default_order();
  relaxation.choose_orders(logs, order, monitor);
  EXPECT_TRUE(order.equal(relaxation.default_order()));
}

}  // namespace
}  // namespace masala::search
