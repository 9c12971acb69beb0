// A design scored again: with the model it was found with, on other hardware, on another machine.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

using nlohmann::json;

class EvaluateDesign : public testing::Test {
 protected:
  json evaluated(const std::string& words) {
    const Finished run = run_masala(
        directory_.path(), words_of("evaluate --design out/design.json --format json " + words));
    err_ = run.err;
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.exit_code == 0 ? json::parse(run.out) : json();
  }

  void search(const std::string& words) {
    directory_.write("net.yaml", kWorkload);
    const Finished run = run_masala(
        directory_.path(),
        words_of("search -w ./net.yaml --method random --budget 400 -o out --quiet " + words));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    found_ = json::parse(directory_.read("out/design.json"));
  }

  TemporaryDirectory directory_;
  json found_;
  std::string err_;
};

TEST_F(EvaluateDesign, TakesTheDesignsOwnLatencyModel) {
  search("-a gemmini-rtl --latency hybrid");
  EXPECT_FALSE(found_["latency_file"].is_null());
  const json scored = evaluated("");
  EXPECT_EQ(scored["latency_model"], "hybrid");
  EXPECT_EQ(scored["totals"], found_["totals"]);
  EXPECT_EQ(err_, "");
  EXPECT_EQ(evaluated("--latency roofline")["latency_model"], "roofline");
}

TEST_F(EvaluateDesign, SaysThatItsModelIsGone) {
  directory_.write("m.masala", read_text_file(data_file("models/gemmini.masala")));
  search("-a gemmini-rtl --latency hybrid --model m.masala");
  const json first = evaluated("");
  EXPECT_EQ(first["totals"], found_["totals"]);
  const TemporaryDirectory elsewhere;
  elsewhere.write("out/design.json", directory_.read("out/design.json"));
  const Finished run =
      run_masala(elsewhere.path(), words_of("evaluate --design out/design.json --quiet"));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err,
            "out/design.json: latency_file.path: m.masala is not there; expected the model that "
            "the design was found with, another one in --model, or --latency roofline\n");
}

TEST_F(EvaluateDesign, WarnsOfAnotherAcceleratorFileOfTheSameName) {
  search("-a gemmini");
  const std::string gemmini = read_text_file(data_file("accelerators/gemmini.yaml"));
  directory_.write("other.yaml", gemmini + "\n");
  EXPECT_EQ(evaluated("-a ./other.yaml")["totals"], found_["totals"]);
  EXPECT_EQ(err_,
            "out/design.json: accelerator: ./other.yaml is not the file that the design was found "
            "on; its costs may differ\n");
}

TEST_F(EvaluateDesign, GoesToAnotherAcceleratorOfTheSameLevels) {
  search("-a gemmini");
  directory_.write(
      "other.yaml",
      with(
          read_text_file(data_file("accelerators/gemmini.yaml")), "name: gemmini", "name: cousin"));
  const json scored = evaluated("-a ./other.yaml");
  EXPECT_EQ(scored["accelerator"]["name"], "cousin");
  EXPECT_EQ(scored["totals"], found_["totals"]);
}

TEST_F(EvaluateDesign, GoesToOtherHardwareThatItFits) {
  search("-a gemmini");
  const json larger = evaluated("--fix scratchpad_kib=4096");
  EXPECT_EQ(larger["hardware"]["scratchpad_kib"], 4096);
  // A row of a larger memory takes more energy; the traffic is the same.
  EXPECT_GT(larger["totals"]["energy_uj"], found_["totals"]["energy_uj"]);
  EXPECT_EQ(larger["totals"]["cycles"], found_["totals"]["cycles"]);
  directory_.write("d.json", kDesign);  // unrolls K eight times
  const Finished smaller =
      run_masala(directory_.path(), words_of("evaluate --design d.json --fix pe_dim=4 --quiet"));
  EXPECT_EQ(smaller.exit_code, 1);
  EXPECT_NE(smaller.err.find("d.json: layers[0].mapping: "), std::string::npos) << smaller.err;
}

}  // namespace
}  // namespace masala::test
