// masala evaluate on trace tables.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <sstream>

#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

using Row = std::map<std::string, std::string>;

// Commas inside quotes do not separate; no quote is part of a field here.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  bool is_quoted = false;
  for (char c : line) {
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == ',' && !is_quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::vector<Row> rows_of(const std::string& csv) {
  std::istringstream stream(csv);
  std::string line;
  std::getline(stream, line);
  const std::vector<std::string> columns = split(line);
  std::vector<Row> rows;
  while (std::getline(stream, line)) {
    const std::vector<std::string> fields = split(line);
    EXPECT_EQ(fields.size(), columns.size()) << line;
    Row row;
    for (std::size_t i = 0; i < columns.size(); ++i) row[columns[i]] = fields.at(i);
    rows.push_back(row);
  }
  return rows;
}

Finished evaluate(const TemporaryDirectory& directory, const Words& more) {
  Words words = {"evaluate", "-a", "gemmini", "--traces", "t.csv"};
  words.insert(words.end(), more.begin(), more.end());
  return run_masala(directory.path(), words);
}

TEST(Evaluate, AppendsCountsAndCostsToTheRowsAsTheyCame) {
  const TemporaryDirectory directory;
  directory.write("t.csv", kTraces);
  const Finished run = evaluate(directory, {"-o", "scored.csv"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, "2 rows scored\n");
  const std::string scored = directory.read("scored.csv");
  EXPECT_EQ(scored.rfind("id,mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N,"
                         "masala.cycles,masala.energy_uj,masala.edp,masala.bottleneck,"
                         "masala.registers.weights.reads,",
                         0),
            0U)
      << scored;
  const std::vector<Row> rows = rows_of(scored);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("id"), "a");
  EXPECT_EQ(rows[1].at("id"), "b");
  // 256 MACs. Row a on 4 x 4 elements: 16 cycles, as many as the 128 words of dram take at 8 a
  // cycle. Row b on 4 x 8 elements: 8 cycles, so that dram is the bottleneck.
  EXPECT_EQ(rows[0].at("masala.cycles"), "16");
  EXPECT_EQ(rows[0].at("masala.bottleneck"), "compute");
  EXPECT_EQ(rows[1].at("masala.cycles"), "16");
  EXPECT_EQ(rows[1].at("masala.bottleneck"), "dram");
  for (const Row& row : rows) {
    EXPECT_EQ(row.at("masala.dram.weights.reads"), "32");
    EXPECT_EQ(row.at("masala.dram.inputs.reads"), "32");
    EXPECT_EQ(row.at("masala.dram.outputs.updates"), "64");
    EXPECT_EQ(row.at("masala.dram.outputs.reads"), "0");
    EXPECT_EQ(row.at("masala.scratchpad.inputs.fills"), "32");
    EXPECT_EQ(row.at("masala.registers.weights.reads"), "256");
    EXPECT_EQ(row.count("masala.scratchpad.outputs.reads"), 0U);
    EXPECT_DOUBLE_EQ(std::stod(row.at("masala.edp")),
                     std::stod(row.at("masala.energy_uj")) * std::stod(row.at("masala.cycles")));
  }
  const auto provenance = nlohmann::json::parse(directory.read("scored.csv.provenance.json"));
  EXPECT_EQ(provenance["schema"], "masala.provenance/1");
  EXPECT_EQ(provenance["inputs"]["t.csv"].get<std::string>().size(), 64U);

  // Scoring the result again replaces the columns, and stdout gets the same table.
  directory.write("t.csv", scored);
  const Finished again = evaluate(directory, {"--quiet"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(again.out, scored);
  EXPECT_EQ(again.err, "");
}

TEST(Evaluate, WritesRowsAsJson) {
  const TemporaryDirectory directory;
  directory.write("t.csv", kTraces + "007,L3[WIO],1,1,8,1,4,8,1\n");
  const Finished run = evaluate(directory, {"--format", "json", "--skip-invalid"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto rows = nlohmann::json::parse(run.out);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0]["id"], "a");
  EXPECT_EQ(rows[0]["prob.C"], 4);
  EXPECT_EQ(rows[0]["masala.cycles"], 16);
  EXPECT_TRUE(rows[0]["masala.energy_uj"].is_number_float());
  EXPECT_EQ(rows[0]["masala.bottleneck"], "compute");
  EXPECT_EQ(rows[0]["masala.dram.outputs.updates"], 64);
  EXPECT_TRUE(rows[0]["masala.note"].is_null());
  EXPECT_EQ(rows[2]["id"], "007");  // not a number in JSON
  EXPECT_TRUE(rows[2]["masala.cycles"].is_null());
  EXPECT_TRUE(rows[2]["masala.note"].is_string());

  const Finished file =
      evaluate(directory, {"--format", "json", "--skip-invalid", "-o", "rows.json"});
  ASSERT_EQ(file.exit_code, 0) << file.err;
  EXPECT_EQ(file.out, "");
  EXPECT_EQ(directory.read("rows.json"), run.out);
  EXPECT_TRUE(directory.has("rows.json.provenance.json"));
}

TEST(Evaluate, CountsASingleRow) {
  const TemporaryDirectory directory;
  directory.write("t.csv", kTraces.substr(0, kTraces.find("b,")));
  EXPECT_EQ(evaluate(directory, {"-o", "scored.csv"}).err, "1 row scored\n");
}

TEST(Evaluate, TakesHardwareFromTheRowThenFixThenTheDefault) {
  const TemporaryDirectory directory;
  const std::string line = "L3[WIO] K2 - L2[WI] K4X - L1[O] C4X - L0[W] P8,1,1,8,1,4,8,1,";
  directory.write("t.csv",
                  "mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N,arch.meshX\n" +
                      line + "8\n" + line + "\n" + line + "16\n");
  const auto energies = [&](const Words& more) {
    const Finished run = evaluate(directory, more);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    std::vector<std::string> out;
    for (const Row& row : rows_of(run.out)) out.push_back(row.at("masala.energy_uj"));
    return out;
  };
  const std::vector<std::string> fixed = energies({"--fix", "pe_dim=8"});
  ASSERT_EQ(fixed.size(), 3U);
  EXPECT_NE(fixed[0], fixed[2]);
  EXPECT_EQ(fixed[1], fixed[0]);
  const std::vector<std::string> defaults = energies({});
  ASSERT_EQ(defaults.size(), 3U);
  EXPECT_EQ(defaults[0], fixed[0]);
  EXPECT_EQ(defaults[1], defaults[2]);
  EXPECT_EQ(defaults[2], fixed[2]);
}

TEST(Evaluate, SkipsInvalidRowsWithANote) {
  const TemporaryDirectory directory;
  const std::string shape = ",1,1,8,1,4,8,1\n";
  directory.write("t.csv",
                  kTraces + "c,L3[WIO] N1 - L2[WI] K4X - L1[O] C4X - L0[W] P8" + shape +
                      "d,L3[WIO]\ne,L3[WIO] N1 - L2[WI] K8X - L1[O] C4X - L0[W] P8" + shape);
  directory.write("scored.csv", "an earlier result");
  const Finished run = evaluate(directory, {"--skip-invalid", "--force", "-o", "scored.csv"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "3 rows scored, 2 invalid (see masala.note)\n");
  const std::vector<Row> rows = rows_of(directory.read("scored.csv"));
  ASSERT_EQ(rows.size(), 5U);
  for (std::size_t i : {0U, 1U, 4U}) {
    EXPECT_EQ(rows[i].at("masala.cycles"), "16");
    EXPECT_EQ(rows[i].at("masala.note"), "");
  }
  EXPECT_EQ(rows[3].at("id"), "d");
  for (std::size_t i : {2U, 3U}) {
    EXPECT_EQ(rows[i].at("masala.cycles"), "");
    EXPECT_EQ(rows[i].at("masala.dram.weights.reads"), "");
  }
  EXPECT_EQ(rows[2].at("masala.note"),
            "mapping.mapping: K factors multiply to 4 (dram 1, scratchpad 1 (spatial 4), "
            "accumulator 1, registers 1); expected the layer's K = 8");
  EXPECT_EQ(rows[3].at("masala.note"), "2 fields; expected 9, as in the header");
  EXPECT_EQ(rows[4].at("id"), "e");
}

// Ten rows in tiles of eight: the second tile is clipped, so that counts are those of the layer.
TEST(Evaluate, ImperfectFactorsCountEdgeTilesAsLargeAsTheyAre) {
  const TemporaryDirectory directory;
  directory.write("t.csv",
                  "mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N\n"
                  "L3[WIO] P2 - L2[WI] K8X - L1[O] P8 C4X - L0[W] N1,1,1,10,1,4,8,1\n");
  const Finished refused = evaluate(directory, {});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("P factors multiply to 16"), std::string::npos) << refused.err;

  const Finished run = evaluate(directory, {"--factors", "imperfect"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::vector<Row> rows = rows_of(run.out);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("masala.dram.weights.reads"), "32");
  EXPECT_EQ(rows[0].at("masala.dram.inputs.reads"), "40");
  EXPECT_EQ(rows[0].at("masala.dram.outputs.updates"), "80");
  EXPECT_EQ(rows[0].at("masala.registers.weights.reads"), "320");
  EXPECT_EQ(rows[0].at("masala.cycles"), "19");  // 152 words of dram at 8 a cycle
  EXPECT_GT(std::stod(rows[0].at("masala.energy_uj")), 0.0);
}

TEST(Evaluate, DesignsMayHaveImperfectFactors) {
  const TemporaryDirectory directory;
  directory.write("design.json",
                  with(kDesign,
                       "L3[WIO] N1 - L2[WI] N1 K8X - L1[O] P8 C4X",
                       "L3[WIO] P2 - L2[WI] N1 K8X - L1[O] P5 C4X"));
  const Finished refused =
      run_masala(directory.path(), {"evaluate", "--design", "design.json", "--format", "json"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("P factors multiply to 10"), std::string::npos) << refused.err;
  const Finished run = run_masala(
      directory.path(),
      {"evaluate", "--design", "design.json", "--format", "json", "--factors", "imperfect"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto layer = nlohmann::json::parse(run.out)["layers"][0];
  EXPECT_EQ(layer["cycles"], 16);  // 128 words of dram at 8 a cycle
  EXPECT_EQ(layer["mapping"], "L3[WIO] P2 - L2[WI] N1 K8X - L1[O] P5 C4X - L0[W] N1");
}

}  // namespace
}  // namespace masala::test
