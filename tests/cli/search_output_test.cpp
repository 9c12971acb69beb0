// masala search: the files it makes, and that they are the same every time.

#include <memory>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_masala.h"

namespace masala::test {
namespace {

using nlohmann::ordered_json;

std::vector<std::string> keys_of(const ordered_json& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map.items()) keys.push_back(key);
  return keys;
}

// What must not depend on when, where to and with how many threads a search ran.
ordered_json without_circumstances(ordered_json design) {
  design["search"].erase("seconds");
  design["provenance"].erase("command");
  return design;
}

const std::string kSearchBert = "search -w bert -a gemmini --starts 2 --budget 3000 --seed 7";

// One search that several tests look at.
class SearchOutput : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TemporaryDirectory>();
    // A comma is no separator, and parents are made.
    run_ = run_masala(directory_->path(), words_of(kSearchBert + " --threads 1 -o a,b/out"));
    if (run_.exit_code == 0) design_ = ordered_json::parse(directory_->read("a,b/out/design.json"));
  }
  static void TearDownTestSuite() { directory_.reset(); }

  static inline std::unique_ptr<TemporaryDirectory> directory_;
  static inline Finished run_;
  static inline ordered_json design_;
};

TEST_F(SearchOutput, HoldsTheNamesOfTheDesignSchema) {
  using Keys = std::vector<std::string>;
  ASSERT_EQ(run_.exit_code, 0) << run_.err;
  EXPECT_EQ(keys_of(design_),
            (Keys{"schema",
                  "workload",
                  "accelerator",
                  "hardware",
                  "latency_model",
                  "latency_file",
                  "objective",
                  "totals",
                  "layers",
                  "search",
                  "bound",
                  "provenance"}));
  EXPECT_EQ(design_["schema"], "masala.design/1");
  EXPECT_EQ(design_["workload"], "bert");
  EXPECT_EQ(keys_of(design_["accelerator"]), (Keys{"name", "sha256"}));
  EXPECT_EQ(design_["accelerator"]["name"], "gemmini");
  EXPECT_EQ(keys_of(design_["hardware"]), (Keys{"pe_dim", "scratchpad_kib", "accumulator_kib"}));
  EXPECT_EQ(design_["latency_model"], "roofline");
  EXPECT_EQ(design_["objective"], "edp");
  EXPECT_EQ(keys_of(design_["totals"]), (Keys{"cycles", "energy_uj", "edp_uj_cycles", "area_mm2"}));
  ASSERT_EQ(design_["layers"].size(), 5U);
  for (const ordered_json& layer : design_["layers"]) {
    EXPECT_EQ(keys_of(layer),
              (Keys{"name", "count", "shape", "mapping", "cycles", "energy_uj", "bottleneck"}));
    EXPECT_EQ(keys_of(layer["shape"]),
              (Keys{"R", "S", "P", "Q", "C", "K", "N", "stride", "dilation", "groups"}));
  }
  EXPECT_EQ(keys_of(design_["search"]),
            (Keys{"method", "seed", "starts", "evaluations", "seconds", "interrupted", "history"}));
  EXPECT_EQ(design_["search"]["method"], "gradient");
  EXPECT_EQ(design_["search"]["seed"], 7);
  EXPECT_TRUE(design_["bound"].is_null());
  EXPECT_EQ(keys_of(design_["provenance"]), (Keys{"version", "torch", "command", "inputs"}));
}

TEST_F(SearchOutput, TotalsAreTheSumsOverLayersTimesCounts) {
  ASSERT_EQ(run_.exit_code, 0) << run_.err;
  double cycles = 0.0;
  double energy_uj = 0.0;
  for (const ordered_json& layer : design_["layers"]) {
    const double executions = layer["count"].get<double>() * layer["shape"]["groups"].get<double>();
    cycles += executions * layer["cycles"].get<double>();
    energy_uj += executions * layer["energy_uj"].get<double>();
  }
  const ordered_json& totals = design_["totals"];
  EXPECT_DOUBLE_EQ(totals["cycles"], cycles);
  EXPECT_DOUBLE_EQ(totals["energy_uj"], energy_uj);
  EXPECT_DOUBLE_EQ(totals["edp_uj_cycles"], cycles * energy_uj);
  EXPECT_GT(totals["area_mm2"], 0.0);
}

TEST_F(SearchOutput, HistoryDescendsToTheReportedDesign) {
  ASSERT_EQ(run_.exit_code, 0) << run_.err;
  const ordered_json& history = design_["search"]["history"];
  ASSERT_FALSE(history.empty());
  for (std::size_t i = 1; i < history.size(); ++i) {
    EXPECT_GE(history[i][0], history[i - 1][0]);
    EXPECT_LT(history[i][1], history[i - 1][1]);
  }
  EXPECT_LE(history.back()[0], design_["search"]["evaluations"]);
  EXPECT_NEAR(history.back()[1].get<double>() / design_["totals"]["edp_uj_cycles"].get<double>(),
              1.0,
              1e-9);
}

TEST_F(SearchOutput, ProvenanceNamesInputsAndCommand) {
  ASSERT_EQ(run_.exit_code, 0) << run_.err;
  const ordered_json& provenance = design_["provenance"];
  EXPECT_EQ(provenance["command"],
            "masala search -w bert -a gemmini --starts 2 --budget 3000 --seed 7 --threads 1 -o "
            "a,b/out");
  ASSERT_EQ(provenance["inputs"].size(), 2U);
  const std::string sha256 = provenance["inputs"][data_file("accelerators/gemmini.yaml")];
  EXPECT_EQ(sha256.size(), 64U);
  EXPECT_EQ(sha256.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(design_["accelerator"]["sha256"], sha256);
  EXPECT_TRUE(provenance["inputs"].contains(data_file("workloads/bert.yaml")));
}

TEST_F(SearchOutput, LiesInTheFolderWithoutTemporaryFiles) {
  ASSERT_EQ(run_.exit_code, 0) << run_.err;
  std::vector<std::string> names;
  for (const auto& [name, content] : directory_->snapshot()) names.push_back(name);
  EXPECT_EQ(
      names,
      (std::vector<std::string>{
          "a,b", "a,b/out", "a,b/out/design.json", "a,b/out/layers.csv", "a,b/out/report.html"}));
  const std::string layers = directory_->read("a,b/out/layers.csv");
  EXPECT_EQ(
      layers.rfind(
          "layer,count,groups,cycles,energy_uj,pe_utilisation,bottleneck,mapping\nmm_2,1,1,", 0),
      0U);
  EXPECT_NE(run_.out.find("EDP "), std::string::npos);
  EXPECT_NE(run_.out.find("uJ.cycles"), std::string::npos);
  EXPECT_NE(run_.err.find("descent: "), std::string::npos);
}

TEST_F(SearchOutput, IsTheSameWithTheSeedWhateverTheThreads) {
  ASSERT_EQ(run_.exit_code, 0) << run_.err;
  const TemporaryDirectory elsewhere;
  const Finished again =
      run_masala(elsewhere.path(), words_of(kSearchBert + " --threads 2 --format json --quiet"));
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.err, "");
  EXPECT_EQ(without_circumstances(ordered_json::parse(again.out)), without_circumstances(design_));
  EXPECT_TRUE(elsewhere.snapshot().empty());
}

TEST_F(SearchOutput, IsReproducedByEvaluate) {
  ASSERT_EQ(run_.exit_code, 0) << run_.err;
  const Finished scored = run_masala(
      directory_->path(), {"evaluate", "--design", "a,b/out/design.json", "--format", "json"});
  ASSERT_EQ(scored.exit_code, 0) << scored.err;
  ordered_json expected = design_;
  ordered_json got = ordered_json::parse(scored.out);
  expected.erase("provenance");
  got.erase("provenance");
  EXPECT_EQ(got, expected);
}

}  // namespace
}  // namespace masala::test
