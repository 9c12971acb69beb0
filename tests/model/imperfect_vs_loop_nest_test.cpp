// Counts at imperfect factors against the brute-force interpreter, which leaves out what lies
// beyond a bound, on random small layers and ceil tilings.
//
//  * Weights and outputs: every count equals the interpreter's.
//  * Inputs: every count equals the interpreter's under the credit rule of docs/model.md, but for
//    the reads of parents whose children lie apart (see children_lie_apart()).
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "masala/model/cost.h"
#include "masala/model/traffic.h"
#include "model/imperfect_nest.h"
#include "model/loop_nest.h"
#include "model/perfect_nest.h"
#include "support/accelerators.h"
#include "support/loop_nest.h"
#include "support/random_mapping.h"

namespace masala::model {
namespace {

using masala::testing::busiest_accesses;
using masala::testing::children_lie_apart;
using masala::testing::HaloCredit;
using masala::testing::interpret;

constexpr int kMappings = 3000;  // per accelerator
constexpr std::int64_t kMaxMacs = 400;
constexpr int kMaxBound = 11;

struct Case {
  Layer layer;
  Mapping mapping;
};

class ImperfectVsLoopNest : public ::testing::TestWithParam<const char*> {
 protected:
  Accelerator accelerator_ = masala::testing::accelerator_named(GetParam());
  Machine machine_ = resolve(accelerator_, default_hardware(accelerator_));

  std::vector<Case> random_cases() const {
    std::mt19937_64 rng(21);
    std::vector<Case> cases;
    while (cases.size() < kMappings) {
      Case c;
      c.layer = masala::testing::random_layer(rng, kMaxMacs, kMaxBound);
      c.mapping = masala::testing::random_ceil_tiling(c.layer, machine_, rng);
      if (!is_perfect(c.mapping, c.layer)) cases.push_back(c);
    }
    return cases;
  }

  std::string describe(const Case& c) const {
    const Layer& l = c.layer;
    std::string text = to_text(c.mapping, accelerator_) + ", bounds";
    for (Dim dim : kAllDims) text += " " + std::string(name(dim)) + std::to_string(l.bounds[dim]);
    return text + ", stride " + std::to_string(l.stride_w) + " " + std::to_string(l.stride_h) +
           ", dilation " + std::to_string(l.dilation_w) + " " + std::to_string(l.dilation_h);
  }

  // True when every tile of inputs that the mapping moves is a box.
  bool inputs_are_boxes(const Mapping& mapping) const {
    for (int l = 0; l < machine_.num_levels; ++l) {
      const int parent = machine_.parent[l][Operand::inputs];
      if (parent >= 0 && children_lie_apart(mapping, l, parent)) return false;
    }
    return true;
  }
};

INSTANTIATE_TEST_SUITE_P(Accelerators,
                         ImperfectVsLoopNest,
                         ::testing::Values("gemmini", "eyeriss_like", "five_level_toy"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST_P(ImperfectVsLoopNest, WeightsAndOutputsAreEqualAtEveryLevel) {
  for (const Case& c : random_cases()) {
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

TEST_P(ImperfectVsLoopNest, InputsAreEqualAtEveryLevel) {
  constexpr Operand kInputs = Operand::inputs;
  int reads_compared = 0;
  for (const Case& c : random_cases()) {
    const Traffic counted = count_traffic(c.mapping, c.layer, machine_);
    const Traffic walked = interpret(c.mapping, c.layer, machine_, HaloCredit::as_timeloop);
    int child = -1;
    for (int l = 0; l < machine_.num_levels; ++l) {
      SCOPED_TRACE(describe(c) + ": inputs at level " + std::to_string(l));
      ASSERT_EQ(counted.fills[l][kInputs], walked.fills[l][kInputs]);
      ASSERT_EQ(counted.updates[l][kInputs], 0);
      if (child < 0 || !children_lie_apart(c.mapping, child, l)) {
        ASSERT_EQ(counted.reads[l][kInputs], walked.reads[l][kInputs]);
        ++reads_compared;
      }
      if (machine_.keeps[l][kInputs]) child = l;
    }
  }
  EXPECT_GT(reads_compared, kMappings * machine_.num_levels * 3 / 4);
}

TEST_P(ImperfectVsLoopNest, StepsAndMacsAreThoseThatRun) {
  int idle = 0;
  for (const Case& c : random_cases()) {
    const masala::testing::Work work = masala::testing::work_of(c.mapping, c.layer);
    const LayerCost cost = cost_of(c.mapping, c.layer, machine_);
    SCOPED_TRACE(describe(c));
    ASSERT_EQ(cost.compute_cycles, work.steps);
    ASSERT_EQ(c.layer.macs(), work.macs);
    idle += work.steps * used_instances(c.mapping, -1) > work.macs ? 1 : 0;
  }
  EXPECT_GT(idle, kMappings / 10);  // some PEs had nothing to do
}

TEST_P(ImperfectVsLoopNest, WordsNeededAreThoseOfTheLargestTiles) {
  for (const Case& c : random_cases()) {
    EXPECT_EQ(words_needed(c.mapping, c.layer, accelerator_),
              masala::testing::largest_tiles(c.mapping, c.layer, machine_))
        << describe(c);
  }
}

TEST_P(ImperfectVsLoopNest, ItsMappingsHaveNoIterationsWithoutWork) {
  for (const Case& c : random_cases()) {
    for (const std::string& problem :
         problems(c.mapping, c.layer, accelerator_, machine_, Factors::imperfect)) {
      EXPECT_EQ(problem.substr(0, 8), "tile of ") << problem;  // capacities may be too small
    }
  }
}

TEST_P(ImperfectVsLoopNest, TheFirstInstanceOfALevelIsTheBusiest) {
  for (const Case& c : random_cases()) {
    if (!inputs_are_boxes(c.mapping)) continue;
    const PerLevel<std::int64_t> busiest =
        busiest_accesses(c.mapping, c.layer, machine_, HaloCredit::as_timeloop);
    for (int l = 0; l < machine_.num_levels; ++l) {
      const Traffic first = count_first_instance(c.mapping, c.layer, machine_, l);
      std::int64_t accesses = 0;
      for (Operand operand : kAllOperands) {
        accesses += first.reads[l][operand] + first.fills[l][operand] + first.updates[l][operand];
      }
      ASSERT_EQ(accesses, busiest[l]) << describe(c) << ": level " << l;
    }
  }
}

TEST_P(ImperfectVsLoopNest, PerfectFactorsAreASpecialCase) {
  std::mt19937_64 rng(22);
  for (int i = 0; i < kMappings; ++i) {
    const Layer layer = masala::testing::random_layer(rng, kMaxMacs * 100, kMaxBound * 2);
    const Mapping mapping = masala::testing::random_factorisation(layer, machine_, rng);
    ASSERT_TRUE(is_perfect(mapping, layer));
    SCOPED_TRACE(describe({layer, mapping}));
    const Traffic perfect = count_traffic(mapping, layer, machine_);
    const PerfectFactors whole(mapping);
    const ImperfectFactors clipped(mapping, layer, Instances::all);
    for (Operand operand : kAllOperands) {
      for (int l = 0; l < machine_.num_levels; ++l) {
        for (bool all_steps : {false, true}) {
          ASSERT_EQ(clipped.combinations(operand, l, all_steps),
                    whole.combinations(operand, l, all_steps));
        }
        for (int through = l; through < machine_.num_levels; ++through) {
          ASSERT_EQ(LoopNest<ImperfectNest>(clipped, layer, l, through).words_filled(operand),
                    LoopNest<PerfectNest>(whole, layer, l, through).words_filled(operand));
        }
      }
    }
    for (int l = 0; l < machine_.num_levels; ++l) {
      const Traffic first = count_first_instance(mapping, layer, machine_, l);
      const std::int64_t instances = used_instances(mapping, l);
      for (Operand operand : kAllOperands) {
        ASSERT_EQ(first.reads[l][operand] * instances, perfect.reads[l][operand]);
        ASSERT_EQ(first.fills[l][operand] * instances, perfect.fills[l][operand]);
        ASSERT_EQ(first.updates[l][operand] * instances, perfect.updates[l][operand]);
      }
    }
    const ImperfectFactors first_pe(mapping, layer, Instances::first);
    ASSERT_EQ(first_pe.combinations(Operand::weights, -1, true),
              cost_of(mapping, layer, machine_).compute_cycles);
  }
}

}  // namespace
}  // namespace masala::model
