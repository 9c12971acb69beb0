// Broken trace tables: each bad row with its line and column, and nothing written.
#include <gtest/gtest.h>

#include "cli/bad_case.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

BadCase traces(const std::string& name,
               const std::string& text,
               const std::string& message,
               const Words& more = {}) {
  Words words = {"evaluate", "-a", "gemmini", "--traces", "t.csv", "-o", "o.csv"};
  words.insert(words.end(), more.begin(), more.end());
  return {name, words, {{"t.csv", text}}, kBadInput, message};
}

const std::string kOneOfTwo =
    "t.csv: 1 of 2 rows bad, none loaded; expected valid rows, or --skip-invalid";

TEST(BadTraces, EveryMappingThatDoesNotParseOrFitIsReported) {
  const std::string shape = ",1,1,8,1,4,8,1\n";
  const std::string rows[] = {
      "L3[WIO] K2 - L2[WI] K4X - L1[O] C4X - L0[W] P4",             // product
      "L3[WIO] K2 - L2[WI] K4X K4 - L1[O] C4X - L0[W] P8",          // product
      "L3[WIO] N1 - L2[WI] K8X - L1[O] C4 - L0[W] P8 C2147483648",  // product
      "L3[WIO] K2 - L2[W] K4X - L1[O] C4X - L0[W] P8",              // label
      "L2[WI] K8X - L1[O] C4X - L0[W] P8",                          // level missing
      "L3[WIO] N1 - L2[WI] K8X - L1[O] C4X - L0[W] P8 - L9",        // level too many
      "L3[WIO] N1 - L2[WI] Z8X - L1[O] C4X - L0[W] P8",             // dimension
      "L3[WIO] N1 - L2[WI] K0X - L1[O] C4X - L0[W] P8",             // zero
      "L3[WIO] N1 - L2[WI] K99999999999999999999X - L1[O] C4X - L0[W] P8",
      "L3[WIO] N1 - L2[WI] K4X K2X - L1[O] C4X - L0[W] P8",  // twice
      "",
      "L3[WIO]",
  };
  std::string text = kTraces.substr(0, kTraces.find('\n') + 1);
  for (const std::string& mapping : rows) text += "x," + mapping + shape;
  expect_refused({traces(
      "mappings",
      text,
      R"(t.csv:2: mapping.mapping: P factors multiply to 4 (dram 1, scratchpad 1, accumulator 1, registers 4); expected the layer's P = 8
t.csv:3: mapping.mapping: K factors multiply to 32 (dram 2, scratchpad 4 (spatial 4), accumulator 1, registers 1); expected the layer's K = 8
t.csv:4: mapping.mapping: C factors multiply to 8589934592 (dram 1, scratchpad 1, accumulator 4, registers 2147483648); expected the layer's C = 4
t.csv:5: mapping.mapping: mapping, character 14: got "L2[W]"; expected L2[WI]
t.csv:6: mapping.mapping: mapping, character 1: got "L2[WI]"; expected L3[WIO]
t.csv:7: mapping.mapping: mapping, character 48: got "-"; expected the end of the mapping
t.csv:8: mapping.mapping: mapping, character 21: got "Z8X"; expected a dimension R S P Q C K N and a factor from 1 to 2147483648, X for spatial, as K16 or C16X
t.csv:9: mapping.mapping: mapping, character 21: got "K0X"; expected a dimension R S P Q C K N and a factor from 1 to 2147483648, X for spatial, as K16 or C16X
t.csv:10: mapping.mapping: mapping, character 21: got "K99999999999999999999X"; expected a dimension R S P Q C K N and a factor from 1 to 2147483648, X for spatial, as K16 or C16X
t.csv:11: mapping.mapping: mapping, character 25: got "K2X"; expected each dimension once per level
t.csv:12: mapping.mapping: mapping, character 1: the text ends; expected L3[WIO]
t.csv:13: mapping.mapping: mapping, character 8: the text ends; expected " - " and L2[WI]
t.csv: 12 of 12 rows bad, none loaded; expected valid rows, or --skip-invalid)")});
}

TEST(BadTraces, WrongCellsAreNamedByColumn) {
  std::string text =
      "mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N,prob.Wstride,arch.meshX,"
      "arch.mem2_entries,arch.mem1_depth\n";
  const std::string mapping = "L3[WIO] N1 - L2[WI] K8X - L1[O] C4X - L0[W] P8";
  for (const char* cells : {",0,-1,8,1,4,8,1,1,16,,",
                            ",1,1,nan,1.5,4,,1e30,1,16,,",
                            ",1,1,8,1,4,8,1,0,16,,",
                            ",1,1,8,1,4,8,1,1,-16,x,",
                            ",1,1,8,1,4,8,1,1,4,,",
                            ",1,1,8,1,4,8,1,1,16,16,1",
                            ",1,1,8,1,4,8,1,1,2147483648,,1e12"}) {
    text += mapping + cells + "\n";
  }
  expect_refused({traces("cells",
                         text,
                         R"(t.csv:2: prob.R: got "0"; expected an integer from 1 to 2147483648
t.csv:2: prob.S: got "-1"; expected an integer from 1 to 2147483648
t.csv:3: prob.P: got "nan"; expected an integer from 1 to 2147483648
t.csv:3: prob.Q: got "1.5"; expected an integer from 1 to 2147483648
t.csv:3: prob.K: empty; expected an integer from 1 to 2147483648
t.csv:3: prob.N: got "1e30"; expected an integer from 1 to 2147483648
t.csv:4: prob.Wstride: got "0"; expected an integer from 1 to 2147483648
t.csv:5: arch.meshX: got "-16"; expected an integer from 1 to 2147483647
t.csv:5: arch.mem2_entries: got "x"; expected an integer from 1 to 1099511627776
t.csv:6: mapping.mapping: K8X at scratchpad: spatial factor 8; expected at most 4
t.csv:7: mapping.mapping: tile of accumulator needs 8 words; expected at most 1 per instance
t.csv:7: mapping.mapping: tile of scratchpad needs 64 words; expected at most 16 per instance
t.csv:8: arch.meshX: got "2147483648"; expected an integer from 1 to 2147483647
t.csv:8: arch.mem1_depth: 3906250000 KiB in all instances; expected at most 2147483647
t.csv: 7 of 7 rows bad, none loaded; expected valid rows, or --skip-invalid)")});
}

TEST(BadTraces, TheHardwareOfFixLimitsRowsThatStateNone) {
  expect_refused({
      traces("array",
             kTraces,
             "t.csv:3: mapping.mapping: K8X at scratchpad: spatial factor 8; expected at most 4\n" +
                 kOneOfTwo,
             {"--fix", "pe_dim=4"}),
      traces("buffers",
             with(with(kTraces, "8,1,1,8", "8,1,1,512"), "P8", "P512"),
             "t.csv:2: mapping.mapping: tile of scratchpad needs 2064 words; expected at most 1024 "
             "per instance\n" +
                 kOneOfTwo,
             {"--fix", "scratchpad_kib=1"}),
  });
}

TEST(BadTraces, TablesOfAnotherShapeAreRefused) {
  expect_refused({
      traces("columns missing",
             with(with(with(kTraces, "prob.K", "K"), "mapping.mapping", "map"), "prob.R", "R"),
             "... t.csv:1: mapping.mapping: column missing; expected it in the header\n"
             "t.csv:1: prob.R: column missing; expected it in the header"),
      traces("columns twice and without a name",
             with(with(kTraces, "prob.K", "prob.C"), "id,", ","),
             "t.csv:1: column 1: no name; expected a name\n"
             "t.csv:1: column 8: the name \"prob.C\" occurs twice; expected distinct names"),
      traces(
          "widths",
          with(with(kTraces, "4,8,1\nb", "4,8\nb"), "P8,1,1,8,1,4,8,1\n", "P8,1,1,8,1,4,8,1,1\n"),
          "t.csv:2: 8 fields; expected 9, as in the header\n"
          "t.csv:3: 10 fields; expected 9, as in the header"),
      traces("cut off",
             kTraces.substr(0, kTraces.size() - 20),
             "t.csv:3: 2 fields; expected 9, as in the header"),
      traces("quote never closed",
             with(kTraces, "4,8,1", "4,\"8,1"),
             "t.csv:2: quote never closed; expected a closing quote"),
      traces("empty", "", "t.csv:1: empty; expected a header and at least one row"),
      traces("binary",
             std::string("\x1f\x8b\x08\0\0", 5),
             "t.csv:1: control character; expected a text file"),
      {"missing",
       {"evaluate", "-a", "gemmini", "--traces", "no.csv", "-o", "o.csv"},
       {},
       kBadInput,
       "no.csv: cannot read: No such file or directory; expected a readable file"},
  });
}

}  // namespace
}  // namespace masala::test
