// Broken accelerator and workload files: every problem of a file with its line and column.
#include <gtest/gtest.h>

#include "cli/bad_case.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

BadCase accelerator(const std::string& name, const std::string& text, const std::string& message) {
  return {name, {"info", "a.yaml"}, {{"a.yaml", text}}, kBadInput, message};
}

BadCase workload(const std::string& name, const std::string& text, const std::string& message) {
  return {name,
          {"search", "-w", "w.yaml", "-a", "gemmini", "-o", "out"},
          {{"w.yaml", text}},
          kBadInput,
          message};
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(BadAccelerator, EveryWrongKeyAndTypeIsReportedAtOnce) {
  std::string text = with(kAccelerator, "mac_energy_pj: 0.5\n", "mac_energy_pj: .nan\nname: toy\n");
  text = with(text, "default: 16", "default: 0");
  text = with(text, "keeps: [weights]", "keeps: [weight]");
  text = with(text, "word_bits: 8", "word_bits: eight");
  text = with(text, "{words: 1}", "{words: 99999999999999999999}");
  text = with(text, "per_access_pj: 0.5", "per_access_pj: -0.5");
  text = with(text, "{K: pe_dim}", "{Z: pe_dim}");
  text = with(text, "max: 1024", "max: 10.5");
  text = with(text, "2 * pe_dim", "2 * pe_dimm");
  text = with(text, "slope_per_kib: 0.05", "slope_per_kib: .inf");
  text = with(text, "block_words", "blok_words");
  text = with(text, "mm2: 4e-4", "mm2: \"4e-4\"");
  expect_refused({accelerator("all",
                              text,
                              R"(a.yaml:3:1: name: given twice; expected each key once
a.yaml:2:16: mac_energy_pj: got ".nan"; expected a number >= 0
a.yaml:5:38: parameters.pe_dim.default: got 0; expected an integer from 1 to 2147483647
a.yaml:8:13: levels[0].keeps[0]: got "weight"; expected weights, inputs or outputs (did you mean weights?)
a.yaml:9:16: levels[0].word_bits: got "eight"; expected an integer from 1 to 1024
a.yaml:10:23: levels[0].capacity.words: got 99999999999999999999; expected an integer from 1 to 1099511627776
a.yaml:11:29: levels[0].energy.per_access_pj: got -0.5; expected a number >= 0
a.yaml:16:18: levels[1].spatial.Z: unknown dimension "Z"; expected one of R S P Q C K N
a.yaml:17:35: levels[1].capacity.kib.max: got 10.5; expected an integer from 1 to 2147483647
a.yaml:18:32: levels[1].bandwidth_words_per_cycle: got "2 * pe_dimm"; expected a number > 0, a parameter, or number * parameter
a.yaml:19:43: levels[1].energy.linear_sram.slope_per_kib: got ".inf"; expected a number >= 0
a.yaml:23:5: levels[2].blok_words: unknown key (did you mean block_words?)
a.yaml:26:11: area[0].mm2: got the text "4e-4"; expected a number)")});
}

TEST(BadAccelerator, ContradictionsAreReportedWhereTheyStand) {
  std::string text = with(kAccelerator, "max: 64, default: 16", "max: 1, default: 16");
  text = with(text, "keeps: [weights]", "keeps: []");
  text = with(text, "capacity: {words: 1}\n", "mapping: {}\n");
  text = with(text, "    mapping: {temporal: [P, Q, N]}\n", "");
  text = with(text, "name: buffer", "name: dram");
  text = with(text, "max: 1024, default: 64", "max: 1024, default: 4000");
  text =
      with(text, "outputs]\n    word_bits: 8\n    block", "inputs]\n    word_bits: 8\n    block");
  expect_refused({
      accelerator("outputs nowhere",
                  with(kAccelerator,
                       "outputs]\n    word_bits: 8\n    block",
                       "weights]\n    word_bits: 8\n    block"),
                  "a.yaml:20:30: levels[2].keeps[2]: weights given twice; expected each operand "
                  "once"),
      accelerator("one level too few",
                  kAccelerator.substr(0, kAccelerator.find("  - name: buffer")),
                  "... levels: got 1; expected 2 to 8 levels, inner to outer"),
      accelerator(
          "fan-out beyond exact doubles",
          with(kAccelerator, "{K: pe_dim}", "{K: 1e12 * pe_dim}"),
          "a.yaml:15:18: levels[1].spatial.K: got \"1e12 * pe_dim\"; expected an integer >= "
          "1, a parameter, or number * parameter"),
      accelerator("unknown key in the area",
                  with(kAccelerator, "4e-4, pe_dim", "4e-4, pe_dimm"),
                  "a.yaml:25:26: area[0].pe_dimm: unknown hardware key; expected a parameter or "
                  "<level>_kib"),
      accelerator("many",
                  with(text, "weights, inputs, inputs", "weights, inputs"),
                  R"(a.yaml:4:25: parameters.pe_dim.max: got 1; expected >= min, 2
a.yaml:7:12: levels[0].keeps: empty; expected at least one operand
a.yaml:6:5: levels[0].capacity: missing; expected {words: ...} or {kib: ...}
a.yaml:15:50: levels[1].capacity.kib.default: got 4000; expected a value of the range and its step
a.yaml:19:12: levels[2].keeps: outputs missing; expected all operands at the outermost level
a.yaml:18:11: levels[2].name: dram given twice; expected distinct level names)"),
  });
}

TEST(BadAccelerator, WhatIsNotAYamlTextIsRefused) {
  std::string laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'a'; c < 'i'; ++c) {
    const std::string next(1, static_cast<char>(c + 1));
    laughs += next + ": &" + next + " [*" + c + repeated(std::string(", *") + c, 8) + "]\n";
  }
  expect_refused({
      accelerator("empty", "", "a.yaml:1: empty; expected a YAML document"),
      accelerator("binary",
                  std::string("BZh9\0\1\2", 7),
                  "a.yaml:1: control character; expected a text file"),
      accelerator(
          "not UTF-8", "name: toy\nlevels: caf\xe9\n", "a.yaml:2: not UTF-8; expected a text file"),
      accelerator("list never closed",
                  with(kAccelerator, "[P, Q, N]", "[P, Q, N"),
                  "... a.yaml:11:33: not valid YAML: "),
      accelerator("two documents",
                  with(kAccelerator, "area:", "---\narea:"),
                  "a.yaml:24: a second YAML document; expected one per file"),
      accelerator("deep lists",
                  "levels: " + repeated("[", 100000),
                  "... nested too deeply; expected at most 64 levels"),
      accelerator("deep maps",
                  "levels: " + repeated("{a: ", 20000),
                  "a.yaml:1:261: nested too deeply; expected at most 64 levels"),
      accelerator("deep keys",
                  "levels:\n " + repeated("? ", 20000) + "1\n",
                  "... nested too deeply; expected at most 64 levels"),
      accelerator("alias of its own list",
                  "levels: &a [*a]\n",
                  "a.yaml:1:13: alias of a node that contains it; expected no recursion"),
      accelerator("aliases of aliases",
                  laughs + "levels: *i\n",
                  "... : the aliases so far stand for too much; expected at most 1000000 values"),
      {"directory",
       {"info", "./a"},
       {{"a/", ""}},
       kBadInput,
       "./a: cannot read: it is a directory; expected a file"},
  });
}

TEST(BadWorkload, EveryWrongValueIsReportedAtOnce) {
  std::string text = with(kWorkload, "R: 3, S: 3, P: 8", "R: 0, S: -3, P: 1e400");
  text = with(text, "C: 16, K: 32, N: 1", "C: 4000000000, K: .nan, K: 32");
  text = with(text, "stride: [2, 2]", "stride: [2, 2, 2], dilation: 0");
  text = with(text, "name: fc, R: 1", "name: conv, R: many");
  text = with(text, "count: 2", "cuont: 2");
  expect_refused({workload("all",
                           text,
                           R"(w.yaml:3:71: layers[0].K: given twice; expected each key once
w.yaml:3:21: layers[0].R: got 0; expected an integer from 1 to 2147483648
w.yaml:3:27: layers[0].S: got -3; expected an integer from 1 to 2147483648
w.yaml:3:34: layers[0].P: got "1e400"; expected an integer from 1 to 2147483648
w.yaml:3:50: layers[0].C: got 4000000000; expected an integer from 1 to 2147483648
w.yaml:3:65: layers[0].K: got ".nan"; expected an integer from 1 to 2147483648
w.yaml:3:5: layers[0].N: missing; expected it in this map
w.yaml:3:86: layers[0].stride: got 3 values; expected [w, h], or one integer for both
w.yaml:3:107: layers[0].dilation: got 0; expected an integer from 1 to 2147483648
w.yaml:4:21: layers[1].R: got "many"; expected an integer from 1 to 2147483648
w.yaml:4:65: layers[1].cuont: unknown key (did you mean count?)
w.yaml:4:5: layers[1]: name "conv" given twice; expected distinct layer names)")});
}

TEST(BadWorkload, FilesOfAnotherKindOrSizeAreRefused) {
  std::string thirty = "name: many\nlayers:\n";
  for (int i = 0; i < 30; ++i) {
    thirty += "  - {name: l" + std::to_string(i) + ", R: 0, S: 1, P: 1, Q: 1, C: 1, K: 1, N: 1}\n";
  }
  expect_refused({
      workload("no layers",
               "name: n\nlayers: []\n",
               "w.yaml:2:9: layers: empty; expected at least one layer"),
      workload("too large for exact counts",
               with(kWorkload, "P: 8, Q: 8, C: 16", "P: 1000000, Q: 1000000, C: 16000"),
               "w.yaml:3:5: layers[0]: layer too large: MACs x (strides + dilations) x groups x "
               "count exceed 2^53; expected a shape whose words a double counts exactly"),
      workload("an accelerator",
               kAccelerator,
               "w.yaml:1:1: layers: missing; expected it in this map\n"
               "w.yaml:2:1: mac_energy_pj: unknown key; expected one of name, layers\n"
               "w.yaml:3:1: parameters: unknown key; expected one of name, layers\n"
               "w.yaml:5:1: levels: unknown key; expected one of name, layers\n"
               "w.yaml:24:1: area: unknown key; expected one of name, layers"),
      workload("flat problem with another letter",
               "problem: {C: 3, X: 4}\n",
               "... w.yaml:1:17: problem.X: unknown key; expected one of R, S, P, Q, C, K, N, "),
      workload("thirty problems, twenty shown",
               thirty,
               "... w.yaml:22:20: layers[19].R: got 0; expected an integer from 1 to 2147483648\n"
               "... and 10 more\n"),
  });
}

}  // namespace
}  // namespace masala::test
