// Where results go: no two of them into one file, no two runs into one output, nothing lost.
#include <gtest/gtest.h>

#include <csignal>

#include <nlohmann/json.hpp>

#include "cli/learning_samples.h"
#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

using nlohmann::json;

TEST(Outputs, ASecondRunIntoOneFolderIsRefused) {
  const TemporaryDirectory directory;
  RunningMasala first(directory.path(),
                      words_of("search -w resnet50 -a gemmini --starts 100000 -o out"));
  ASSERT_TRUE(first.wait_for_stderr("descent: ", kLongestRun));
  const Finished second = run_masala(
      directory.path(), words_of("search -w bert -a gemmini --budget 2000 -o out --force --quiet"));
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find("out: another run is writing it; expected "), std::string::npos)
      << second.err;
  first.send(SIGKILL);
  EXPECT_EQ(first.finish(kLongestRun).exit_code, 128 + SIGKILL);
  // The lock went with the run.
  const Finished third = run_masala(
      directory.path(), words_of("search -w bert -a gemmini --budget 2000 -o out --force --quiet"));
  EXPECT_EQ(third.exit_code, 0) << third.err;
}

std::string named(const std::string& name) {
  return with(kWorkload, "name: net", "name: \"" + name + "\"");
}

TEST(Outputs, WorkloadsOfSimilarNamesKeepTheirDesignsApart) {
  const TemporaryDirectory directory;
  directory.write("a.yaml", named("net 1"));
  directory.write("b.yaml", named("net_1"));
  const Finished run = run_masala(directory.path(),
                                  words_of("compare -w ./a.yaml -w ./b.yaml -a gemmini-rtl "
                                           "--latency roofline --budget 2000 -o out --quiet"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto workload_of = [&](const std::string& file) {
    return json::parse(directory.read("out/" + file))["workload"].get<std::string>();
  };
  EXPECT_EQ(workload_of("net_1.roofline.design.json"), "net_1");
  EXPECT_EQ(workload_of("net_1_2.roofline.design.json"), "net 1");
}

TEST(Outputs, WorkloadsOfSimilarNamesKeepTheirHeadersApart) {
  const TemporaryDirectory directory;
  directory.write("a.yaml", named("net 1"));
  directory.write("b.yaml", with(named("net_1"), "P: 8, Q: 8", "P: 4, Q: 4"));
  const Finished run = run_masala(directory.path(),
                                  words_of("sample -w ./a.yaml -w ./b.yaml -a gemmini-rtl -n 6 "
                                           "--emit-c tiles -o rows.csv --quiet"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(directory.read("tiles/net_1.h").find("net_1_conv[]"), std::string::npos);
  EXPECT_NE(directory.read("tiles/net_1_2.h").find("net_1_2_conv[]"), std::string::npos);
}

// Eight levels, and layers of more mappings than can be listed.
std::string deep_accelerator() {
  std::string text = "name: deep\nmac_energy_pj: 0.5\nlevels:\n";
  for (int level = 0; level < 7; ++level) {
    text += "  - {name: l" + std::to_string(level) +
            ", keeps: [weights, inputs, outputs], word_bits: 8, capacity: {kib: {min: 1, max: "
            "1048576, default: 1048576}}, energy: {per_access_pj: " +
            std::to_string(level + 1) + "}}\n";
  }
  return text +
         "  - {name: dram, keeps: [weights, inputs, outputs], word_bits: 8, energy: "
         "{per_access_pj: 6400}}\n";
}

TEST(Outputs, ADesignThatCannotBeCertifiedIsKept) {
  const TemporaryDirectory directory;
  directory.write("deep.yaml", deep_accelerator());
  directory.write(
      "net.yaml",
      "name: net\nlayers:\n  - {name: a, R: 1, S: 1, P: 1, Q: 1, C: 720720, K: 720720, N: 1}\n");
  const Finished run =
      run_masala(directory.path(),
                 words_of("search -w ./net.yaml -a ./deep.yaml --starts 2 --budget 3000 --bound -o "
                          "out --quiet"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("bound   none: --method exact: "), std::string::npos) << run.out;
  EXPECT_TRUE(json::parse(directory.read("out/design.json"))["bound"].is_null());
}

TEST(Outputs, ATrainingChecksWhereItsModelGoesBeforeItBegins) {
  const TemporaryDirectory directory;
  directory.write("t.csv", training_rows(0, 10, 6));
  const Finished run =
      run_masala(directory.path(),
                 words_of("train -a gemmini-rtl --traces t.csv -o missing/m.masala --quiet"));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");  // what it says of the rows comes first
  EXPECT_NE(run.err.find("missing/m.masala"), std::string::npos) << run.err;
}

TEST(Outputs, ACompleteTableOfOtherSettingsIsNotResumed) {
  const TemporaryDirectory directory;
  directory.write("t.csv", kTraces);
  const std::string simulate = "simulate -a gemmini --traces t.csv -o o.csv --quiet ";
  ASSERT_EQ(run_masala(directory.path(), words_of(simulate)).exit_code, 0);
  EXPECT_EQ(run_masala(directory.path(), words_of(simulate + "--resume")).exit_code, 0);
  const Finished other =
      run_masala(directory.path(), words_of(simulate + "--resume --budget-events 1000"));
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_EQ(other.err,
            "o.csv.provenance.json: origin.budget_events: got \"300000\"; expected \"1000\" as in "
            "this run, or --force to start anew\n");
}

TEST(Outputs, SeedsAreOf64Bits) {
  const TemporaryDirectory directory;
  directory.write("net.yaml", kWorkload);
  const auto design = [&](const std::string& seed) {
    const Finished run =
        run_masala(directory.path(),
                   words_of("search -w ./net.yaml -a gemmini --method random --budget 200 --format "
                            "json --quiet --seed " +
                            seed));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return json::parse(run.out);
  };
  const json large = design("9223372036854775813");  // 2^63 + 5
  EXPECT_EQ(large["search"]["seed"], 9223372036854775813ULL);
  EXPECT_NE(large["search"]["history"], design("5")["search"]["history"]);
}

}  // namespace
}  // namespace masala::test
