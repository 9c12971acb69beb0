// masala search: budgets, limits, bounds and interruption.
#include <signal.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

using nlohmann::json;

TEST(Search, KeepsToItsBudgetAndLimitsWithEveryMethodAndObjective) {
  struct Case {
    const char* method;
    const char* objective;
    int budget;
    double max_area_mm2;
  };
  const std::vector<Case> cases = {{"gradient", "energy", 5, 4.0},
                                   {"gradient", "latency", 37, 4.0},
                                   {"random", "latency", 20001, 4.0},
                                   {"gradient", "ed2p", 400, 4.0},
                                   {"random", "ed2p", 5001, 100.0},
                                   {"gradient", "edap", 10000, 4.0}};
  std::vector<Finished> runs(cases.size());
  run_two_at_a_time(cases.size(), [&](std::size_t i) {
    const TemporaryDirectory directory;
    const Case& c = cases[i];
    runs[i] = run_masala(
        directory.path(),
        words_of(fmt::format("search -w bert -a gemmini --method {} --objective {} --budget {} "
                             "--max-area-mm2 {} --fix accumulator_kib=100 --threads 2 --format "
                             "json --quiet",
                             c.method,
                             c.objective,
                             c.budget,
                             c.max_area_mm2)));
  });
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    SCOPED_TRACE(fmt::format("{} {} {}", c.method, c.objective, c.budget));
    EXPECT_EQ(runs[i].err, "");
    ASSERT_EQ(runs[i].exit_code, 0);
    const json design = json::parse(runs[i].out);
    EXPECT_EQ(design["search"]["method"], c.method);
    EXPECT_EQ(design["objective"], c.objective);
    EXPECT_LE(design["search"]["evaluations"], c.budget);
    EXPECT_LE(design["totals"]["area_mm2"], c.max_area_mm2);
    EXPECT_EQ(design["hardware"]["accumulator_kib"], 100);
  }
}

TEST(Search, CertifiesTheDistanceToTheOptimum) {
  const TemporaryDirectory directory;
  const std::string bert = "search -w bert -a gemmini --fix pe_dim=16 --quiet ";
  const Finished exact =
      run_masala(directory.path(), words_of(bert + "--method exact --format json"));
  ASSERT_EQ(exact.exit_code, 0) << exact.err;
  const json optimum = json::parse(exact.out);
  const double edp = optimum["totals"]["edp_uj_cycles"];
  EXPECT_NEAR(optimum["bound"]["edp_uj_cycles"].get<double>() / edp, 1.0, 1e-9);
  EXPECT_EQ(optimum["bound"]["gap_percent"], 0);

  const std::string random = bert + "--method random --budget 500 --bound ";
  const Finished bounded = run_masala(directory.path(), words_of(random + "--format json"));
  ASSERT_EQ(bounded.exit_code, 0) << bounded.err;
  const json design = json::parse(bounded.out);
  EXPECT_NEAR(design["bound"]["edp_uj_cycles"].get<double>() / edp, 1.0, 1e-9);
  const double gap = 100.0 * (design["totals"]["edp_uj_cycles"].get<double>() / edp - 1.0);
  EXPECT_NEAR(design["bound"]["gap_percent"].get<double>(), gap, 1e-6);
  EXPECT_NE(run_masala(directory.path(), words_of(random))
                .out.find(fmt::format(
                    "bound   within {:.2f} % of the optimum of this model, certified\n", gap)),
            std::string::npos);
}

TEST(Search, CertifiesUnderEveryObjective) {
  const TemporaryDirectory directory;
  const struct {
    const char* objective;
    const char* unit;
    const char* total;
  } cases[] = {{"energy", "uJ", "energy_uj"}, {"latency", "cycles", "cycles"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.objective);
    const std::string search = fmt::format(
        "search -w bert -a gemmini --fix pe_dim=16 --quiet --format json --objective {} ",
        c.objective);
    const Finished exact = run_masala(directory.path(), words_of(search + "--method exact"));
    ASSERT_EQ(exact.exit_code, 0) << exact.err;
    const double optimum = json::parse(exact.out)["totals"][c.total];
    const Finished bounded =
        run_masala(directory.path(), words_of(search + "--method random --budget 500 --bound"));
    ASSERT_EQ(bounded.exit_code, 0) << bounded.err;
    const json design = json::parse(bounded.out);
    const json& bound = design["bound"];
    EXPECT_EQ(bound["objective"], c.objective);
    EXPECT_EQ(bound["unit"], c.unit);
    EXPECT_NEAR(bound["value"].get<double>() / optimum, 1.0, 1e-9);
    const double gap = 100.0 * (design["totals"][c.total].get<double>() / optimum - 1.0);
    EXPECT_NEAR(bound["gap_percent"].get<double>(), gap, 1e-6);
  }
}

TEST(Search, ABoundThatIsTooLargeIsNoError) {
  const TemporaryDirectory directory;
  directory.write(
      "w.yaml",
      "name: w\nlayers: [{name: a, R: 3, S: 3, P: 1680, Q: 1680, C: 1680, K: 1680, N: 2}]\n");
  const std::string search = "search -w ./w.yaml -a gemmini --quiet ";
  const Finished bounded =
      run_masala(directory.path(), words_of(search + "--method random --budget 10 --bound"));
  EXPECT_EQ(bounded.exit_code, 0) << bounded.err;
  EXPECT_NE(bounded.out.find("bound   none: --method exact: too large: "), std::string::npos);
  const Finished exact = run_masala(directory.path(), words_of(search + "--method exact"));
  EXPECT_EQ(exact.exit_code, 1);
  EXPECT_NE(exact.err.find("too large"), std::string::npos);
}

TEST(Search, FindsADesignUnderTightAreaLimits) {
  const TemporaryDirectory directory;
  for (const char* limit : {"0.02", "0.05"}) {
    const Finished run = run_masala(
        directory.path(),
        words_of(fmt::format("search -w alexnet -a gemmini --max-area-mm2 {} --starts 2 --budget "
                             "8000 --format json --quiet",
                             limit)));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_LE(json::parse(run.out)["totals"]["area_mm2"], std::stod(limit));
  }
}

TEST(Search, AnAcceleratorWithoutAreaModelHasNoArea) {
  const TemporaryDirectory directory;
  directory.write("a.yaml", kAccelerator.substr(0, kAccelerator.find("area:")));
  directory.write("w.yaml", kWorkload);
  const Finished run = run_masala(
      directory.path(),
      {"search", "-w", "w.yaml", "-a", "./a.yaml", "--budget", "200", "--format", "json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(json::parse(run.out)["totals"]["area_mm2"].is_null());
}

TEST(Search, TakesTheDataFolderOfTheEnvironmentFirst) {
  const TemporaryDirectory directory;
  directory.write("data/accelerators/mine.yaml", kAccelerator);
  directory.write("data/workloads/bert.yaml", kWorkload);
  const Finished run =
      run_masala(directory.path(),
                 words_of("search -w bert -a mine --budget 200 --format json --quiet"),
                 {{{"MASALA_DATA_DIR", directory.file("data")}}, ""});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json design = json::parse(run.out);
  EXPECT_EQ(design["workload"], "net");
  EXPECT_EQ(design["accelerator"]["name"], "toy");
  EXPECT_TRUE(design["provenance"]["inputs"].contains(directory.file("data/workloads/bert.yaml")));
}

TEST(Search, DesignsOfTheRtlRunOnTheSimulator) {
  const TemporaryDirectory directory;
  const Finished run = run_masala(
      directory.path(),
      words_of("search -w resnet50 -a gemmini-rtl --starts 2 --budget 20000 --quiet -o out"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json hardware = json::parse(directory.read("out/design.json"))["hardware"];
  for (const char* key : {"scratchpad_kib", "accumulator_kib"}) {
    const int kib = hardware[key];
    EXPECT_EQ(kib & (kib - 1), 0) << key;
  }
  const Finished simulated = run_masala(
      directory.path(),
      words_of("simulate --design out/design.json --cache cold --budget-events 1000 --quiet"));
  EXPECT_EQ(simulated.exit_code, 0) << simulated.err;
}

TEST(Search, EndsOnInterruptWithTheBestDesignSoFar) {
  const TemporaryDirectory directory;
  RunningMasala search(
      directory.path(),
      words_of("search -w resnet50 -a gemmini --starts 100000 --threads 2 -o out"));
  // The second line of progress: by then there is a first rounded design to be had.
  ASSERT_TRUE(search.wait_for_stderr("\ndescent: ", kLongestRun));
  search.send(SIGINT);
  const Finished run = search.finish(kLongestRun);
  EXPECT_EQ(run.exit_code, 130) << run.err;
  EXPECT_NE(run.out.find("interrupted: the best so far"), std::string::npos) << run.out;
  EXPECT_EQ(json::parse(directory.read("out/design.json"))["search"]["interrupted"], true);
  const Finished scored =
      run_masala(directory.path(), {"evaluate", "--design", "out/design.json", "--format", "json"});
  ASSERT_EQ(scored.exit_code, 0) << scored.err;
  EXPECT_EQ(json::parse(scored.out)["totals"],
            json::parse(directory.read("out/design.json"))["totals"]);
}

TEST(Search, ImperfectDesignsAreReadBackWithTheirCost) {
  const TemporaryDirectory directory;
  directory.write(
      "odd.yaml",
      "name: odd\nlayers:\n  - {name: a, R: 3, S: 3, P: 13, Q: 13, C: 127, K: 61, N: 1}\n");
  const Finished run =
      run_masala(directory.path(),
                 words_of("search -w ./odd.yaml -a gemmini --fix pe_dim=16 --factors imperfect "
                          "--budget 3000 -o out"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::string evaluate = "evaluate -a gemmini --design out/design.json --format json";
  EXPECT_EQ(run_masala(directory.path(), words_of(evaluate)).exit_code, 1);
  const Finished scored = run_masala(directory.path(), words_of(evaluate + " --factors imperfect"));
  ASSERT_EQ(scored.exit_code, 0) << scored.err;
  EXPECT_EQ(json::parse(scored.out)["totals"],
            json::parse(directory.read("out/design.json"))["totals"]);
}

}  // namespace
}  // namespace masala::test
