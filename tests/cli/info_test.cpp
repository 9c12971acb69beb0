// masala --help, --version and info.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

using nlohmann::json;

// Runs in an empty directory of its own; expects success and nothing on stderr.
std::string output_of(const Words& words) {
  const TemporaryDirectory directory;
  directory.write("toy.yaml", kAccelerator);
  directory.write("net.yaml", kWorkload);
  directory.write("rows.csv", kTraces);
  directory.write("d.json", kDesign);
  const Finished run = run_masala(directory.path(), words);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  return run.out;
}

void expect_mentions(const std::string& text, const Words& words) {
  for (const std::string& word : words) {
    EXPECT_NE(text.find(word), std::string::npos) << word << " missing in\n" << text;
  }
}

TEST(Help, NamesEveryCommandAndFlag) {
  expect_mentions(output_of({"--help"}), {"search", "evaluate", "info", "Exit codes"});
  const Words common = {
      "--seed", "--threads", "--format", "--quiet", "--force", "--help", "--version", "Examples:"};
  const std::string search = output_of({"search", "--help"});
  expect_mentions(search, common);
  expect_mentions(search,
                  {"--workload W", "--accelerator A", "--objective OBJ", "--fix KEY=VALUE"});
  expect_mentions(search,
                  {"--max-area-mm2 MM2", "--method M", "--starts N", "--budget N", "--output DIR"});
  const std::string evaluate = output_of({"evaluate", "--help"});
  expect_mentions(evaluate, common);
  expect_mentions(evaluate,
                  {"--traces FILE", "--design FILE", "--accelerator A", "--fix KEY=VALUE"});
  expect_mentions(evaluate, {"--skip-invalid", "--latency TIER", "--output FILE"});
  const std::string info = output_of({"info", "--help"});
  expect_mentions(info, {"accelerators", "workloads", "methods", "NAME", "FILE"});
  expect_mentions(info, {"--format F", "--help", "Examples:"});
  for (const char* flag : {"--seed", "--threads", "--quiet", "--force"})
    EXPECT_EQ(info.find(flag), std::string::npos) << flag;
  for (const std::string& text : {search, evaluate, info}) {
    expect_mentions(text, {"[flags]", "Common flags:"});
    EXPECT_EQ(text.find(" \n"), std::string::npos) << text;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  }
}

TEST(Help, VersionNamesMasalaAndLibTorch) {
  const std::string version = output_of({"--version"});
  EXPECT_EQ(version.rfind("masala ", 0), 0U);
  expect_mentions(version, {"(LibTorch "});
  EXPECT_EQ(output_of({"search", "--version"}), version);
}

TEST(Info, ListsWhatIsBuiltIn) {
  expect_mentions(output_of({"info", "accelerators"}),
                  {"name", "gemmini", "gemmini-rtl", "pe_dim 2-128", "pe_dim 16", "16-4096 (2^n)"});
  const json accelerators = json::parse(output_of({"info", "accelerators", "--format", "json"}));
  EXPECT_GE(accelerators.size(), 2U);
  for (const json& row : accelerators) {
    for (const char* key : {"name", "levels", "hardware", "description"}) {
      EXPECT_TRUE(row.at(key).is_string()) << key;
    }
  }
  const json workloads = json::parse(output_of({"info", "workloads", "--format", "json"}));
  const auto bert = std::find_if(
      workloads.begin(), workloads.end(), [](const json& row) { return row.at("name") == "bert"; });
  ASSERT_NE(bert, workloads.end());
  EXPECT_EQ(bert->at("layers"), 5);
  EXPECT_EQ(bert->at("executions"), 6);
  EXPECT_NEAR(bert->at("GMACs"), 0.7571, 5e-5);

  const json methods = json::parse(output_of({"info", "methods", "--format", "json"}));
  EXPECT_EQ(methods.at(0).at("name"), "gradient");
  EXPECT_EQ(methods.at(1).at("name"), "random");
}

TEST(Info, DescribesAccelerators) {
  const json gemmini = json::parse(output_of({"info", "gemmini", "--format", "json"}));
  EXPECT_EQ(gemmini.at("name"), "gemmini");
  EXPECT_EQ(gemmini.at("hardware").at(0),
            json({{"hardware", "pe_dim"}, {"range", "2-128"}, {"default", 16}}));
  const json& levels = gemmini.at("levels");
  ASSERT_EQ(levels.size(), 4U);
  EXPECT_EQ(levels.at(0).at("level"), "dram");
  EXPECT_EQ(levels.at(0).at("words/instance"), "unlimited");
  EXPECT_EQ(levels.at(1).at("level"), "scratchpad");
  EXPECT_EQ(levels.at(1).at("words/instance"), 256 * 1024);
  EXPECT_EQ(levels.at(1).at("words/cycle"), 32);
  EXPECT_EQ(levels.at(1).at("spatial"), "Kx16");
  EXPECT_EQ(levels.at(0).at("loops in search"), "any");
  EXPECT_EQ(levels.at(1).at("loops in search"), "none");
  EXPECT_EQ(levels.at(2).at("loops in search"), "any, N Q P innermost");
  EXPECT_EQ(levels.at(3).at("loops in search"), "P Q N");
  EXPECT_EQ(levels.at(2).at("words/instance"), 64 * 1024 / 4 / 16);  // a column's part
  expect_mentions(output_of({"info", "toy.yaml"}),
                  {"toy: ", "MAC takes 0.5 pJ", "buffer_kib  1-1024", "pe_dim      2-64"});
}

TEST(Info, DescribesWorkloadsTablesAndDesigns) {
  const json layers = json::parse(output_of({"info", "net.yaml", "--format", "json"}));
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers.at(0).at("layer"), "conv");
  EXPECT_EQ(layers.at(0).at("K"), 32);
  EXPECT_EQ(layers.at(0).at("stride"), "2x2");
  EXPECT_DOUBLE_EQ(layers.at(0).at("MMACs"), 3 * 3 * 8 * 8 * 16 * 32 / 1e6);
  EXPECT_EQ(layers.at(1).at("count"), 2);

  const json columns = json::parse(output_of({"info", "rows.csv", "--format", "json"}));
  ASSERT_EQ(columns.size(), 9U);
  EXPECT_EQ(columns.at(0).at("column"), "id");
  EXPECT_EQ(columns.at(0).at("first row"), "a");

  const json design = json::parse(output_of({"info", "d.json", "--format", "json"}));
  EXPECT_EQ(design, json::parse(kDesign));
}

TEST(Info, TheFlagsThatMeanNothingAreAccepted) {
  EXPECT_EQ(output_of({"info", "methods", "--seed", "3", "--threads", "1", "--quiet", "--force"}),
            output_of({"info", "methods"}));
}

// What `masala info d.json` writes to a terminal of that width.
std::string on_terminal(unsigned short columns) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  EXPECT_GE(terminal, 0);
  EXPECT_EQ(::grantpt(terminal), 0);
  EXPECT_EQ(::unlockpt(terminal), 0);
  winsize size{};
  size.ws_col = columns;
  size.ws_row = 24;
  EXPECT_EQ(::ioctl(terminal, TIOCSWINSZ, &size), 0);
  const std::string name = ::ptsname(terminal);
  const int kept_open = ::open(name.c_str(), O_RDWR | O_NOCTTY);  // or the text is lost at the end
  const TemporaryDirectory directory;
  directory.write("d.json", kDesign);
  EXPECT_EQ(run_masala(directory.path(), {"info", "d.json"}, {{}, name}).exit_code, 0);
  std::string text(4096, ' ');  // all that a terminal holds
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(terminal, text.data(), 4096))));
  ::close(kept_open);
  ::close(terminal);
  return text;
}

TEST(Info, ANarrowTerminalGetsNoMappings) {
  const std::string wide = on_terminal(200);
  expect_mentions(wide, {"% PEs", "L3[WIO]"});
  EXPECT_EQ(wide.find("mappings take"), std::string::npos);
  const std::string narrow = on_terminal(100);
  expect_mentions(narrow, {"% PEs", "bound by", "mappings take "});
  EXPECT_EQ(narrow.find("L3[WIO]"), std::string::npos);
  EXPECT_EQ(narrow.find(" \r"), std::string::npos);
}

TEST(Info, DesignsShowHowBusyThePesAre) {
  // 256 MACs in 16 cycles of 64 PEs.
  expect_mentions(output_of({"info", "d.json"}), {"  25.0  dram      L3[WIO]"});
}

}  // namespace
}  // namespace masala::test
