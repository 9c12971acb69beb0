#include "masala/model/mapping.h"

#include <gtest/gtest.h>

#include "support/accelerators.h"
#include "support/builders.h"
#include "support/random_mapping.h"

namespace masala::model {
namespace {

using masala::testing::eyeriss_like;
using masala::testing::five_level_toy;
using masala::testing::gemmini;
using masala::testing::hardware_of;
using masala::testing::layer_of;
using masala::testing::mapping_of;
using Order = std::array<Dim, kNumDims>;
using Problems = std::vector<std::string>;

constexpr const char* kDocumented =
    "L3[WIO] K16 Q7 C8 - L2[WI] N1 K16X - L1[O] K2 S7 R7 Q4 P7 C16X - L0[W] P16";

void expect_equal(const Mapping& a, const Mapping& b) {
  ASSERT_EQ(a.num_levels, b.num_levels);
  for (int l = 0; l < a.num_levels; ++l) {
    EXPECT_EQ(a.levels[l].temporal, b.levels[l].temporal) << "level " << l;
    EXPECT_EQ(a.levels[l].spatial, b.levels[l].spatial) << "level " << l;
    EXPECT_EQ(a.levels[l].order, b.levels[l].order) << "level " << l;
  }
}

// The single complaint about a text, for Gemmini.
std::string complaint(const std::string& text) {
  const ParsedMapping parsed = parse_mapping(text, gemmini());
  return parsed.problems.size() == 1 ? parsed.problems[0]
                                     : std::to_string(parsed.problems.size()) + " problems";
}

TEST(MappingText, ReadsFactorsAndLoopOrder) {
  const ParsedMapping parsed = parse_mapping(kDocumented, gemmini());
  ASSERT_EQ(parsed.problems, Problems{});
  const auto& levels = parsed.mapping.levels;
  EXPECT_EQ(parsed.mapping.num_levels, 4);
  EXPECT_EQ(levels[3].temporal[Dim::K], 16);
  EXPECT_EQ(levels[3].temporal[Dim::Q], 7);
  EXPECT_EQ(levels[3].temporal[Dim::C], 8);
  EXPECT_EQ(levels[3].temporal[Dim::P], 1);
  EXPECT_EQ(levels[2].temporal, filled<std::int64_t>(1));
  EXPECT_EQ(levels[2].spatial[Dim::K], 16);
  EXPECT_EQ(levels[1].spatial[Dim::C], 16);
  EXPECT_EQ(levels[1].temporal[Dim::C], 1);
  EXPECT_EQ(levels[0].temporal[Dim::P], 16);
  // Loops of bound 1 stand outside the written ones, in the order R S P Q C K N.
  EXPECT_EQ(levels[3].order, (Order{Dim::R, Dim::S, Dim::P, Dim::N, Dim::K, Dim::Q, Dim::C}));
  EXPECT_EQ(levels[1].order, (Order{Dim::C, Dim::N, Dim::K, Dim::S, Dim::R, Dim::Q, Dim::P}));
}

TEST(MappingText, PrintsWhatItRead) {
  EXPECT_EQ(to_text(mapping_of(kDocumented, gemmini()), gemmini()), kDocumented);
}

TEST(MappingText, FactorsMultiplyAcrossLevelsAndUnrolling) {
  const Mapping mapping = mapping_of(kDocumented, gemmini());
  EXPECT_EQ(factor_product(mapping, Dim::K), 16 * 16 * 2);
  EXPECT_EQ(factor_product(mapping, Dim::P), 7 * 16);
  EXPECT_EQ(factor_product(mapping, Dim::C), 8 * 16);
  EXPECT_EQ(factor_product(mapping, Dim::N), 1);
}

TEST(MappingText, FactorProductsThatOverflowAreMarked) {
  Mapping mapping = mapping_of(kDocumented, gemmini());
  for (int l = 1; l < 4; ++l) mapping.levels[l].temporal[Dim::P] = kMaxBound;
  EXPECT_EQ(factor_product(mapping, Dim::P), -1);
}

TEST(MappingText, OrdersOfSpatialAndUnitFactorsMakeNoDifference) {
  const Mapping plain =
      mapping_of("L3[WIO] K4 P2 - L2[WI] N1 K2X - L1[O] C2X - L0[W] N1", gemmini());
  expect_equal(plain,
               mapping_of("L3[WIO] C1 K4 R1 P2 - L2[WI] K2X - L1[O] N1 C2X - L0[W]", gemmini()));
  expect_equal(plain,
               mapping_of("  L3[WIO]\tK4  P2 -\nL2[WI] K2X N1 - L1[O] C2X - L0[W] N1 ", gemmini()));
}

TEST(MappingText, RandomMappingsSurviveTheRoundTrip) {
  std::mt19937_64 rng(3);
  for (const Accelerator& accelerator : {gemmini(), eyeriss_like(), five_level_toy()}) {
    const Machine machine = resolve(accelerator, default_hardware(accelerator));
    for (int i = 0; i < 300; ++i) {
      const Layer layer = masala::testing::random_layer(rng, 2000);
      const Mapping mapping = masala::testing::random_mapping(layer, accelerator, machine, rng);
      const std::string text = to_text(mapping, accelerator);
      const ParsedMapping parsed = parse_mapping(text, accelerator);
      ASSERT_EQ(parsed.problems, Problems{}) << text;
      expect_equal(parsed.mapping, mapping);
      EXPECT_EQ(to_text(parsed.mapping, accelerator), text);
    }
  }
}

TEST(MappingText, AWrongLevelLabelIsShownWithTheOneExpected) {
  EXPECT_EQ(complaint("L2[WI] N1"), "mapping, character 1: got \"L2[WI]\"; expected L3[WIO]");
  EXPECT_EQ(complaint("L3[WIO] N1 - L2[IW] N1"),
            "mapping, character 14: got \"L2[IW]\"; expected L2[WI]");
  EXPECT_EQ(complaint("L3 [WIO] N1"), "mapping, character 1: got \"L3\"; expected L3[WIO]");
}

TEST(MappingText, AnEarlyEndSaysWhatIsMissing) {
  EXPECT_EQ(complaint(""), "mapping, character 1: the text ends; expected L3[WIO]");
  EXPECT_EQ(complaint("   "), "mapping, character 4: the text ends; expected L3[WIO]");
  EXPECT_EQ(complaint("L3[WIO] K16"),
            "mapping, character 12: the text ends; expected \" - \" and L2[WI]");
  EXPECT_EQ(complaint("L3[WIO] K16 -"), "mapping, character 14: the text ends; expected L2[WI]");
}

TEST(MappingText, SurplusLevelsAreRefused) {
  EXPECT_EQ(complaint("L3[WIO] N1 - L2[WI] N1 - L1[O] N1 - L0[W] N1 - L0[W] N1"),
            "mapping, character 46: got \"-\"; expected the end of the mapping");
}

TEST(MappingText, WordsThatAreNoFactorsAreRefused) {
  const std::string expected =
      "; expected a dimension R S P Q C K N and a factor from 1 to 2147483648, X for spatial, as "
      "K16 or C16X";
  for (const char* word : {"M4",
                           "k4",
                           "4",
                           "K",
                           "KX",
                           "K0",
                           "K-2",
                           "K+2",
                           "K2.5",
                           "K2x",
                           "KX2",
                           "K2XX",
                           "K2147483649",
                           "K99999999999999999999",
                           "L2[WI]",
                           "--"}) {
    EXPECT_EQ(complaint("L3[WIO] P2 " + std::string(word) + " - L2[WI] N1"),
              "mapping, character 12: got \"" + std::string(word) + "\"" + expected);
  }
}

TEST(MappingText, OddAndLongWordsAreQuotedSafely) {
  EXPECT_EQ(complaint("L3\x01\xff").substr(0, 33), "mapping, character 1: got \"L3??\";");
  EXPECT_EQ(complaint(std::string(5000, 'z')),
            "mapping, character 1: got \"" + std::string(40, 'z') + "\"; expected L3[WIO]");
}

TEST(MappingText, ADimensionStandsOncePerLevelAndKind) {
  EXPECT_EQ(complaint("L3[WIO] K2 C2 K4"),
            "mapping, character 15: got \"K4\"; expected each dimension once per level");
  EXPECT_EQ(complaint("L3[WIO] K1 K4"),
            "mapping, character 12: got \"K4\"; expected each dimension once per level");
  EXPECT_EQ(complaint("L3[WIO] N1 - L2[WI] K2X K4X"),
            "mapping, character 25: got \"K4X\"; expected each dimension once per level");
}

// A layer and mapping that fill the scratchpad's 1,024 words: weights 8 x 64, inputs 64 x 8.
struct Fitting {
  Accelerator accelerator = gemmini();
  Layer layer = layer_of("C8 K64 P64");
  Mapping mapping =
      mapping_of("L3[WIO] N1 - L2[WI] K4 K16X - L1[O] C2 C4X - L0[W] P64", accelerator);
  Hardware hardware =
      hardware_of(accelerator, {{"pe_dim", 16}, {"scratchpad_kib", 1}, {"accumulator_kib", 4}});

  Problems found() const {
    return problems(mapping, layer, accelerator, resolve(accelerator, hardware));
  }
};

TEST(MappingProblems, NoneAtExactlyTheCapacity) {
  // Accumulator: 4 KiB / 4 B / 16 = 64 words per instance, and the tile is P64.
  EXPECT_EQ(Fitting{}.found(), Problems{});
}

TEST(MappingProblems, OneWordOverTheCapacity) {
  Fitting fitting;
  fitting.hardware.kib[2] = 1023.0 / 1024.0;
  fitting.hardware.kib[1] = 63.0 * 4 * 16 / 1024;
  EXPECT_EQ(fitting.found(),
            (Problems{"tile of accumulator needs 64 words; expected at most 63 per instance",
                      "tile of scratchpad needs 1024 words; expected at most 1023 per instance"}));
}

TEST(MappingProblems, RegistersHoldOneWord) {
  Fitting fitting;
  fitting.mapping =
      mapping_of("L3[WIO] N1 - L2[WI] K4 K16X - L1[O] C4X - L0[W] C2 P64", fitting.accelerator);
  EXPECT_EQ(fitting.found(),
            (Problems{"tile of registers needs 2 words; expected at most 1 per instance"}));
}

TEST(MappingProblems, DoubleBufferingHalvesWhatATileMayUse) {
  Fitting fitting;
  fitting.accelerator.levels[2].double_buffered = true;
  EXPECT_EQ(
      fitting.found(),
      (Problems{"tile of scratchpad needs 2048 words (double-buffered); expected at most 1024 "
                "per instance"}));
}

TEST(MappingProblems, CapacitiesBelowOneWordHoldNothing) {
  Fitting fitting;
  fitting.hardware.kib[1] = 0.01;  // 2.56 words in 16 instances
  EXPECT_EQ(fitting.found(),
            (Problems{"tile of accumulator needs 64 words; expected at most 0 per instance"}));
}

TEST(MappingProblems, FactorsMustMultiplyToTheBounds) {
  Fitting fitting;
  fitting.layer.bounds[Dim::K] = 63;
  fitting.layer.bounds[Dim::N] = 2;
  EXPECT_EQ(fitting.found(),
            (Problems{"K factors multiply to 64 (dram 1, scratchpad 4 (spatial 16), accumulator 1, "
                      "registers 1); expected the layer's K = 63",
                      "N factors multiply to 1 (dram 1, scratchpad 1, accumulator 1, registers 1); "
                      "expected the layer's N = 2"}));
}

TEST(MappingProblems, FactorsThatOverflowDoNotWrapAround) {
  Fitting fitting;
  for (int l = 0; l < 4; ++l) fitting.mapping.levels[l].temporal[Dim::P] = kMaxBound;
  EXPECT_EQ(
      fitting.found(),
      (Problems{"P factors multiply to more than 2^63 (dram 2147483648, scratchpad 2147483648, "
                "accumulator 2147483648, registers 2147483648); expected the layer's P = 64"}));
}

TEST(MappingProblems, SpatialFactorsStayWithinTheirLimits) {
  Fitting fitting;
  set_hardware_value(fitting.accelerator, fitting.hardware, "pe_dim", 15);
  EXPECT_EQ(fitting.found(),
            (Problems{"K16X at scratchpad: spatial factor 16; expected at most 15"}));
}

TEST(MappingProblems, OnlyDeclaredDimensionsMayBeUnrolled) {
  Fitting fitting;
  fitting.mapping =
      mapping_of("L3[WIO] K4X - L2[WI] K16X - L1[O] C4 P2X - L0[W] P32 C2X", fitting.accelerator);
  EXPECT_EQ(fitting.found(),
            (Problems{"C2X at registers: spatial factor 2; expected at most 1",
                      "P2X at accumulator: spatial factor 2; expected at most 1",
                      "K4X at dram: spatial factor 4; expected at most 1",
                      "tile of registers needs 2 words; expected at most 1 per instance"}));
}

TEST(MappingRules, TheDocumentedMappingKeepsThem) {
  EXPECT_EQ(rule_violations(mapping_of(kDocumented, gemmini()), gemmini()), Problems{});
}

TEST(MappingRules, OnlyAllowedLoopsAtALevel) {
  const Mapping mapping =
      mapping_of("L3[WIO] N1 - L2[WI] P2 - L1[O] N1 - L0[W] N2 C3 R2", gemmini());
  EXPECT_EQ(rule_violations(mapping, gemmini()),
            (Problems{"R loop at registers: not allowed by its mapping rules",
                      "C loop at registers: not allowed by its mapping rules",
                      "P loop at scratchpad: not allowed by its mapping rules"}));
}

TEST(MappingRules, InnermostLoopsStayInnermostAndInOrder) {
  Accelerator accelerator = gemmini();
  accelerator.levels[1].rules.innermost = {Dim::P, Dim::Q, Dim::N};  // outer to inner
  const auto broken = [&](const std::string& loops) {
    const Mapping mapping =
        mapping_of("L3[WIO] N1 - L2[WI] N1 - L1[O] " + loops + " - L0[W] N1", accelerator);
    return rule_violations(mapping, accelerator) ==
           Problems{"loop order at accumulator: breaks its innermost rule"};
  };
  EXPECT_FALSE(broken("C2 K2 P2 Q2 N2"));
  EXPECT_FALSE(broken("K2 C2 Q2"));  // absent ones do not matter
  EXPECT_FALSE(broken("C2 K2"));
  EXPECT_FALSE(broken("P2 C1 Q2"));  // nor does a loop of bound 1
  EXPECT_TRUE(broken("P2 C2"));      // C inside P
  EXPECT_TRUE(broken("P2 C2 Q2 N2"));
  EXPECT_TRUE(broken("C2 Q2 P2"));  // P must be outside Q
}

TEST(MappingRules, SpatialFactorsAreNotTheirBusiness) {
  const Mapping mapping =
      mapping_of("L3[WIO] N1 - L2[WI] N1 K4X - L1[O] P2 C4X - L0[W] P2", gemmini());
  EXPECT_EQ(rule_violations(mapping, gemmini()), Problems{});
}

}  // namespace
}  // namespace masala::model
