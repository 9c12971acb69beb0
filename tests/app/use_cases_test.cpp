// Train, search and compare as another program would call them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "masala/app/compare.h"
#include "masala/app/design.h"
#include "masala/app/search.h"
#include "masala/app/train.h"
#include "masala/app/user_text.h"

namespace masala::app {
namespace {

// Six rows of each of ten layers of the traces that come with Masala.
void write_small_traces(const std::string& path) {
  std::ifstream all(std::string(MASALA_DATA) + "/traces/gemmini_sim.csv");
  std::ofstream few(path);
  std::string line;
  for (int row = -1; row < 1200 && std::getline(all, line); ++row) {
    if (row < 0 || row % 200 < 10) few << line << "\n";
  }
}

TEST(UseCases, TrainThenSearchThenCompareWithoutTheCommandLine) {
  const OutputFolder folder(testing::TempDir() + "/masala_use_cases_" + std::to_string(getpid()),
                            Existing::replace);
  write_small_traces(folder.file("traces.csv"));
  const Monitor monitor;

  TrainRequest training;
  training.accelerator = "gemmini-rtl";
  training.traces = folder.file("traces.csv");
  const TrainResult trained = train(training, read_training_rows(training), monitor);
  folder.write("small.masala", trained.model_text);

  SearchRequest request;
  request.workload = "bert";
  request.settings.accelerator = "gemmini-rtl";
  request.settings.method = "random";
  request.settings.budget = 600;
  request.latency = {"hybrid", folder.file("small.masala")};
  const SearchResult found = search(request, monitor);
  ASSERT_TRUE(found.design);
  EXPECT_EQ(found.design->latency_model, "hybrid");
  folder.write("design.json", design_text(*found.design, found.problem.accelerator));

  CompareRequest comparison;
  comparison.workloads = {"bert"};
  comparison.settings = request.settings;
  comparison.tiers = {"roofline", "hybrid"};
  comparison.model_path = folder.file("small.masala");
  const CompareResult compared = compare(comparison, monitor);
  // The same search finds the same design, and a judge has counted its cycles.
  const auto& contender = compared.comparison.workloads[0].contenders[2];
  EXPECT_EQ(contender.model, "hybrid");
  EXPECT_EQ(contender.design.cost.cycles, found.design->totals.cycles);
  EXPECT_GT(compared.comparison.mean_gains(2).edp, 0.0);
  std::filesystem::remove_all(folder.path());
}

TEST(UseCases, AMonitorStopsThem) {
  std::atomic<bool> stop{true};
  Monitor monitor;
  monitor.stop = &stop;
  SearchRequest request;
  request.workload = "bert";
  request.settings.accelerator = "gemmini-rtl";
  const SearchResult found = search(request, monitor);
  EXPECT_TRUE(found.summary.interrupted);
  CompareRequest comparison;
  comparison.workloads = {"bert"};
  comparison.settings = request.settings;
  comparison.tiers = {"roofline"};
  EXPECT_THROW(compare(comparison, monitor), Interrupted);
}

TEST(UseCases, UnknownNamesAreInputErrors) {
  SearchRequest request;
  request.workload = "bert";
  request.settings.accelerator = "gemmini-rtl";
  request.settings.method = "gradiant";
  try {
    search(request, {});
    FAIL() << "expected an InputError";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "method \"gradiant\": unknown; expected a search method (did you mean gradient?)");
  }
}

}  // namespace
}  // namespace masala::app
