// masala compare: its numbers, the judges, going on after an interruption, wrong use.
#include <signal.h>

#include <cmath>
#include <memory>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/bad_case.h"
#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

using nlohmann::ordered_json;

// 10 x 10 outputs and 30 channels: the default tiler's factors do not divide them.
const std::string kOddWorkload = R"(name: odd net
layers:
  - {name: conv, R: 3, S: 3, P: 30, Q: 30, C: 30, K: 40, N: 1, groups: 2}
  - {name: fc, R: 1, S: 1, P: 20, Q: 1, C: 640, K: 100, N: 1, count: 3}
)";

const std::string kCompare =
    "compare -w ./net.yaml -w ./odd.yaml -a gemmini-rtl --latency roofline --starts 2 --budget "
    "3000 "
    "--seed 5";

std::vector<std::string> keys_of(const ordered_json& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map.items()) keys.push_back(key);
  return keys;
}

ordered_json without_provenance(ordered_json comparison) {
  comparison.erase("provenance");
  return comparison;
}

void write_workloads(const TemporaryDirectory& directory) {
  directory.write("net.yaml", kWorkload);
  directory.write("odd.yaml", kOddWorkload);
}

// One comparison that several tests look at.
class CompareOutput : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TemporaryDirectory>();
    write_workloads(*directory_);
    run_ = run_masala(directory_->path(), words_of(kCompare + " -o out --threads 1"));
    if (run_.exit_code == 0) json_ = ordered_json::parse(directory_->read("out/compare.json"));
  }
  static void TearDownTestSuite() { directory_.reset(); }
  void SetUp() override { ASSERT_EQ(run_.exit_code, 0) << run_.err; }

  static ordered_json& models(const char* workload) {
    return json_["workloads"][workload]["models"];
  }

  static inline std::unique_ptr<TemporaryDirectory> directory_;
  static inline Finished run_;
  static inline ordered_json json_;
};

TEST_F(CompareOutput, HasTheDocumentedForm) {
  using Keys = std::vector<std::string>;
  EXPECT_EQ(
      keys_of(json_),
      (Keys{"schema", "workloads", "geomean", "prediction_error_percent", "judge", "provenance"}));
  EXPECT_EQ(json_["schema"], "masala.compare/1");
  EXPECT_EQ(keys_of(json_["workloads"]), (Keys{"net", "odd net"}));
  EXPECT_EQ(
      json_["judge"],
      (ordered_json{
          {"kind", "simulator"}, {"program", "clean"}, {"cache", "carry"}, {"version", "1"}}));
  for (const char* workload : {"net", "odd net"}) {
    EXPECT_EQ(keys_of(models(workload)), (Keys{"default", "roofline"}));
    for (const ordered_json& model : models(workload)) {
      EXPECT_EQ(keys_of(model),
                (Keys{"hardware",
                      "cycles_predicted",
                      "cycles_judged",
                      "energy_uj",
                      "edp_predicted",
                      "edp_judged",
                      "ratio_over_default",
                      "prediction_error_percent"}));
      EXPECT_EQ(keys_of(model["ratio_over_default"]), (Keys{"cycles", "energy", "edp"}));
    }
    const ordered_json& reference = models(workload)["default"];
    EXPECT_EQ(reference["hardware"],
              (ordered_json{{"pe_dim", 16}, {"scratchpad_kib", 256}, {"accumulator_kib", 64}}));
    EXPECT_TRUE(reference["cycles_predicted"].is_null());
    EXPECT_TRUE(reference["edp_predicted"].is_null());
    EXPECT_TRUE(reference["prediction_error_percent"].is_null());
  }
  EXPECT_TRUE(json_["prediction_error_percent"]["default"].is_null());
}

TEST_F(CompareOutput, RatiosAreTheDefaultOverTheModelAndTheirMeansGeometric) {
  double log_cycles = 0.0;
  double log_edp = 0.0;
  for (const char* workload : {"net", "odd net"}) {
    const ordered_json& reference = models(workload)["default"];
    const ordered_json& model = models(workload)["roofline"];
    const auto value = [](const ordered_json& of, const char* key) {
      return of[key].get<double>();
    };
    EXPECT_DOUBLE_EQ(value(model, "edp_judged"),
                     value(model, "cycles_judged") * value(model, "energy_uj"));
    EXPECT_DOUBLE_EQ(value(model, "edp_predicted"),
                     value(model, "cycles_predicted") * value(model, "energy_uj"));
    const ordered_json& ratio = model["ratio_over_default"];
    EXPECT_DOUBLE_EQ(value(ratio, "cycles"),
                     value(reference, "cycles_judged") / value(model, "cycles_judged"));
    EXPECT_DOUBLE_EQ(value(ratio, "energy"),
                     value(reference, "energy_uj") / value(model, "energy_uj"));
    EXPECT_DOUBLE_EQ(value(ratio, "edp"),
                     value(reference, "edp_judged") / value(model, "edp_judged"));
    log_cycles += std::log(value(ratio, "cycles"));
    log_edp += std::log(value(ratio, "edp"));
  }
  const ordered_json& mean = json_["geomean"]["roofline"];
  EXPECT_NEAR(mean["cycles"], std::exp(log_cycles / 2.0), 1e-12);
  EXPECT_NEAR(mean["edp"], std::exp(log_edp / 2.0), 1e-12);
  EXPECT_EQ(json_["geomean"]["default"]["edp"], 1);
}

TEST_F(CompareOutput, JudgesAsTheSimulatorDoes) {
  const Finished found = run_masala(
      directory_->path(),
      words_of("simulate --design out/odd_net.roofline.design.json --cache carry --format json"));
  ASSERT_EQ(found.exit_code, 0) << found.err;
  const ordered_json simulated = ordered_json::parse(found.out)["totals"];
  const ordered_json& model = models("odd net")["roofline"];
  EXPECT_EQ(simulated["cycles"], model["cycles_judged"]);
  EXPECT_EQ(simulated["cycles_predicted"], model["cycles_predicted"]);
  const Finished own =
      run_masala(directory_->path(),
                 words_of("simulate -w ./odd.yaml -a gemmini-rtl --cache carry --format json"));
  ASSERT_EQ(own.exit_code, 0) << own.err;
  EXPECT_EQ(ordered_json::parse(own.out)["totals"]["cycles"],
            models("odd net")["default"]["cycles_judged"]);
}

TEST_F(CompareOutput, ADesignSaysWhichSearchFindsIt) {
  const ordered_json design =
      ordered_json::parse(directory_->read("out/odd_net.roofline.design.json"));
  const std::string command = design["provenance"]["command"];
  EXPECT_EQ(command,
            "masala search --workload ./odd.yaml --accelerator gemmini-rtl --latency roofline "
            "--objective edp --method gradient --starts 2 --budget 3000 --seed 5");
  Words words = words_of(command.substr(std::string("masala ").size()));
  for (const char* word : {"--format", "json", "--quiet"}) words.emplace_back(word);
  const Finished again = run_masala(directory_->path(), words);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  const ordered_json searched = ordered_json::parse(again.out);
  for (const char* key : {"hardware", "layers", "totals"}) EXPECT_EQ(searched[key], design[key]);
}

TEST_F(CompareOutput, ImperfectFactorsAreJudgedAndTakenOver) {
  const std::string words =
      "compare -w ./odd.yaml -a gemmini-rtl --latency roofline --factors imperfect --budget 2000 "
      "-o imperfect";
  const Finished first = run_masala(directory_->path(), words_of(words));
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto comparison = [&] {
    return without_provenance(ordered_json::parse(directory_->read("imperfect/compare.json")));
  };
  const ordered_json before = comparison();
  const ordered_json design =
      ordered_json::parse(directory_->read("imperfect/odd_net.roofline.design.json"));
  EXPECT_NE(design["provenance"]["command"].get<std::string>().find(
                " --factors imperfect --method gradient "),
            std::string::npos);
  const Finished again = run_masala(directory_->path(), words_of(words + " --resume"));
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.err.find(": descent"), std::string::npos) << again.err;
  EXPECT_EQ(comparison(), before);
}

TEST_F(CompareOutput, LiesInTheFolder) {
  std::vector<std::string> names;
  for (const auto& [name, content] : directory_->snapshot()) {
    if (name.rfind("out/", 0) == 0) names.push_back(name.substr(4));
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"compare.json",
                                      "layers.csv",
                                      "net.default.design.json",
                                      "net.roofline.design.json",
                                      "odd_net.default.design.json",
                                      "odd_net.roofline.design.json",
                                      "report.html"}));
  EXPECT_NE(directory_->read("out/report.html").find("new Chart("), std::string::npos);
  EXPECT_NE(run_.out.find("Designs found with the roofline model have "), std::string::npos);
  EXPECT_NE(run_.out.find(" than Gemmini's own tiler: "), std::string::npos) << run_.out;
}

TEST_F(CompareOutput, ResumesWithWhatTheSameSearchFound) {
  const TemporaryDirectory elsewhere;
  write_workloads(elsewhere);
  const std::string design = directory_->read("out/net.roofline.design.json");
  const auto resumed = [&](const std::string& more) {
    const Finished run =
        run_masala(elsewhere.path(), words_of(kCompare + " -o out --resume --threads 2" + more));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run;
  };
  const std::string found = "net, roofline: found before: ";
  elsewhere.write("out/net.roofline.design.json", design);
  const Finished first = resumed("");
  EXPECT_EQ(first.err.rfind(found, 0), 0U) << first.err;
  EXPECT_NE(first.err.find("odd net, roofline: descent: "), std::string::npos) << first.err;
  EXPECT_EQ(without_provenance(ordered_json::parse(elsewhere.read("out/compare.json"))),
            without_provenance(json_));
  const Finished second = resumed(" --quiet --format json");
  EXPECT_EQ(second.err, "");
  EXPECT_EQ(without_provenance(ordered_json::parse(second.out)), without_provenance(json_));
  // Another input, or another setting, is another search.
  elsewhere.write("odd.yaml", kOddWorkload + "\n");
  const Finished third = resumed("");
  EXPECT_EQ(third.err.rfind(found, 0), 0U) << third.err;
  EXPECT_NE(third.err.find("odd net, roofline: descent: "), std::string::npos) << third.err;
  EXPECT_EQ(resumed(" --fix accumulator_kib=64").err.find("found before"), std::string::npos);
}

TEST_F(CompareOutput, ATableCanBeTheJudge) {
  const TemporaryDirectory elsewhere;
  write_workloads(elsewhere);
  const std::string layers = directory_->read("out/layers.csv");
  elsewhere.write("measured.csv", layers);
  const Finished judged = run_masala(
      elsewhere.path(), words_of(kCompare + " --judge measured.csv --format json --quiet"));
  ASSERT_EQ(judged.exit_code, 0) << judged.err;
  const ordered_json measured = ordered_json::parse(judged.out);
  EXPECT_EQ(measured["judge"]["kind"], "csv");
  EXPECT_TRUE(measured["judge"]["cache"].is_null());
  for (const char* workload : {"net", "odd net"}) {
    for (const char* model : {"default", "roofline"}) {
      EXPECT_NEAR(measured["workloads"][workload]["models"][model]["cycles_judged"].get<double>() /
                      models(workload)[model]["cycles_judged"].get<double>(),
                  1.0,
                  1e-12)
          << workload << " " << model;
    }
  }

  // Without the rows of odd net: two layers of two designs are missing.
  elsewhere.write("part.csv", layers.substr(0, layers.find("odd net,")));
  const Finished refused =
      run_masala(elsewhere.path(), words_of(kCompare + " --judge part.csv --quiet -o out"));
  EXPECT_EQ(refused.exit_code, kBadInput);
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(refused.err.rfind("part.csv: no row for layer conv of odd net, default model; expected "
                              "one with this shape, the design's hardware and L3[WIO] ",
                              0),
            0U)
      << refused.err;
  EXPECT_NE(refused.err.find("\npart.csv: no row for layer fc of odd net, roofline model; "),
            std::string::npos);
  EXPECT_NE(
      refused.err.find(
          "\nall rows are in out/layers.csv; expected their cycles in --judge, then --resume\n"),
      std::string::npos)
      << refused.err;
  EXPECT_FALSE(elsewhere.has("out/compare.json"));
  const std::string to_measure = elsewhere.read("out/layers.csv");
  EXPECT_NE(to_measure.find(",\n"), std::string::npos);  // no cycles yet
  const Finished resumed =
      run_masala(elsewhere.path(), words_of(kCompare + " --judge measured.csv -o out --resume"));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(resumed.err.find(": descent"), std::string::npos) << resumed.err;
}

TEST(Compare, KeepsWhatItFoundBeforeAnInterruption) {
  const TemporaryDirectory directory;
  write_workloads(directory);
  const Words words = words_of(
      "compare -w ./net.yaml -w resnet50 -a gemmini-rtl --latency roofline --starts 64 -o out");
  {
    RunningMasala compare(directory.path(), words);
    ASSERT_TRUE(compare.wait_for_stderr("resnet50, roofline: ", kLongestRun));
    compare.send(SIGINT);
    const Finished run = compare.finish(kLongestRun);
    EXPECT_EQ(run.exit_code, 130);
    EXPECT_EQ(run.out, "");
    EXPECT_NE(run.err.find("masala compare: interrupted; the designs found so far are in out, "
                           "--resume goes on\n"),
              std::string::npos)
        << run.err;
  }
  EXPECT_TRUE(directory.has("out/net.roofline.design.json"));
  EXPECT_FALSE(directory.has("out/resnet50.roofline.design.json"));
  EXPECT_FALSE(directory.has("out/compare.json"));
}

TEST(Compare, WrongUseIsRefused) {
  const std::string see = "\nSee: masala compare --help";
  const auto compare = [&](const std::string& name,
                           const std::string& words,
                           int exit_code,
                           const std::string& message) {
    const bool is_usage = exit_code == kUsage;
    return BadCase{name,
                   words_of("compare " + words),
                   {{"w.yaml", kWorkload}, {"out/x", "precious"}},
                   exit_code,
                   is_usage ? "masala compare: " + message + see : message};
  };
  const std::string rtl = "-w ./w.yaml -a gemmini-rtl --latency roofline ";
  expect_refused({
      compare("no workload", "-a gemmini-rtl", kUsage, "--workload is missing"),
      compare("one workload twice",
              rtl + "-w ./w.yaml",
              kBadInput,
              "./w.yaml: name: \"net\" is the name of ./w.yaml too; expected another"),
      compare("unknown model",
              rtl + "--latency rooflin",
              kUsage,
              "--latency: given 2 times; expected once"),
      compare("unknown model in the list",
              "-w ./w.yaml -a gemmini-rtl --latency roofline,hybird",
              kUsage,
              "--latency: got \"hybird\"; expected some of roofline, calibrated, hybrid, dnn with "
              "commas between them (did you mean hybrid?)"),
      compare("a model twice",
              "-w ./w.yaml -a gemmini-rtl --latency roofline,roofline",
              kUsage,
              "--latency: roofline given twice; expected each model once"),
      compare("a model file that is none",
              "-w ./w.yaml -a gemmini-rtl --latency dnn --model w.yaml",
              kBadInput,
              "w.yaml:1: not a model file; expected one that masala train wrote"),
      compare("another driver",
              rtl + "--program measured",
              kUsage,
              "--program: got \"measured\"; expected one of clean"),
      compare("caches of measurements",
              rtl + "--judge m.csv --cache warm",
              kUsage,
              "--cache goes with the simulator; measured cycles are as they are"),
      compare("resume to stdout", rtl + "--resume", kUsage, "--resume goes with --output"),
      compare("resume by force",
              rtl + "--resume --force -o out",
              kUsage,
              "--resume and --force exclude each other"),
      compare("budget",
              rtl + "--budget 1",
              kBadInput,
              "--budget: got 1; expected at least 2 evaluations, one per layer"),
      compare(
          "a method that cannot search it",
          rtl + "--factors imperfect --method genetic",
          kBadInput,
          "--factors imperfect: method genetic searches perfect factors only; expected --method "
          "gradient or annealing"),
      compare("a full folder", rtl + "-o out", kBadInput, "... out: "),
      compare("no driver",
              "-w ./w.yaml -a eyeriss --latency roofline",
              kBadInput,
              "... program: missing; expected {driver: gemmini}: only machines with a known driver "
              "can be simulated"),
      compare("not double-buffered",
              "-w ./w.yaml -a gemmini --latency roofline",
              kBadInput,
              "... levels: scratchpad and accumulator are not double-buffered; expected "
              "double_buffered: true for both"),
      {"a judge without cycles",
       words_of("compare " + rtl + "--judge t.csv -o new"),
       {{"w.yaml", kWorkload}, {"t.csv", kTraces}},
       kBadInput,
       "t.csv:1: target.gemmini_cycle: column missing; expected it in the header"},
      {"a layer that the default tiler cannot run",
       words_of("compare " + rtl + "-o new"),
       {{"w.yaml",
         "name: n\nlayers:\n  - {name: huge, R: 1, S: 1, P: 2, Q: 2, C: 16, K: 16, N: 1, "
         "stride: [200, 200]}\n"}},
       kBadInput,
       "./w.yaml: Gemmini's own tiler: huge: no tile fits the memories: the smallest needs 40001 "
       "scratchpad and 1 accumulator rows; half of them offers 8192 and 512"},
  });
}

}  // namespace
}  // namespace masala::test
