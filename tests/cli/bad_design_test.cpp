// Broken design files.
#include <gtest/gtest.h>

#include "cli/bad_case.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

BadCase design(const std::string& name, const std::string& text, const std::string& message) {
  return {name,
          {"evaluate", "--design", "d.json", "-o", "o.json"},
          {{"d.json", text}},
          kBadInput,
          message};
}

TEST(BadDesign, EveryWrongKeyAndValueIsReportedAtOnce) {
  std::string text = with(kDesign, "\"objective\": \"edp\"", "\"objective\": \"edq\"");
  text = with(text, "\"cycles\": 16", "\"cycles\": -16");
  text = with(text, "\"count\": 1", "\"count\": 0");
  text = with(text, "\"R\": 1", "\"R\": \"1\"");
  text = with(text, "\"stride\": [1, 1]", "\"stride\": [1, 1, 1]");
  text = with(text, "\"groups\": 1", "\"groups\": 1, \"groups\": 2, \"group\": 1");
  text = with(text, "\"bottleneck\": \"dram\"", "\"bottleneck\": \"dran\"");
  text = with(text, "\"seed\": 0", "\"seed\": -1");
  text = with(text, "\"starts\": 1", "\"starts\": 1e10");
  text = with(text, "[[108, 0.3168]]", "[[108]]");
  text = with(text, "\"bound\": null", "\"bound\": 3");
  text = with(text, "\"inputs\": {}", "\"input\": {}");
  expect_refused({design(
      "all",
      text,
      R"(d.json: objective: got the text "edq"; expected edp, energy, latency, ed2p, edap (did you mean edp?)
d.json: totals.cycles: got -16; expected a number >= 0
d.json: layers[0].count: got 0; expected an integer from 1 to 2147483648
d.json: layers[0].shape.groups: given twice; expected each key once
d.json: layers[0].shape.R: got the text "1"; expected an integer from 1 to 2147483648
d.json: layers[0].shape.stride: got a list; expected [w, h]
d.json: layers[0].shape.group: unknown key (did you mean groups?)
d.json: layers[0].bottleneck: got the text "dran"; expected compute, registers, accumulator, scratchpad, dram (did you mean dram?)
d.json: search.seed: got -1; expected an integer from 0 to 2^64 - 1
d.json: search.starts: got 1e10; expected an integer from 0 to 2147483647
d.json: search.history[0]: got a list; expected [evaluations, best]
d.json: bound: got 3; expected a map
d.json: provenance.inputs: missing; expected it in this map
d.json: provenance.input: unknown key (did you mean inputs?))")});
}

TEST(BadDesign, MappingsAndHardwareThatDoNotFitAreRefused) {
  const std::string per_instance = " per instance";
  expect_refused({
      design(
          "factors",
          with(kDesign, "K8X", "K4X"),
          "d.json: layers[0].mapping: K factors multiply to 4 (dram 1, scratchpad 1 (spatial 4), "
          "accumulator 1, registers 1); expected the layer's K = 8"),
      design("array too small",
             with(kDesign, "\"pe_dim\": 8", "\"pe_dim\": 4"),
             "d.json: layers[0].mapping: K8X at scratchpad: spatial factor 8; expected at most 4"),
      design("buffer too small",
             with(kDesign, "\"accumulator_kib\": 1", "\"accumulator_kib\": 0.125"),
             "d.json: layers[0].mapping: tile of accumulator needs 8 words; expected at most 4" +
                 per_instance),
      design(
          "hardware keys",
          with(kDesign, "\"pe_dim\"", "\"pe_dimm\""),
          "d.json: hardware: other keys than the accelerator's: pe_dimm too many, pe_dim missing; "
          "expected pe_dim, scratchpad_kib, accumulator_kib, as gemmini has them"),
      design("hardware out of this world",
             with(with(kDesign, "\"scratchpad_kib\": 1", "\"scratchpad_kib\": 1e300"),
                  "\"accumulator_kib\": 1",
                  "\"accumulator_kib\": 0"),
             "d.json: hardware.scratchpad_kib: got 1e300; expected at most 2147483647\n"
             "d.json: hardware.accumulator_kib: got 0; expected a number > 0"),
      {"design of another accelerator",
       {"evaluate", "--design", "d.json", "-a", "eyeriss", "-o", "o.json"},
       {{"d.json", kDesign}},
       kBadInput,
       "... d.json: hardware: other keys than the accelerator's: "},
  });
}

TEST(BadDesign, WhatIsNotADesignIsRefused) {
  expect_refused({
      design("another schema",
             with(kDesign, "design/1", "design/2"),
             "d.json: schema: got the text \"masala.design/2\"; expected \"masala.design/1\": a "
             "newer masala wrote it, and is needed to read it"),
      design("an accelerator unknown here",
             with(kDesign, "\"gemmini\"", "\"gemini\""),
             "... or the path of a .yaml file (did you mean gemmini?)"),
      design("no layers",
             kDesign.substr(0, kDesign.find("\"layers\"")) + "\"layers\": [],\n  " +
                 kDesign.substr(kDesign.find("\"search\"")),
             "d.json: layers: empty; expected at least one layer"),
      design("cut off",
             kDesign.substr(0, kDesign.find("gradient")),
             "... d.json:25:16: not valid JSON: "),
      design("NaN", with(kDesign, "\"seconds\": 0.5", "\"seconds\": NaN"), "... not valid JSON: "),
      design("comma too many",
             with(kDesign, "\"bound\": null,", "\"bound\": null,,"),
             "... d.json:29:17: not valid JSON: unexpected ','"),
      design("two documents",
             kDesign + kDesign,
             "d.json:32:1: not valid JSON: unexpected '{'; expected end of input"),
      design("deep lists",
             std::string(200000, '['),
             "d.json: nested too deeply; expected at most 64 levels"),
      design("binary",
             std::string("PK\3\4\0\0", 6),
             "d.json:1: control character; expected a text file"),
  });
}

}  // namespace
}  // namespace masala::test
