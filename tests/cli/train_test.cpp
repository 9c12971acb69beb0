// masala train, and what the other commands do with its model.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <set>

#include "cli/bad_case.h"
#include "cli/csv_rows.h"
#include "cli/learning_samples.h"
#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

using nlohmann::ordered_json;
using Keys = std::vector<std::string>;

constexpr std::size_t kLayers = 12;
constexpr std::size_t kRowsPerLayer = 10;
const std::string kCachesCell = ",warm,";  // of every row of the table
const std::string kTrain = "train -a gemmini-rtl --traces t.csv ";

Keys keys_of(const ordered_json& map) {
  Keys keys;
  for (const auto& [key, value] : map.items()) keys.push_back(key);
  return keys;
}

std::string few_rows() {
  return training_rows(20, kLayers, kRowsPerLayer);
}

// One trained model that several tests use.
class Trained : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TemporaryDirectory>();
    directory_->write("t.csv", few_rows());
    directory_->write("sim.csv", training_rows(26, kLayers, kRowsPerLayer));
    const std::pair<Finished*, std::string> runs[] = {
        {&pretrained_, kTrain + "--pretrain sim.csv -o pretrained.masala --threads 1"},
        {&run_, kTrain + "-o m.masala --threads 1"},
        {&again_, kTrain + "-o again.masala --threads 2 --format json"}};
    run_two_at_a_time(std::size(runs),
                      [&](std::size_t i) { *runs[i].first = masala(runs[i].second); });
    if (run_.exit_code == 0)
      report_ = ordered_json::parse(directory_->read("m.masala.report.json"));
  }
  static void TearDownTestSuite() { directory_.reset(); }

  static Finished masala(const std::string& words) {
    return run_masala(directory_->path(), words_of(words));
  }

  static inline std::unique_ptr<TemporaryDirectory> directory_;
  static inline Finished run_;
  static inline Finished again_;       // with more threads
  static inline Finished pretrained_;  // from simulated rows, some of them of the same layers
  static inline ordered_json report_;
};

TEST_F(Trained, ReportHasAllTiersAndFields) {
  ASSERT_EQ(run_.exit_code, 0) << run_.err;
  EXPECT_EQ(report_["schema"], "masala.train/1");
  EXPECT_EQ(keys_of(report_),
            (Keys{"schema",
                  "accelerator",
                  "program",
                  "cache",
                  "rows",
                  "noise",
                  "dropped",
                  "folds",
                  "pretraining",
                  "constants_at_bounds",
                  "shrinkage",
                  "metrics",
                  "seed",
                  "provenance"}));
  EXPECT_EQ(report_["accelerator"], "gemmini-rtl");
  EXPECT_EQ(report_["program"], "clean");
  EXPECT_EQ(report_["cache"], "warm");
  EXPECT_EQ(report_["rows"]["read"], kLayers * kRowsPerLayer);
  EXPECT_EQ(report_["rows"]["trained"], kLayers * kRowsPerLayer);
  EXPECT_EQ(report_["rows"]["layers"], kLayers);
  EXPECT_EQ(report_["rows"]["arrays"]["16"], kLayers * kRowsPerLayer);
  EXPECT_EQ(report_["folds"]["leave_layer_out_seeds"], 5);
  EXPECT_EQ(report_["pretraining"]["tried"], false);
  for (const char* folds : {"leave_layer_out", "random"}) {
    EXPECT_EQ(keys_of(report_["metrics"][folds]),
              (Keys{"macs", "roofline", "calibrated", "hybrid", "dnn"}));
    for (const auto& [tier, metrics] : report_["metrics"][folds].items()) {
      for (const char* field : {"spearman",
                                "kendall",
                                "mape_percent",
                                "median_ape_percent",
                                "log_r2",
                                "pair_accuracy"}) {
        EXPECT_TRUE(metrics[field].is_number()) << folds << ' ' << tier << ' ' << field;
      }
      EXPECT_TRUE(metrics.contains("within_layer_spearman"));
      EXPECT_EQ(metrics["rows"], kLayers * kRowsPerLayer);
      EXPECT_EQ(metrics["layers"], kLayers);
    }
  }
  const auto& range = report_["metrics"]["leave_layer_out"]["hybrid"]["range"]["mape_percent"];
  const double mean = report_["metrics"]["leave_layer_out"]["hybrid"]["mape_percent"];
  EXPECT_LE(range[0].get<double>(), mean);
  EXPECT_GE(range[1].get<double>(), mean);
  EXPECT_LT(report_["metrics"]["leave_layer_out"]["calibrated"]["mape_percent"].get<double>(),
            report_["metrics"]["leave_layer_out"]["roofline"]["mape_percent"].get<double>());
  EXPECT_EQ(report_["provenance"]["inputs"]["t.csv"].get<std::string>().size(), 64U);
}

TEST_F(Trained, ConsoleSaysWhatWasReadAndHowGoodItIs) {
  for (const char* part : {"Training on t.csv for gemmini-rtl",
                           "program    clean: as its column sim.program says",
                           "120 read, 120 to train on, 12 layers, program clean, caches: warm",
                           "leave-layer-out  hybrid",
                           "written m.masala, m.masala.report.json"}) {
    EXPECT_NE(run_.out.find(part), std::string::npos) << part << "\n" << run_.out;
  }
}

TEST_F(Trained, SameSeedSameModelWhateverTheThreads) {
  ASSERT_EQ(again_.exit_code, 0) << again_.err;
  ordered_json model = ordered_json::parse(directory_->read("m.masala"))["content"];
  ordered_json second = ordered_json::parse(directory_->read("again.masala"))["content"];
  for (ordered_json* content : {&model, &second})
    (*content)["about"]["provenance"].erase("command");
  EXPECT_EQ(model.dump(), second.dump());
  EXPECT_EQ(again_.out, directory_->read("again.masala.report.json"));
}

TEST_F(Trained, KeepsFilesThatAreThere) {
  const std::string before = directory_->read("m.masala");
  const Finished run = masala(kTrain + "-o m.masala");
  EXPECT_EQ(run.exit_code, kBadInput);
  EXPECT_NE(run.err.find("m.masala"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("--force"), std::string::npos) << run.err;
  EXPECT_EQ(directory_->read("m.masala"), before);
  directory_->write("f.masala.report.json", "mine");
  EXPECT_EQ(masala(kTrain + "-o f.masala").exit_code, kBadInput);
  EXPECT_FALSE(directory_->has("f.masala"));
}

TEST_F(Trained, EvaluateAddsItsColumnsAndKeepsTheRows) {
  const Finished run = masala("evaluate -a gemmini-rtl --traces t.csv --model m.masala");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::string header = run.out.substr(0, run.out.find('\n'));
  const std::string last = ",masala.cycles_std,masala.in_range";
  ASSERT_GT(header.size(), last.size());
  EXPECT_EQ(header.substr(header.size() - last.size()), last);
  const std::vector<CsvRow> scored = csv_rows(run.out);
  const std::vector<CsvRow> rows = csv_rows(directory_->read("t.csv"));
  ASSERT_EQ(scored.size(), rows.size());
  int in_range = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(scored[i].at("mapping.mapping"), rows[i].at("mapping.mapping"));
    EXPECT_GT(std::stod(scored[i].at("masala.cycles")), 0.0);
    EXPECT_GT(std::stod(scored[i].at("masala.cycles_std")), 0.0);
    in_range += scored[i].at("masala.in_range") == "1" ? 1 : 0;
  }
  EXPECT_GT(in_range, 100);  // they are what it was trained on
}

TEST_F(Trained, EvaluateSaysHowWellItAgrees) {
  const std::string evaluate =
      "evaluate -a gemmini-rtl --traces t.csv --model m.masala --against target.gemmini_cycle ";
  const Finished hybrid = masala(evaluate + "--format json");
  ASSERT_EQ(hybrid.exit_code, 0) << hybrid.err;
  const ordered_json agreement = ordered_json::parse(hybrid.out);
  EXPECT_EQ(agreement["schema"], "masala.agreement/1");
  EXPECT_EQ(agreement["latency_model"], "hybrid");
  EXPECT_EQ(agreement["rows"], kLayers * kRowsPerLayer);
  EXPECT_EQ(agreement["layers"], kLayers);
  EXPECT_LT(agreement["mape_percent"].get<double>(), 20.0);  // on its own training rows
  EXPECT_GT(agreement["spearman"].get<double>(), 0.98);
  const Finished calibrated = masala(evaluate + "--latency calibrated");
  ASSERT_EQ(calibrated.exit_code, 0) << calibrated.err;
  EXPECT_EQ(
      calibrated.out.rfind("calibrated against target.gemmini_cycle: 120 rows of 12 layers", 0), 0U)
      << calibrated.out;
  EXPECT_NE(calibrated.out.find("MAPE %"), std::string::npos);
}

TEST_F(Trained, EvaluateTakesTheCachesOfTheRows) {
  const std::string rows = directory_->read("t.csv");
  directory_->write("cold.csv", with_all(rows, kCachesCell, ",cold,"));
  directory_->write("unknown.csv", with_all(rows, kCachesCell, ",,"));
  const auto total_cycles = [&](const std::string& words) {
    const Finished run =
        masala("evaluate -a gemmini-rtl --latency calibrated --model m.masala --traces " + words);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    double total = 0.0;
    for (const CsvRow& row : csv_rows(run.out)) total += std::stod(row.at("masala.cycles"));
    return total;
  };
  const double as_trained = total_cycles("t.csv");
  EXPECT_EQ(total_cycles("unknown.csv"), as_trained);
  EXPECT_EQ(total_cycles("unknown.csv --program clean"), as_trained);
  EXPECT_GT(total_cycles("cold.csv"), as_trained);
  EXPECT_EQ(total_cycles("t.csv --cache cold"), total_cycles("cold.csv"));
  EXPECT_LT(total_cycles("cold.csv --cache warm"), total_cycles("cold.csv"));
  directory_->write("mixed.csv", with(rows, kCachesCell, ",cold,"));
  EXPECT_EQ(masala("evaluate -a gemmini-rtl --traces mixed.csv").exit_code, 0);
  const Finished mixed =
      masala("evaluate -a gemmini-rtl --latency calibrated --model m.masala --traces mixed.csv");
  EXPECT_EQ(mixed.exit_code, kBadInput);
  EXPECT_NE(mixed.err.find("mixed.csv: sim.cache: got \"cold\" and others; expected one of "),
            std::string::npos)
      << mixed.err;
}

TEST_F(Trained, SearchDesignsWithIt) {
  directory_->write("w.yaml", R"(name: net
layers:
  - {name: conv, R: 3, S: 3, P: 28, Q: 28, C: 64, K: 64, N: 1}
  - {name: fc, R: 1, S: 1, P: 64, Q: 1, C: 256, K: 128, N: 1}
)");
  const std::string search =
      "search -w ./w.yaml -a gemmini-rtl --latency hybrid --model m.masala --starts 1 --budget "
      "2000 ";
  const Finished run = masala(search + "--threads 1 -o out");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const ordered_json design = ordered_json::parse(directory_->read("out/design.json"));
  EXPECT_EQ(design["latency_model"], "hybrid");
  ASSERT_EQ(design["layers"].size(), 2U);
  for (const ordered_json& layer : design["layers"]) {
    EXPECT_TRUE(layer["in_range"].is_boolean());
    EXPECT_GT(layer["cycles"].get<double>(), 0.0);
  }
  const Finished cautious = masala(search + "--caution 2 -o cautious");
  EXPECT_EQ(cautious.exit_code, 0) << cautious.err;
  EXPECT_EQ(ordered_json::parse(directory_->read("cautious/design.json"))["latency_model"],
            "hybrid");
}

TEST_F(Trained, IsRefusedForAnotherAcceleratorOrWhenDamaged) {
  const std::string model = directory_->read("m.masala");
  const std::string traces = directory_->read("t.csv");
  std::string damaged = model;
  const std::size_t digit = model.find_first_of("12345678", model.find("\"weights\":[["));
  ++damaged[digit];
  const Words evaluate = words_of("evaluate -a gemmini-rtl --traces t.csv --model m.masala");
  expect_refused({
      {"another accelerator",
       words_of("search -w ./w.yaml -a eyeriss --latency hybrid --model m.masala -o out"),
       {{"m.masala", model}, {"w.yaml", kWorkload}},
       kBadInput,
       "... m.masala:1: accelerator: trained for gemmini-rtl, which differs from eyeriss: "},
      {"damaged",
       evaluate,
       {{"m.masala", damaged}, {"t.csv", traces}},
       kBadInput,
       "... m.masala:1: sha256: damaged"},
      {"cut short",
       evaluate,
       {{"m.masala", model.substr(0, model.size() / 2)}, {"t.csv", traces}},
       kBadInput,
       "... m.masala:1: damaged: it ends early"},
      {"no model",
       evaluate,
       {{"m.masala", "hello"}, {"t.csv", traces}},
       kBadInput,
       "... m.masala:1: not a model file"},
  });
}

TEST_F(Trained, LearnsFromSimulatedRowsOfOtherLayersIfThatHelps) {
  ASSERT_EQ(pretrained_.exit_code, 0) << pretrained_.err;
  const ordered_json report =
      ordered_json::parse(directory_->read("pretrained.masala.report.json"));
  EXPECT_EQ(report["pretraining"]["tried"], true);
  // Layers 26 to 31 of it are trained on, too.
  EXPECT_EQ(report["pretraining"]["rows"], 6 * kRowsPerLayer);
  const bool kept = report["pretraining"]["kept"];
  EXPECT_NE(pretrained_.out.find("--pretrain: 60 simulated rows of other layers: " +
                                 std::string(kept ? "kept" : "not kept")),
            std::string::npos)
      << pretrained_.out;
  const ordered_json& tiers = report["metrics"]["leave_layer_out"];
  const char* other = kept ? "hybrid_without_pretraining" : "hybrid_with_pretraining";
  ASSERT_TRUE(tiers.contains(other));
  EXPECT_LE(tiers["hybrid"]["median_ape_percent"].get<double>(),
            tiers[other]["median_ape_percent"].get<double>());
}

TEST(Train, RefusesWhatItCannotLearnFrom) {
  const std::string rows = few_rows();
  expect_refused({
      {"too few rows",
       words_of(kTrain + "-o m.masala"),
       {{"t.csv", training_rows(20, 12, 4)}},
       kBadInput,
       "t.csv: 48 usable rows of 12 layers; expected at least 50 rows of 5 layers to "
       "train on"},
      {"too few layers",
       words_of(kTrain + "-o m.masala"),
       {{"t.csv", training_rows(20, 4, 15)}},
       kBadInput,
       "t.csv: 60 usable rows of 4 layers; expected at least 50 rows of 5 layers to "
       "train on"},
      {"no such column",
       words_of(kTrain + "--target cycles -o m.masala"),
       {{"t.csv", rows}},
       kBadInput,
       "... cycles"},
      {"no cycles",
       words_of(kTrain + "-o m.masala"),
       {{"t.csv", with(rows, "target.gemmini_cycle", "target.other")}},
       kBadInput,
       "... target.gemmini_cycle"},
      {"nothing new to learn from",
       words_of(kTrain + "--pretrain same.csv -o m.masala"),
       {{"t.csv", rows}, {"same.csv", rows}},
       kBadInput,
       "same.csv: --pretrain: every row is of a layer that --traces has; expected rows of other "
       "layers"},
      {"caches of two kinds",
       words_of(kTrain + "-o m.masala"),
       {{"t.csv", with(rows, kCachesCell, ",cold,")}},
       kBadInput,
       "t.csv: sim.cache: got \"cold\" and others; expected one of warm, inputs, llc, cold and "
       "carry "
       "in all rows, or --cache"},
      {"unknown state of caches",
       words_of(kTrain + "--cache hot -o m.masala"),
       {{"t.csv", rows}},
       kUsage,
       "... --cache: got \"hot\"; expected one of warm, inputs, llc, cold, carry"},
      {"unknown program",
       words_of(kTrain + "--program dirty -o m.masala"),
       {{"t.csv", rows}},
       kUsage,
       "... --program: got \"dirty\"; expected"},
  });
}

}  // namespace
}  // namespace masala::test
