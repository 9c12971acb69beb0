// masala simulate: tables, interruptions, designs, workloads, timelines.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <thread>

#include "cli/bad_case.h"
#include "cli/csv_rows.h"
#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

// Of gemmini-rtl. The first row has an old result, the second a comma inside a cell.
const std::string kRows =
    R"(id,mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N,target.gemmini_cycle,sim.dim
a,L3[WIO] Q8 K4 - L2[WI] K16X - L1[O] R3 S3 P8 C16X - L0[W] N1,3,3,8,8,16,64,1,99,4
"b, c",L3[WIO] K2 - L2[WI] K16X - L1[O] P64 C4 C16X - L0[W] N1,1,1,64,1,64,32,1,,
d,L3[WIO] C4 K2 - L2[WI] K16X - L1[O] P64 C16X - L0[W] N1,1,1,64,1,64,32,1,,
)";
const std::string kTooLarge =
    "e,L3[WIO] Q2 - L2[WI] K16X - L1[O] P128 Q64 C16X - L0[W] N1,1,1,128,128,16,16,1,,\n";

Finished simulate(const TemporaryDirectory& directory, const std::string& more) {
  return run_masala(directory.path(), words_of("simulate -a gemmini-rtl --traces t.csv " + more));
}

TEST(Simulate, AddsCyclesAndWhereTheyWent) {
  const TemporaryDirectory directory;
  directory.write("t.csv", kRows);
  const Finished run = simulate(directory, "-o o.csv");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err.rfind("program: clean (the table shows no sign of FireSim's driver)\n"
                          "3 rows simulated in ",
                          0),
            0U)
      << run.err;
  const std::string text = directory.read("o.csv");
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "id,mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N,"
            "target.gemmini_cycle,sim.program,sim.dim,sim.cache,sim.version,sim.busy_load,"
            "sim.busy_execute,sim.busy_store");
  const std::vector<CsvRow> rows = csv_rows(text);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].at("id"), "b, c");
  for (const CsvRow& row : rows) {
    EXPECT_EQ(row.at("sim.program"), "clean");
    EXPECT_EQ(row.at("sim.dim"), "16");
    EXPECT_EQ(row.at("sim.cache"), "warm");
    EXPECT_EQ(row.at("sim.version"), "1");
    const long cycles = std::stol(row.at("target.gemmini_cycle"));
    for (const char* column : {"sim.busy_load", "sim.busy_execute", "sim.busy_store"}) {
      EXPECT_GT(std::stol(row.at(column)), 0) << column;
      EXPECT_LE(std::stol(row.at(column)), cycles) << column;
    }
  }
  // 64 x 64 x 32 on 16 x 16: as many array steps whichever way it is cut.
  EXPECT_EQ(rows[1].at("sim.busy_execute"), rows[2].at("sim.busy_execute"));
  EXPECT_FALSE(directory.has("o.csv.partial"));
  EXPECT_FALSE(directory.has("o.csv.partial.json"));
  const auto provenance = nlohmann::json::parse(directory.read("o.csv.provenance.json"));
  EXPECT_EQ(provenance["inputs"]["t.csv"].get<std::string>().size(), 64U);

  EXPECT_EQ(simulate(directory, "--threads 1").out, text);
  EXPECT_EQ(simulate(directory, "--threads 2").out, text);
  // Its own result is an input like any other.
  directory.write("t.csv", text);
  EXPECT_EQ(simulate(directory, "").out, text);
}

// Rows that take a while, for their many tiles.
std::string slow_rows(int count) {
  std::string text = kRows.substr(0, kRows.find('\n') + 1);
  for (int i = 0; i < count; ++i) {
    text += "r" + std::to_string(i) +
            ",L3[WIO] P512 Q512 C16 - L2[WI] N1 - L1[O] N1 - L0[W] N1,1,1,512,512,16,1,1,,\n";
  }
  return text;
}

TEST(Simulate, AnInterruptedRunKeepsItsRowsAndResumes) {
  const TemporaryDirectory directory;
  directory.write("t.csv", slow_rows(20));
  const auto rows_written = [&] {
    if (!directory.has("o.csv.partial")) return std::ptrdiff_t{0};
    const std::string partial = directory.read("o.csv.partial");
    return std::count(partial.begin(), partial.end(), '\n') - 1;
  };
  RunningMasala running(directory.path(),
                        words_of("simulate -a gemmini-rtl --traces t.csv -o o.csv --threads 1"));
  constexpr int kPolls = 60000;
  for (int i = 0; i < kPolls && rows_written() < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  running.send(SIGINT);
  const Finished interrupted = running.finish(kLongestRun);
  EXPECT_EQ(interrupted.exit_code, 130);
  EXPECT_NE(interrupted.err.find(" of 20 rows: the finished rows are in o.csv.partial; the same "
                                 "command with --resume goes on\n"),
            std::string::npos)
      << interrupted.err;
  EXPECT_FALSE(directory.has("o.csv"));
  const auto kept = rows_written();
  EXPECT_GE(kept, 2);
  EXPECT_LT(kept, 20);

  const Finished again = simulate(directory, "-o o.csv --quiet");
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(again.err,
            "o.csv.partial: exists, of an interrupted run; expected --resume to go on with it, or "
            "--force to start anew\n");
  const Finished other = simulate(directory, "-o o.csv --quiet --resume --cache cold");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_EQ(other.err,
            "o.csv.partial.json: made_from.cache: got \"warm\"; expected \"cold\" as in this run, "
            "or --force to start anew\n");
  EXPECT_EQ(rows_written(), kept);

  // A run that was killed may leave a piece of a row.
  const std::string partial = directory.read("o.csv.partial");
  directory.write("o.csv.partial", partial.substr(0, partial.size() - 5));
  const Finished resumed = simulate(directory, "-o o.csv --resume --threads 2");
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find(std::to_string(kept - 1) + " of them in the earlier run"),
            std::string::npos)
      << resumed.err;
  EXPECT_FALSE(directory.has("o.csv.partial"));
  const std::vector<CsvRow> rows = csv_rows(directory.read("o.csv"));
  ASSERT_EQ(rows.size(), 20U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].at("id"), "r" + std::to_string(i));
    EXPECT_EQ(rows[i].at("target.gemmini_cycle"), rows[0].at("target.gemmini_cycle"));
  }
  const Finished complete = simulate(directory, "-o o.csv --resume");
  EXPECT_EQ(complete.exit_code, 0);
  EXPECT_NE(complete.err.find("o.csv: complete, nothing to resume"), std::string::npos);
}

TEST(Simulate, CarriedCachesGoFromRowToRowWhateverTheThreads) {
  const TemporaryDirectory directory;
  directory.write("t.csv", kRows);
  const Finished run = simulate(directory, "--cache carry --threads 1");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(simulate(directory, "--cache carry --threads 2").out, run.out);
  const std::vector<CsvRow> carried = csv_rows(run.out);
  const std::vector<CsvRow> cold = csv_rows(simulate(directory, "--cache cold").out);
  const std::vector<CsvRow> inputs = csv_rows(simulate(directory, "--cache inputs").out);
  ASSERT_EQ(carried.size(), 3U);
  EXPECT_EQ(carried[0].at("target.gemmini_cycle"), inputs[0].at("target.gemmini_cycle"));
  EXPECT_LT(std::stol(carried[2].at("target.gemmini_cycle")),
            std::stol(cold[2].at("target.gemmini_cycle")));
}

TEST(Simulate, RowsThatCannotRunAreSkippedWithANote) {
  const TemporaryDirectory directory;
  directory.write("t.csv", kRows + kTooLarge + "f,L3[WIO]\n");
  const Finished run = simulate(directory, "--skip-invalid -o o.csv");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find(", 2 invalid (see sim.note)"), std::string::npos) << run.err;
  const std::vector<CsvRow> rows = csv_rows(directory.read("o.csv"));
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0].at("sim.note"), "");
  EXPECT_NE(rows[0].at("target.gemmini_cycle"), "99");
  EXPECT_EQ(rows[3].at("id"), "e");
  EXPECT_EQ(rows[3].at("target.gemmini_cycle"), "");
  EXPECT_EQ(rows[3].at("sim.program"), "");
  EXPECT_EQ(rows[3].at("sim.note").rfind("mapping.mapping: tile of accumulator needs ", 0), 0U);
  EXPECT_EQ(rows[4].at("sim.note"), "2 fields; expected 11, as in the header");
  const auto json = nlohmann::json::parse(simulate(directory, "--skip-invalid --format json").out);
  ASSERT_EQ(json.size(), 5U);
  EXPECT_TRUE(json[3]["target.gemmini_cycle"].is_null());
  EXPECT_EQ(json[1]["sim.dim"], 16);
}

TEST(Simulate, TablesOfFireSimMeanTheMeasuredProgram) {
  const TemporaryDirectory directory;
  const std::string shape = ",3,3,8,8,16,16,1,";
  // On the array that the row's spatial factors need, and on 4 MiB, whatever the columns say.
  directory.write("t.csv",
                  "mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N,arch.meshX,"
                  "arch.mem1_depth\n"
                  "L3[WIO] K2 - L2[WI] K8X - L1[O] R3 S3 P8 Q8 C4 C4X - L0[W] N1" +
                      shape + "128,1\n");
  const Finished run = simulate(directory, "");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "program: measured (arch.meshX is 128 in all rows, as in FireSim's tables)\n");
  const std::vector<CsvRow> rows = csv_rows(run.out);
  EXPECT_EQ(rows.at(0).at("sim.program"), "measured");
  EXPECT_EQ(rows.at(0).at("sim.dim"), "8");
  // Asked for the clean program, the row is what it says.
  EXPECT_EQ(simulate(directory, "--program clean").exit_code, 1);
}

TEST(Simulate, DesignsAndWorkloadsPrintATable) {
  const TemporaryDirectory directory;
  directory.write("design.json", kDesign);
  const Finished design =
      run_masala(directory.path(), words_of("simulate --design design.json --cache carry"));
  ASSERT_EQ(design.exit_code, 0) << design.err;
  EXPECT_EQ(design.out.rfind("Design for net on gemmini\n", 0), 0U) << design.out;
  EXPECT_NE(design.out.find("program    clean, carry caches, simulator 1"), std::string::npos);

  directory.write("net.yaml", kWorkload);
  const std::string command = "simulate -a gemmini --workload ./net.yaml --fix pe_dim=8 ";
  const Finished json = run_masala(directory.path(), words_of(command + "--format json -o o.csv"));
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const auto result = nlohmann::json::parse(json.out);
  EXPECT_EQ(result["schema"], "masala.simulate/1");
  EXPECT_EQ(result["hardware"]["pe_dim"], 8);
  ASSERT_EQ(result["layers"].size(), 2U);
  long total = 0;
  for (const auto& layer : result["layers"]) {
    total += layer["count"].get<long>() * layer["cycles"].get<long>();
    EXPECT_LE(layer["busy"]["execute"], layer["cycles"]);
  }
  EXPECT_EQ(result["totals"]["cycles"], total);
  const std::vector<CsvRow> rows = csv_rows(directory.read("o.csv"));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].at("layer.name"), "fc");
  EXPECT_EQ(rows[1].at("layer.count"), "2");
  EXPECT_EQ(rows[1].at("target.gemmini_cycle"),
            std::to_string(result["layers"][1]["cycles"].get<long>()));
  EXPECT_EQ(rows[1].at("arch.meshX"), "8");
}

// The default tiler's factors are imperfect where its tiles do not divide a layer.
TEST(Simulate, DefaultDesignsCanBeSimulatedAgainAndEvaluated) {
  const TemporaryDirectory directory;
  directory.write("net.yaml",
                  "name: net\nlayers:\n"
                  "  - {name: conv, R: 3, S: 3, P: 50, Q: 50, C: 48, K: 80, N: 1}\n"
                  "  - {name: fc, R: 1, S: 1, P: 200, Q: 1, C: 1000, K: 300, N: 1}\n");
  const Finished tiled =
      run_masala(directory.path(), words_of("simulate -a gemmini-rtl -w ./net.yaml -o t.csv"));
  ASSERT_EQ(tiled.exit_code, 0) << tiled.err;
  const Finished perfect =
      run_masala(directory.path(), words_of("evaluate -a gemmini-rtl --traces t.csv"));
  EXPECT_EQ(perfect.exit_code, 1);
  EXPECT_NE(perfect.err.find("factors multiply to"), std::string::npos) << perfect.err;

  const Finished scored = run_masala(
      directory.path(), words_of("evaluate -a gemmini-rtl --traces t.csv --factors imperfect"));
  ASSERT_EQ(scored.exit_code, 0) << scored.err;
  for (const CsvRow& row : csv_rows(scored.out)) {
    EXPECT_GT(std::stod(row.at("masala.energy_uj")), 0.0);
    EXPECT_GT(std::stod(row.at("masala.cycles")), 0.0);
  }
  const Finished again = simulate(directory, "");
  ASSERT_EQ(again.exit_code, 0) << again.err;
  const std::vector<CsvRow> first = csv_rows(directory.read("t.csv"));
  const std::vector<CsvRow> second = csv_rows(again.out);
  ASSERT_EQ(second.size(), 2U);
  for (std::size_t i = 0; i < second.size(); ++i) {
    const double ratio = std::stod(second[i].at("target.gemmini_cycle")) /
                         std::stod(first[i].at("target.gemmini_cycle"));
    EXPECT_NEAR(ratio, 1.0, 0.05) << first[i].at("mapping.mapping");
  }
}

TEST(Simulate, TheTimelineOfARowIsAChromeTrace) {
  const TemporaryDirectory directory;
  directory.write("t.csv", kRows);
  const Finished run = simulate(directory, "--timeline t.json --row 3");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find(" cycles, 8 of 8 tiles shown"), std::string::npos) << run.err;
  const auto trace = nlohmann::json::parse(directory.read("t.json"));
  std::map<int, double> end;  // of each unit
  std::map<int, int> tiles;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    const int unit = event["tid"];
    EXPECT_GE(event["ts"], end[unit]) << event;
    EXPECT_GT(event["dur"], 0.0);
    end[unit] = event["ts"].get<double>() + event["dur"].get<double>();
    ++tiles[unit];
  }
  // The loop over C is outside that over K: every tile stores its partial sums.
  EXPECT_EQ(tiles[0], 8);
  EXPECT_EQ(tiles[1], 8);
  EXPECT_EQ(tiles[2], 8);
}

TEST(Simulate, ImperfectMappingsRunUnlessPerfectOnesAreAskedFor) {
  const TemporaryDirectory directory;
  // Tiles of 5 of 8 rows: the second one is clipped.
  directory.write("t.csv", with(kTraces, "C4X - L0[W] P8", "P5 C4X - L0[W] N1"));
  directory.write("t.csv", with(directory.read("t.csv"), "L3[WIO] K2 ", "L3[WIO] P2 K2 "));
  const std::string words = "simulate -a gemmini --traces t.csv --quiet";
  EXPECT_EQ(run_masala(directory.path(), words_of(words)).exit_code, 0);
  const Finished refused = run_masala(directory.path(), words_of(words + " --factors perfect"));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("P factors multiply to 10"), std::string::npos) << refused.err;
}

TEST(Simulate, WrongUseIsRefused) {
  const Words traces = words_of("simulate -a gemmini-rtl --traces t.csv -o o.csv");
  const auto with_words = [&](const std::string& more) {
    Words words = traces;
    for (const std::string& word : words_of(more)) words.push_back(word);
    return words;
  };
  const std::string see = "\nSee: masala simulate --help";
  const std::string unknown_driver =
      "name: t\nmac_energy_pj: 1\nprogram: {driver: vta}\nlevels:\n"
      "  - {name: buffer, keeps: [weights], word_bits: 8, capacity: {words: 8}, "
      "energy: {per_access_pj: 1}}\n"
      "  - {name: dram, keeps: [weights, inputs, outputs], word_bits: 8, "
      "energy: {per_access_pj: 1}}\n";
  expect_refused({
      {"illegal tile on gemmini, whose model may fill its buffers",
       words_of("simulate -a gemmini --traces t.csv -o o.csv"),
       {{"t.csv",
         "mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N\n"
         "L3[WIO] N1 - L2[WI] K16X - L1[O] P1024 C16X - L0[W] N1,1,1,1024,1,16,16,1\n"}},
       kBadInput,
       "t.csv:2: mapping.mapping: the tile needs 1024 accumulator rows; expected at most 512, half "
       "of 64 KiB\n"
       "t.csv: 1 of 1 rows cannot run, none simulated; expected tiles that fit, or --skip-invalid"},
      {"truncated table",
       traces,
       {{"t.csv", kRows.substr(0, kRows.size() - 30)}},
       kBadInput,
       "t.csv:4: 2 fields; expected 11, as in the header"},
      {"unknown program",
       with_words("--program dirty"),
       {{"t.csv", kRows}},
       kUsage,
       "masala simulate: --program: got \"dirty\"; expected clean or measured" + see},
      {"unknown program in the table",
       traces,
       {{"t.csv",
         "mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N,sample.program\n"
         "L3[WIO] N1 - L2[WI] N1 - L1[O] N1 - L0[W] N1,1,1,1,1,1,1,1,dirty\n"}},
       kBadInput,
       "t.csv: sample.program: got \"dirty\"; expected all clean or all measured, or --program"},
      {"unknown cache state",
       with_words("--cache hot"),
       {{"t.csv", kRows}},
       kUsage,
       "masala simulate: --cache: got \"hot\"; expected one of warm, inputs, llc, cold, carry" +
           see},
      {"no driver",
       words_of("simulate -a eyeriss --workload bert"),
       {},
       kBadInput,
       "... program: missing; expected {driver: gemmini}: only machines with a known driver can be "
       "simulated"},
      {"unknown driver",
       words_of("simulate -a ./t.yaml --workload bert"),
       {{"t.yaml", unknown_driver}},
       kBadInput,
       "... t.yaml:3:19: program.driver: got vta; expected gemmini"},
      {"hardware that cannot hold the smallest tile",
       words_of("simulate -a gemmini --workload ./net.yaml --fix pe_dim=128 --fix "
                "scratchpad_kib=1"),
       {{"net.yaml", kWorkload}},
       kBadInput,
       "... net.yaml: layers[0] conv: no tile fits the memories: the smallest needs "},
      {"no input",
       words_of("simulate -a gemmini"),
       {},
       kUsage,
       "masala simulate: expected one of --traces, --design and --workload" + see},
      {"resume to stdout",
       words_of("simulate -a gemmini --traces t.csv --resume"),
       {{"t.csv", kRows}},
       kUsage,
       "masala simulate: --resume goes with --output" + see},
      {"a timeline of several rows",
       words_of("simulate -a gemmini-rtl --traces t.csv --timeline x.json --quiet"),
       {{"t.csv", kRows}},
       kUsage,
       "masala simulate: --timeline shows one row of the 3; expected --row N to choose it" + see},
      {"an existing output",
       with_words("--quiet"),
       {{"t.csv", kRows}, {"o.csv", "precious"}},
       kBadInput,
       "o.csv: exists; expected a new path, or --force"},
  });
}

}  // namespace
}  // namespace masala::test
