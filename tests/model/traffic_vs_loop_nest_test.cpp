// count_traffic() against the brute-force interpreter on random small layers and mappings.
//
// What holds, and is asserted here:
//  * Weights and outputs: every count equals the interpreter's, whatever is unrolled where.
//  * Inputs: every count equals the interpreter's with Timeloop's credit rule, halo under spatial
//    P, Q, R and S included, but for one kind of count (the last test): reads of a parent whose
//    children, unrolled along a sliding dimension, hold positions that lie apart.
//  * The true nest (like_innermost_loop) differs only where some step has another net displacement
//    under the rule, or none at all: see TimeloopRule in traffic_test.cpp. That is a few mappings
//    in a hundred.
// Timeloop itself has not been run with P, Q, R or S unrolled: for those the interpreter is the
// only witness, and it assumes that a parent sends a word once to all of its children that need it,
// and that joint tiles are boxes, words between strides included.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "masala/model/traffic.h"
#include "support/accelerators.h"
#include "support/builders.h"
#include "support/loop_nest.h"
#include "support/random_mapping.h"

namespace masala::model {
namespace {

using masala::testing::children_lie_apart;
using masala::testing::credit_disagreements;
using masala::testing::CreditDisagreements;
using masala::testing::HaloCredit;
using masala::testing::interpret;
using masala::testing::words_fetched;

constexpr int kMappings = 2000;  // per accelerator
constexpr std::int64_t kMaxMacs = 400;

struct Case {
  Layer layer;
  Mapping mapping;
};

std::vector<Case> random_cases(const Machine& machine) {
  std::mt19937_64 rng(20);
  std::vector<Case> cases;
  for (int i = 0; i < kMappings; ++i) {
    Case& c = cases.emplace_back();
    c.layer = masala::testing::random_layer(rng, kMaxMacs);
    c.mapping = masala::testing::random_factorisation(c.layer, machine, rng);
  }
  return cases;
}

class TrafficVsLoopNest : public ::testing::TestWithParam<const char*> {
 protected:
  Accelerator accelerator_ = masala::testing::accelerator_named(GetParam());
  Machine machine_ = resolve(accelerator_, default_hardware(accelerator_));

  std::string describe(const Case& c) const {
    const Layer& l = c.layer;
    return to_text(c.mapping, accelerator_) + ", stride " + std::to_string(l.stride_w) + " " +
           std::to_string(l.stride_h) + ", dilation " + std::to_string(l.dilation_w) + " " +
           std::to_string(l.dilation_h);
  }

  // Calls visit(level, through) for the fills of every level and the reads of its parent.
  template <class Visit>
  void for_each_input_tile(const Visit& visit) const {
    for (int level = 0; level < machine_.num_levels; ++level) {
      const int parent = machine_.parent[level][Operand::inputs];
      if (parent < 0) continue;
      visit(level, level);
      visit(level, parent);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Accelerators,
                         TrafficVsLoopNest,
                         ::testing::Values("gemmini", "eyeriss_like", "five_level_toy"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST_P(TrafficVsLoopNest, WeightsAndOutputsAreEqualAtEveryLevel) {
  for (const Case& c : random_cases(machine_)) {
    const Traffic counted = count_traffic(c.mapping, c.layer, machine_);
    const Traffic walked = interpret(c.mapping, c.layer, machine_, HaloCredit::any_overlap);
    for (Operand operand : {Operand::weights, Operand::outputs}) {
      for (int l = 0; l < machine_.num_levels; ++l) {
        SCOPED_TRACE(describe(c) + ": " + std::string(name(operand)) + " at level " +
                     std::to_string(l));
        ASSERT_EQ(counted.reads[l][operand], walked.reads[l][operand]);
        ASSERT_EQ(counted.fills[l][operand], walked.fills[l][operand]);
        ASSERT_EQ(counted.updates[l][operand], walked.updates[l][operand]);
      }
    }
  }
}

TEST_P(TrafficVsLoopNest, InputsAreEqualUnderTimeloopsRuleAtEveryLevel) {
  constexpr Operand kInputs = Operand::inputs;
  int unrolled_halos = 0;
  for (const Case& c : random_cases(machine_)) {
    const Traffic counted = count_traffic(c.mapping, c.layer, machine_);
    const Traffic walked = interpret(c.mapping, c.layer, machine_, HaloCredit::as_timeloop);
    int child = -1;
    for (int l = 0; l < machine_.num_levels; ++l) {
      SCOPED_TRACE(describe(c) + ": inputs at level " + std::to_string(l));
      ASSERT_EQ(counted.fills[l][kInputs], walked.fills[l][kInputs]);
      ASSERT_EQ(counted.updates[l][kInputs], 0);
      const bool is_box = child < 0 || !children_lie_apart(c.mapping, child, l);
      if (is_box) {
        ASSERT_EQ(counted.reads[l][kInputs], walked.reads[l][kInputs]);
      }
      if (machine_.keeps[l][kInputs]) child = l;
      for (Dim dim : {Dim::R, Dim::S, Dim::P, Dim::Q}) {
        unrolled_halos += c.mapping.levels[l].spatial[dim] > 1 ? 1 : 0;
      }
    }
  }
  const bool unrolls_sliding_dims = accelerator_.name != "gemmini";
  EXPECT_EQ(unrolled_halos > kMappings / 4, unrolls_sliding_dims);  // it was put to the test
}

TEST_P(TrafficVsLoopNest, InputsDifferFromTheTrueNestOnlyWhereTheRuleMisjudgesAStep) {
  int differing = 0;
  int misjudged = 0;
  for (const Case& c : random_cases(machine_)) {
    bool differs = false;
    CreditDisagreements all;
    for_each_input_tile([&](int level, int through) {
      const auto fetched = [&](HaloCredit credit) {
        return words_fetched(Operand::inputs, c.mapping, c.layer, level, through, credit);
      };
      const std::int64_t rule = fetched(HaloCredit::as_timeloop);
      const std::int64_t truth = fetched(HaloCredit::like_innermost_loop);
      const CreditDisagreements why = credit_disagreements(c.mapping, c.layer, level, through);
      SCOPED_TRACE(describe(c) + ": level " + std::to_string(level) + " through " +
                   std::to_string(through));
      // A credit too many can only lower the count, one too few only raise it.
      if (why.only_timeloop_credits == 0) {
        EXPECT_GE(rule, truth);
      }
      if (why.only_truth_credits + why.tile_stays == 0) {
        EXPECT_LE(rule, truth);
      }
      if (!why.any()) {
        EXPECT_EQ(rule, truth);
      }
      differs = differs || rule != truth;
      all.only_timeloop_credits += why.only_timeloop_credits;
      all.only_truth_credits += why.only_truth_credits;
      all.tile_stays += why.tile_stays;
    });
    differing += differs ? 1 : 0;
    misjudged += all.any() ? 1 : 0;
  }
  RecordProperty("differing", differing);
  RecordProperty("misjudged", misjudged);
  // Seen: gemmini 0.9 %, eyeriss-like 2.6 %, five-level 2.9 %; it depends on the kind of mapping.
  EXPECT_LE(differing, kMappings * 5 / 100);
  EXPECT_GT(differing, 0);
}

TEST_P(TrafficVsLoopNest, CreditForAnyOverlapNeverFetchesMoreThanTheTrueRule) {
  for (const Case& c : random_cases(machine_)) {
    for_each_input_tile([&](int level, int through) {
      const auto fetched = [&](HaloCredit credit) {
        return words_fetched(Operand::inputs, c.mapping, c.layer, level, through, credit);
      };
      EXPECT_LE(fetched(HaloCredit::any_overlap), fetched(HaloCredit::like_innermost_loop))
          << describe(c);
    });
  }
}

// Both numbers of a parent's reads and the fills of its children, for inputs of the five-level toy.
struct ParentReads {
  std::int64_t counted = 0;
  std::int64_t walked = 0;
  std::int64_t child_fills = 0;
};

ParentReads reads_of_level_2(const std::string& text, const Layer& layer) {
  const Accelerator accelerator = masala::testing::five_level_toy();
  const Machine machine = resolve(accelerator, default_hardware(accelerator));
  const Mapping mapping = masala::testing::mapping_of(text, accelerator);
  const Traffic counted = count_traffic(mapping, layer, machine);
  const Traffic walked = interpret(mapping, layer, machine, HaloCredit::as_timeloop);
  EXPECT_EQ(counted.fills[0][Operand::inputs], walked.fills[0][Operand::inputs]);
  return {counted.reads[2][Operand::inputs],
          walked.reads[2][Operand::inputs],
          counted.fills[0][Operand::inputs]};
}

TEST(InputsUnderSpatialP, AreReadOnceForAllChildrenThatShareTheHalo) {
  // Two PEs with P1 R3 hold words 0-2 and 1-3: 6 fills, 4 reads.
  const ParentReads reads =
      reads_of_level_2("L4[WIO] N1 - L3[WO] N1 - L2[I] P2X - L1[WO] N1 - L0[I] R3",
                       masala::testing::layer_of("P2 R3"));
  EXPECT_EQ(reads.counted, 4);
  EXPECT_EQ(reads.walked, 4);
  EXPECT_EQ(reads.child_fills, 6);
}

TEST(InputsUnderSpatialP, CountWordsBetweenStridesAsInAnyTile) {
  // Stride 3 and no filter: the PEs hold words 0 and 3. The joint tile is the box 0-3, so the
  // parent reads 4 words although its children take 2.
  Layer layer = masala::testing::layer_of("P2");
  layer.stride_w = 3;
  const ParentReads reads =
      reads_of_level_2("L4[WIO] N1 - L3[WO] N1 - L2[I] P2X - L1[WO] N1 - L0[I] N1", layer);
  EXPECT_EQ(reads.counted, 4);
  EXPECT_EQ(reads.walked, 4);
  EXPECT_EQ(reads.child_fills, 2);
}

TEST(InputsUnderSpatialP, AreApproximateWhenTheChildrenLieApart) {
  // P4, stride 3, a P loop between the PEs and their parent: the PEs hold words 0 and 6, then 3
  // and 9. The counts take neighbours, 0-3 moving by 6: 4 + 4 words; boxes over the true positions,
  // 0-6 and 3-9, would be 7 + 3. The PEs take 4.
  Layer layer = masala::testing::layer_of("P4");
  layer.stride_w = 3;
  const ParentReads reads =
      reads_of_level_2("L4[WIO] N1 - L3[WO] N1 - L2[I] P2X - L1[WO] P2 - L0[I] N1", layer);
  EXPECT_EQ(reads.counted, 8);
  EXPECT_EQ(reads.walked, 10);
  EXPECT_EQ(reads.child_fills, 4);
}

}  // namespace
}  // namespace masala::model
