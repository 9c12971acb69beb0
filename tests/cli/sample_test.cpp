// masala sample: rows, headers for C, and the chain to simulate and evaluate.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "cli/bad_case.h"
#include "cli/csv_rows.h"
#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

Finished sample(const TemporaryDirectory& directory, const std::string& more) {
  return run_masala(directory.path(), words_of("sample --workload ./net.yaml " + more));
}

TEST(Sample, RowsGoRoundTheLayersAndDoNotRepeat) {
  const TemporaryDirectory directory;
  directory.write("net.yaml", kWorkload);
  const Finished run = sample(directory, "-a gemmini -n 40 --seed 3 --threads 1");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "40 rows of 2 layers\n");
  const std::vector<CsvRow> rows = csv_rows(run.out);
  ASSERT_EQ(rows.size(), 40U);
  std::set<std::string> mappings;
  std::set<std::string> sizes;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].at("sample.workload"), "net");
    EXPECT_EQ(rows[i].at("sample.layer"), i % 2 == 0 ? "conv" : "fc");
    EXPECT_EQ(rows[i].at("sample.program"), "clean");
    EXPECT_EQ(rows[i].at("prob.Wstride"), i % 2 == 0 ? "2" : "1");
    mappings.insert(rows[i].at("sample.layer") + rows[i].at("mapping.mapping"));
    sizes.insert(rows[i].at("arch.scratchpad_kib"));
  }
  EXPECT_EQ(mappings.size(), 40U);
  EXPECT_GT(sizes.size(), 20U);

  EXPECT_EQ(sample(directory, "-a gemmini -n 40 --seed 3 --threads 2").out, run.out);
  EXPECT_NE(sample(directory, "-a gemmini -n 40 --seed 4").out, run.out);
  const Finished shorter = sample(directory, "-a gemmini -n 7 --seed 3");
  EXPECT_EQ(run.out.rfind(shorter.out, 0), 0U);
}

TEST(Sample, FixedValuesAreKept) {
  const TemporaryDirectory directory;
  directory.write("net.yaml", kWorkload);
  const Finished run = sample(directory, "-a gemmini -n 10 --fix pe_dim=8 --fix accumulator_kib=5");
  for (const CsvRow& row : csv_rows(run.out)) {
    EXPECT_EQ(row.at("arch.meshX"), "8");
    EXPECT_EQ(row.at("arch.accumulator_kib"), "5");
    EXPECT_EQ(row.at("arch.mem1_depth"), "160");
    EXPECT_EQ(row.at("arch.mem2_width"), "64");
  }
}

TEST(Sample, MeasuredRowsAreForArraysThatWereMeasured) {
  const TemporaryDirectory directory;
  directory.write("net.yaml", kWorkload);
  const Finished run = sample(directory, "-a gemmini -n 30 --program measured");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::set<std::string> arrays = {"2", "4", "8", "16", "32", "64"};
  for (const CsvRow& row : csv_rows(run.out)) {
    EXPECT_EQ(row.at("sample.program"), "measured");
    EXPECT_EQ(arrays.count(row.at("arch.meshX")), 1U) << row.at("arch.meshX");
  }
}

TEST(Sample, FeedsSimulateAndEvaluate) {
  const TemporaryDirectory directory;
  directory.write("net.yaml", kWorkload);
  for (const std::string program : {"clean", "measured"}) {
    const Finished sampled =
        sample(directory, "-a gemmini -n 30 -o rows.csv --force --program " + program);
    ASSERT_EQ(sampled.exit_code, 0) << sampled.err;
    EXPECT_TRUE(directory.has("rows.csv.provenance.json"));
    const Finished simulated = run_masala(
        directory.path(), words_of("simulate -a gemmini --traces rows.csv -o sim.csv --force"));
    ASSERT_EQ(simulated.exit_code, 0) << simulated.err;
    EXPECT_EQ(
        simulated.err.rfind("program: " + program + " (as its column sample.program says)", 0), 0U)
        << simulated.err;
    for (const CsvRow& row : csv_rows(directory.read("sim.csv"))) {
      EXPECT_EQ(row.at("sim.program"), program);
      EXPECT_EQ(row.at("sim.dim"), row.at("arch.meshX"));
    }
  }
  const Finished clean = sample(directory, "-a gemmini -n 30 -o rows.csv --force");
  ASSERT_EQ(clean.exit_code, 0);
  const Finished evaluated =
      run_masala(directory.path(), words_of("evaluate -a gemmini --traces rows.csv"));
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_EQ(csv_rows(evaluated.out).size(), 30U);
}

TEST(Sample, WritesTileFactorsForC) {
  const TemporaryDirectory directory;
  directory.write("net.yaml", kWorkload);
  const Finished run =
      sample(directory, "-a gemmini-rtl -n 4 --emit-c tiles --format json -o rows.json");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto rows = nlohmann::json::parse(directory.read("rows.json"));
  ASSERT_EQ(rows.size(), 4U);
  const std::string header = directory.read("tiles/net.h");
  EXPECT_NE(
      header.find("static const struct masala_conv_tiles net_conv[] = {\n  {\"conv\", 1, 16, "),
      std::string::npos)
      << header;
  EXPECT_NE(
      header.find("static const struct masala_matmul_tiles net_matmul[] = {\n  {\"fc\", 2, 16, "),
      std::string::npos)
      << header;
}

TEST(Sample, BestRowsRunAndAreBetterThanOthers) {
  const TemporaryDirectory directory;
  directory.write("net.yaml", kWorkload);
  const std::string memory = " --fix scratchpad_kib=64 --fix accumulator_kib=64 -n 16 --quiet";
  const auto median_edp = [&](const std::string& more) {
    const Finished rows = sample(directory, "-a gemmini-rtl --force -o rows.csv" + memory + more);
    EXPECT_EQ(rows.exit_code, 0) << rows.err;
    const Finished run = run_masala(
        directory.path(),
        words_of("simulate -a gemmini-rtl --traces rows.csv --quiet --force -o simulated.csv"));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const Finished scored =
        run_masala(directory.path(), words_of("evaluate -a gemmini-rtl --traces simulated.csv"));
    std::vector<double> edps;
    for (const CsvRow& row : csv_rows(scored.out)) {
      EXPECT_EQ(row.at("arch.scratchpad_kib"), "64");
      if (row.at("sample.layer") == "conv")
        edps.push_back(std::stod(row.at("masala.energy_uj")) *
                       std::stod(row.at("target.gemmini_cycle")));
    }
    std::sort(edps.begin(), edps.end());
    return edps.at(edps.size() / 2);
  };
  const double any = median_edp("");
  EXPECT_LT(median_edp(" --best 20"), 0.8 * any);
  EXPECT_LT(median_edp(" --best 20 --latency hybrid"), 0.8 * any);

  const std::string about = directory.read("rows.csv.provenance.json");
  EXPECT_NE(about.find("gemmini.masala"), std::string::npos) << about;
}

TEST(Sample, AcceleratorsWithoutADriverHaveNoProgram) {
  const TemporaryDirectory directory;
  directory.write("net.yaml", kWorkload);
  const Finished run = sample(directory, "-a eyeriss -n 3");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::vector<CsvRow> rows = csv_rows(run.out);
  EXPECT_EQ(rows.at(0).count("sample.program"), 0U);
  EXPECT_EQ(rows.at(0).count("arch.glb_kib"), 1U);
}

TEST(Sample, SmallMapspacesRepeat) {
  const TemporaryDirectory directory;
  directory.write(
      "net.yaml",
      "name: net\nlayers:\n  - {name: dot, R: 1, S: 1, P: 1, Q: 1, C: 2, K: 1, N: 1}\n");
  const Finished run = sample(directory, "-a gemmini -n 10");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  // C outermost, in the accumulator's loop, or spatial.
  EXPECT_EQ(run.err, "10 rows of 1 layers, 7 of them repeat a mapping: some layers have few\n");
}

TEST(Sample, WrongUseIsRefused) {
  const std::string see = "\nSee: masala sample --help";
  expect_refused({
      {"no workload",
       words_of("sample -a gemmini"),
       {},
       kUsage,
       "masala sample: --workload is missing" + see},
      {"no rows",
       words_of("sample -a gemmini -w bert -n 0"),
       {},
       kUsage,
       "masala sample: --count: got \"0\"; expected an integer from 1 to 10000000" + see},
      {"a latency model for any rows",
       words_of("sample -a gemmini-rtl -w bert --latency hybrid"),
       {},
       kUsage,
       "masala sample: --latency goes with --best" + see},
      {"a trained model for the roofline",
       words_of("sample -a gemmini-rtl -w bert --best 5 --model x"),
       {},
       kUsage,
       "masala sample: --model goes with a latency model that was trained; expected --latency "
       "too" +
           see},
      {"best of imperfect factors",
       words_of("sample -a gemmini-rtl -w bert --best 5 --factors imperfect"),
       {},
       kUsage,
       "masala sample: --best knows perfect factors only; expected --factors perfect with it" +
           see},
      {"best of the measured program",
       words_of("sample -a gemmini-rtl -w bert --best 5 --program measured"),
       {},
       kUsage,
       "masala sample: --best is for the clean program; expected --program clean with it" + see},
      {"best of memories that are not double-buffered",
       words_of("sample -a gemmini -w bert --best 5"),
       {},
       kBadInput,
       "... levels: --best cannot tell which tiles the driver runs where memories are not "
       "double-buffered; expected another accelerator, as gemmini-rtl"},
      {"no list",
       words_of("sample -a gemmini-rtl -w bert --best 0"),
       {},
       kUsage,
       "masala sample: --best: got \"0\"; expected an integer from 1 to 100000" + see},
      {"unknown program",
       words_of("sample -a gemmini -w bert --program x"),
       {},
       kUsage,
       "masala sample: --program: got \"x\"; expected clean or measured" + see},
      {"headers without a driver",
       words_of("sample -a eyeriss -w bert --emit-c tiles"),
       {},
       kBadInput,
       "... program: missing; expected {driver: gemmini}: only machines with a known driver can be "
       "simulated"},
      {"hardware that cannot hold the smallest tile",
       words_of("sample -a gemmini -w bert --fix pe_dim=128 --fix scratchpad_kib=1"),
       {},
       kBadInput,
       "... layer mm_2: not even its smallest tile runs (the tile needs 256 scratchpad rows "
       "(inputs "
       "128, weights 128); expected at most 4, half of 1 KiB); expected larger hardware"},
      {"unknown key",
       words_of("sample -a gemmini -w bert --fix pe=8"),
       {},
       kBadInput,
       "... --fix pe: unknown hardware key; expected one of pe_dim, scratchpad_kib, "},
  });
}

}  // namespace
}  // namespace masala::test
