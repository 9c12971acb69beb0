#include "masala/model/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace masala::model {
namespace {

// Gives `available` threads, then none any more.
ThreadStarter scarce(int available) {
  return [available, started = 0](const std::function<void()>& work) mutable {
    if (started++ == available)
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    return std::thread(work);
  };
}

TEST(RunParallel, RunsEveryTaskOnceOnTheThreadsItGets) {
  constexpr int kTasks = 100;
  for (int available : {0, 1, 3, 1024}) {
    std::vector<std::atomic<int>> runs(kTasks);
    run_parallel(
        kTasks, 1024, [&](int task) { ++runs[static_cast<std::size_t>(task)]; }, scarce(available));
    for (const std::atomic<int>& count : runs) EXPECT_EQ(count, 1) << available;
  }
}

TEST(RunParallel, RethrowsTheFailureOfATaskAlsoWithFewerThreads) {
  const auto fail = [](int task) {
    if (task == 7) throw std::invalid_argument("task 7");
  };
  EXPECT_THROW(run_parallel(20, 8, fail, scarce(2)), std::invalid_argument);
  EXPECT_THROW(run_parallel(20, 8, fail), std::invalid_argument);
}

TEST(RunParallel, NeedsNoThreadForOneTaskOrOneThread) {
  int runs = 0;
  const auto count = [&](int /*task*/) { ++runs; };
  run_parallel(1, 64, count, scarce(0));
  run_parallel(5, 1, count, scarce(0));
  run_parallel(0, 64, count, scarce(0));
  EXPECT_EQ(runs, 6);
}

}  // namespace
}  // namespace masala::model
