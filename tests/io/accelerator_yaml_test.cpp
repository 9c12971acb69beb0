#include "masala/io/accelerator_yaml.h"

#include <gtest/gtest.h>

#include "io/data_dir.h"
#include "io/io_test_support.h"

namespace masala::io {
namespace {

using model::Accelerator;
using model::Dim;
using model::Operand;

// Two levels, every key in its shortest form.
const std::string kSmall =
    "name: tiny\n"                             // line 1
    "mac_energy_pj: 1\n"                       // 2
    "parameters:\n"                            // 3
    "  pe: {min: 2, max: 8}\n"                 // 4
    "levels:\n"                                // 5
    "  - name: buffer\n"                       // 6
    "    keeps: [weights]\n"                   // 7
    "    word_bits: 8\n"                       // 8
    "    capacity: {kib: {min: 1, max: 4}}\n"  // 9
    "    energy: {per_access_pj: 1}\n"         // 10
    "  - {name: dram, keeps: [weights, inputs, outputs], word_bits: 8, spatial: {K: pe}, "
    "energy: {per_access_pj: 2}}\n";  // 11

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kSmall;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string error_with(const std::string& from, const std::string& to) {
  return error_of([&] { parse_accelerator(replaced(from, to), "f"); });
}

TEST(AcceleratorYaml, GemminiIsReadAsWritten) {
  const Accelerator gemmini = read_accelerator(data_path("accelerators/gemmini.yaml"));
  EXPECT_EQ(gemmini.name, "gemmini");
  EXPECT_EQ(gemmini.mac_energy_pj, 0.5608);
  ASSERT_EQ(gemmini.num_levels(), 4);
  const model::Level& accumulator = gemmini.levels[1];
  EXPECT_EQ(accumulator.word_bits, 32);
  EXPECT_EQ(accumulator.instances.parameter, 0);
  EXPECT_EQ(accumulator.kib->max, 2048);
  EXPECT_EQ(accumulator.kib->fallback, 64);
  EXPECT_TRUE(accumulator.energy.linear_sram);
  EXPECT_EQ(gemmini.levels[0].capacity_words, 1);
  EXPECT_FALSE(gemmini.levels[0].rules.temporal[Dim::C]);
  EXPECT_FALSE(gemmini.levels[0].bandwidth_words_per_cycle.has_value());
  const model::Level& scratchpad = gemmini.levels[2];
  EXPECT_EQ(scratchpad.bandwidth_words_per_cycle->factor, 2.0);
  EXPECT_EQ(scratchpad.bandwidth_words_per_cycle->parameter, 0);
  EXPECT_EQ(scratchpad.spatial[0].dim, Dim::K);
  EXPECT_TRUE(scratchpad.keeps[Operand::inputs]);
  EXPECT_FALSE(scratchpad.keeps[Operand::outputs]);
  EXPECT_EQ(scratchpad.rules.temporal, model::filled(false));
  EXPECT_EQ(gemmini.area[4].exponents[1], std::make_pair(std::string("pe_dim"), 0.5));
}

TEST(AcceleratorYaml, DefaultsAreTheDocumentedOnes) {
  const Accelerator tiny = parse_accelerator(kSmall, "f");
  EXPECT_EQ(tiny.parameters[0].range.fallback, 2) << "min";
  EXPECT_EQ(tiny.parameters[0].range.step, 1);
  EXPECT_EQ(tiny.levels[0].instances.value({2}), 1.0);
  EXPECT_EQ(tiny.levels[0].block_words.value({2}), 1.0);
  EXPECT_FALSE(tiny.levels[0].double_buffered);
  EXPECT_EQ(tiny.levels[0].rules.temporal, model::filled(true));
}

TEST(AcceleratorYaml, RulesKeepTheirOrder) {
  const std::string rules = "    mapping: {temporal: [N, K, C], innermost: [N, C]}\n";
  const Accelerator tiny =
      parse_accelerator(replaced("    word_bits: 8\n", "    word_bits: 8\n" + rules), "f");
  EXPECT_EQ(tiny.levels[0].rules.innermost, (std::vector<Dim>{Dim::N, Dim::C}));
  EXPECT_TRUE(tiny.levels[0].rules.temporal[Dim::K]);
  EXPECT_FALSE(tiny.levels[0].rules.temporal[Dim::P]);
  EXPECT_EQ(to_yaml(parse_accelerator(to_yaml(tiny), "f")), to_yaml(tiny));
}

TEST(AcceleratorYaml, EveryBuiltInOneSurvivesARoundTrip) {
  for (const DataFile& file : builtin_files("accelerators")) {
    const std::string text = to_yaml(read_accelerator(file.path));
    EXPECT_EQ(to_yaml(parse_accelerator(text, file.path)), text);
  }
}

TEST(AcceleratorYaml, WritingLosesNothing) {
  const Accelerator rtl = read_accelerator(data_path("accelerators/gemmini-rtl.yaml"));
  const Accelerator again = parse_accelerator(to_yaml(rtl), "f");
  EXPECT_EQ(again.name, rtl.name);
  EXPECT_EQ(again.description, rtl.description);
  EXPECT_EQ(again.mac_energy_pj, rtl.mac_energy_pj);
  EXPECT_TRUE(again.parameters[0].range.is_fixed());
  ASSERT_EQ(again.num_levels(), rtl.num_levels());
  const model::Hardware hardware = model::default_hardware(rtl);
  EXPECT_EQ(model::default_hardware(again).kib, hardware.kib);
  EXPECT_EQ(model::area_mm2(again, hardware), model::area_mm2(rtl, hardware));
  const model::Machine a = model::resolve(rtl, hardware);
  const model::Machine b = model::resolve(again, hardware);
  EXPECT_EQ(a.keeps, b.keeps);
  EXPECT_EQ(a.spatial_limit, b.spatial_limit);
  EXPECT_EQ(a.capacity_words, b.capacity_words);
  EXPECT_EQ(a.bandwidth_words_per_cycle, b.bandwidth_words_per_cycle);
  EXPECT_EQ(a.block_words, b.block_words);
  EXPECT_EQ(a.block_energy_pj, b.block_energy_pj);
  for (int l = 0; l < rtl.num_levels(); ++l) {
    EXPECT_EQ(again.levels[l].double_buffered, rtl.levels[l].double_buffered);
    EXPECT_EQ(again.levels[l].rules.temporal, rtl.levels[l].rules.temporal);
    EXPECT_EQ(again.levels[l].rules.innermost, rtl.levels[l].rules.innermost);
    ASSERT_EQ(again.levels[l].kib.has_value(), rtl.levels[l].kib.has_value());
    if (!rtl.levels[l].kib) continue;
    EXPECT_EQ(again.levels[l].kib->powers_of_two, rtl.levels[l].kib->powers_of_two);
  }
}

TEST(AcceleratorYaml, ProblemsNameTheirPlace) {
  const std::string scaled = "a parameter, or number * parameter";
  const struct {
    const char* from;
    const char* to;
    std::string expected;
  } cases[] = {
      {"name: tiny",
       "name: 3d",
       "f:1:7: name: got \"3d\"; expected a name of letters, digits, '_' and "
       "'-' that starts with a letter"},
      {"mac_energy_pj: 1\n", "", "f:1:1: mac_energy_pj: missing; expected it in this map"},
      {"mac_energy_pj: 1",
       "mac_energy_pj: -1",
       "f:2:16: mac_energy_pj: got -1; expected a number >= 0"},
      {"{min: 2, max: 8}",
       "{min: 8, max: 2}",
       "f:4:21: parameters.pe.max: got 2; expected >= min, 8"},
      {"{min: 2, max: 8}",
       "{min: 2, max: 8, default: 9}",
       "f:4:33: parameters.pe.default: got 9; expected a value of the range and its step"},
      {"{min: 2, max: 8}",
       "{min: 3, max: 8, powers_of_two: true}",
       "f:4:13: parameters.pe.min: got 3; expected a power of two, as powers_of_two asks\n"
       "f:4:7: parameters.pe.default: got 3; expected a value of the range and its step"},
      {"{min: 2, max: 8}",
       "{min: 2, max: 8, step: 2, powers_of_two: true}",
       "f:4:30: parameters.pe.step: given together with powers_of_two; expected only one of them"},
      {"{min: 2, max: 8}",
       "{fixed: 4, max: 8}",
       "f:4:18: parameters.pe.max: unknown key; expected one of fixed"},
      {"keeps: [weights]",
       "keeps: [weight]",
       "f:7:13: levels[0].keeps[0]: got \"weight\"; expected weights, inputs or outputs (did you "
       "mean "
       "weights?)"},
      {"keeps: [weights]",
       "keeps: []",
       "f:7:12: levels[0].keeps: empty; expected at least one operand"},
      {"keeps: [weights]",
       "keeps: [weights, weights]",
       "f:7:22: levels[0].keeps[1]: weights given twice; expected each operand once"},
      {"    word_bits: 8\n",
       "    word_bits: 8\n    block_words: 2 * pf\n",
       "f:9:18: levels[0].block_words: got \"2 * pf\"; expected an integer >= 1, " + scaled},
      {"    word_bits: 8\n",
       "    word_bits: 8\n    instances: 1.5\n",
       "f:9:16: levels[0].instances: got 1.5; expected an integer >= 1, " + scaled},
      {"    word_bits: 8\n",
       "    word_bits: 8\n    bandwidth_words_per_cycle: fast\n",
       "f:9:32: levels[0].bandwidth_words_per_cycle: got \"fast\"; expected a number > 0, " +
           scaled},
      {"capacity: {kib",
       "capcity: {kib",
       "f:9:5: levels[0].capcity: unknown key (did you mean capacity?)"},
      {"    capacity: {kib: {min: 1, max: 4}}\n",
       "",
       "f:6:5: levels[0].capacity: missing; expected {words: ...} or {kib: ...}"},
      {"{kib: {min: 1, max: 4}}",
       "{kib: {fixed: 4}, words: 3}",
       "f:9:15: levels[0].capacity: got both or neither; expected one of words and kib"},
      {"energy: {per_access_pj: 1}",
       "energy: {}",
       "f:10:13: levels[0].energy: got both or neither; expected one of per_access_pj and "
       "linear_sram"},
      {"spatial: {K: pe}",
       "spatial: {X: pe}",
       "f:11:80: levels[1].spatial.X: unknown dimension \"X\"; expected one of R S P Q C K N"},
      {"[weights, inputs, outputs]",
       "[weights, inputs]",
       "f:11:25: levels[1].keeps: outputs missing; expected all operands at the outermost level"},
      {"name: dram",
       "name: buffer",
       "f:11:12: levels[1].name: buffer given twice; expected distinct level names"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(error_with(test.from, test.to), test.expected) << test.to;
  }
}

TEST(AcceleratorYaml, LevelsGivenOuterFirstAreNamedAsSuch) {
  const std::string text =
      "name: tiny\nmac_energy_pj: 1\nlevels:\n"
      "  - {name: dram, word_bits: 8, keeps: [weights, inputs, outputs], energy: {per_access_pj: "
      "2}}\n"
      "  - {name: buffer, word_bits: 8, keeps: [weights], capacity: {words: 1}, "
      "spatial: {K: 4}, energy: {per_access_pj: 1}}\n";
  EXPECT_EQ(error_of([&] { parse_accelerator(text, "f"); }),
            "f:4:3: levels: given outer first; expected inner to outer: dram last, as it keeps "
            "everything without a capacity");
}

TEST(AcceleratorYaml, LevelsMayShareKeysThroughAMergeKey) {
  const std::string text =
      "name: tiny\nmac_energy_pj: 1\n"
      "common: &common {word_bits: 16, energy: {per_access_pj: 2}}\n"
      "levels:\n"
      "  - {<<: *common, name: buffer, keeps: [weights], capacity: {words: 1}, word_bits: 8}\n"
      "  - {<<: *common, name: dram, keeps: [weights, inputs, outputs]}\n";
  const Accelerator accelerator = parse_accelerator(text, "f");
  EXPECT_EQ(accelerator.levels[0].word_bits, 8);
  EXPECT_EQ(accelerator.levels[1].word_bits, 16);
  EXPECT_EQ(accelerator.levels[1].energy.per_access_pj, 2.0);
  // What is wrong with a merged key is reported where it stands, once for every use.
  const std::string bad = "levels[0].energy.per_access_pj: got -2; expected a number >= 0\n";
  std::string wrong = text;
  wrong.replace(wrong.find("pj: 2}"), 6, "pj: -2}");
  EXPECT_EQ(error_of([&] { parse_accelerator(wrong, "f"); }).find("f:3:57: " + bad), 0U);
  // A key that nothing refers to is a mistake.
  std::string unused = text;
  unused.insert(0, "commons: {a: 1}\n");
  EXPECT_NE(error_of([&] { parse_accelerator(unused, "f"); }).find("f:1:1: commons: unknown key"),
            std::string::npos);
}

TEST(AcceleratorYaml, AreaNamesHardwareKeys) {
  EXPECT_EQ(
      error_of([] { parse_accelerator(kSmall + "area:\n  - {mm2: 1, bufer_kib: 1}\n", "f"); }),
      "f:13:25: area[0].bufer_kib: unknown hardware key; expected a parameter or <level>_kib");
}

TEST(AcceleratorYaml, ProgramAndSimulatorSurviveARoundTrip) {
  const std::string sections =
      "program: {driver: some-driver, measured_hardware: {buffer_kib: 2.5, pe: 4}}\n"
      "simulator: {latency: 10, occupancy: 0.25}\n";
  const Accelerator tiny = parse_accelerator(kSmall + sections, "f");
  const Accelerator again = parse_accelerator(to_yaml(tiny), "f");
  for (const Accelerator& read : {tiny, again}) {
    ASSERT_TRUE(read.program.has_value());
    EXPECT_EQ(read.program->driver, "some-driver");
    using Values = std::vector<std::pair<std::string, double>>;
    EXPECT_EQ(read.program->measured_hardware, (Values{{"buffer_kib", 2.5}, {"pe", 4.0}}));
    EXPECT_EQ(read.simulator, (Values{{"latency", 10.0}, {"occupancy", 0.25}}));
  }
  EXPECT_FALSE(parse_accelerator(kSmall, "f").program.has_value());
}

TEST(AcceleratorYaml, ProgramProblemsNameTheirPlace) {
  const struct {
    const char* sections;
    const char* expected;
  } cases[] = {
      {"program: {}\n", "f:12:10: program.driver: missing; expected it in this map"},
      {"program: {driver: d, measured_hardware: {pf: 4}}\n",
       "f:12:46: program.measured_hardware.pf: unknown hardware key; expected a parameter or "
       "<level>_kib"},
      {"program: {driver: d, measured_hardware: {pe: 0}}\n",
       "f:12:46: program.measured_hardware.pe: expected > 0"},
      {"program: {drivr: d}\n",
       "f:12:10: program.driver: missing; expected it in this map\n"
       "f:12:11: program.drivr: unknown key (did you mean driver?)"},
      {"simulator: {latency: fast}\n",
       "f:12:22: simulator.latency: got \"fast\"; expected a number >= 0"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(error_of([&] { parse_accelerator(kSmall + test.sections, "f"); }), test.expected)
        << test.sections;
  }
}

TEST(AcceleratorYaml, AllProblemsAreReportedAtOnce) {
  const std::string text = replaced("word_bits: 8\n    cap", "word_bits: no\n    cpa");
  EXPECT_EQ(error_of([&] { parse_accelerator(text, "f"); }),
            "f:8:16: levels[0].word_bits: got \"no\"; expected an integer from 1 to 1024\n"
            "f:9:5: levels[0].cpaacity: unknown key (did you mean capacity?)");
}

}  // namespace
}  // namespace masala::io
