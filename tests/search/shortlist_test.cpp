#include "search/exact/shortlist.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <stdexcept>

#include "search/fake_latency.h"
#include "search/sampling/best_sampler.h"
#include "search/search_test_support.h"
#include "search/space/hardware_space.h"

namespace masala::search {
namespace {

using masala::testing::layer_of;

constexpr double kMicrojoules = 1e-6;

double edp(double energy_pj, double cycles) {
  return energy_pj * kMicrojoules * cycles;
}

// Gemmini with 16 x 16, 4 and 4 KiB.
model::Hardware small_hardware(const Problem& problem) {
  model::Hardware hardware = largest_hardware(problem);
  model::set_hardware_value(problem.accelerator, hardware, "scratchpad_kib", 4);
  model::set_hardware_value(problem.accelerator, hardware, "accumulator_kib", 4);
  return hardware;
}

Problem tiny_problem() {
  Problem problem = small_problem();
  problem.workload.layers = {layer_of("R3 P4 Q2 C8 K32")};
  return problem;
}

std::vector<CostedMapping> listed(const Problem& problem, std::size_t count) {
  const DiscreteSpace space(problem);
  const model::Machine machine = model::resolve(problem.accelerator, small_hardware(problem));
  return shortlist({space, 0, machine}, {count, edp});
}

TEST(Shortlist, BeginsWithTheOptimum) {
  Problem problem = tiny_problem();
  problem.fixed = {{"pe_dim", 16}, {"scratchpad_kib", 4}, {"accumulator_kib", 4}};
  const std::vector<CostedMapping> best = listed(problem, 1);
  ASSERT_EQ(best.size(), 1U);
  const double optimum = brute_force_optimum(problem);
  EXPECT_NEAR(edp(best[0].energy_pj, best[0].cycles), optimum, 1e-9 * optimum);
}

TEST(Shortlist, IsTheHeadOfAllMappingsByPriceWithALatencyModelToo) {
  Problem problem = tiny_problem();
  for (bool has_model : {false, true}) {
    if (has_model) problem.latency = std::make_shared<FakeLatency>();
    const std::vector<CostedMapping> all = listed(problem, 1000000);
    ASSERT_GT(all.size(), 100U);
    std::set<std::string> texts;
    const model::Machine machine = model::resolve(problem.accelerator, small_hardware(problem));
    for (std::size_t i = 0; i < all.size(); ++i) {
      texts.insert(model::to_text(all[i].mapping, problem.accelerator));
      EXPECT_TRUE(problem.evaluator().fits(all[i].mapping, problem.workload.layers[0], machine));
      if (i > 0) {
        EXPECT_LE(edp(all[i - 1].energy_pj, all[i - 1].cycles),
                  edp(all[i].energy_pj, all[i].cycles));
      }
    }
    EXPECT_EQ(texts.size(), all.size());
    const std::vector<CostedMapping> head = listed(problem, 20);
    ASSERT_EQ(head.size(), 20U);
    for (std::size_t i = 0; i < head.size(); ++i) {
      EXPECT_EQ(model::to_text(head[i].mapping, problem.accelerator),
                model::to_text(all[i].mapping, problem.accelerator));
      EXPECT_EQ(head[i].cycles, all[i].cycles);
      EXPECT_EQ(head[i].energy_pj, all[i].energy_pj);
    }
  }
}

TEST(Shortlist, TheDriverDecidesWhatRuns) {
  Problem problem = tiny_problem();
  problem.driver_words = [](const model::Mapping&, const model::Layer&, const model::Machine&) {
    model::PerLevel<std::int64_t> words{};
    words[1] = 1 << 30;
    return words;
  };
  EXPECT_TRUE(listed(problem, 5).empty());
}

TEST(Shortlist, TooManyMappingsAreRefused) {
  Problem problem = small_problem();
  problem.workload.layers = {layer_of("R64 S64 P4096 Q4096 C4096 K4096 N16")};
  EXPECT_THROW(listed(problem, 1), std::invalid_argument);
}

BestSampleRequest request_of(std::int64_t count) {
  BestSampleRequest request;
  request.problem = tiny_problem();
  request.layers = {layer_of("R3 P4 Q2 C8 K32"), layer_of("P8 C64 K32")};
  request.best = 10;
  request.count = count;
  request.seed = 3;
  return request;
}

TEST(BestSampler, RowsAreAmongTheBestOfTheirHardware) {
  const BestSampleRequest request = request_of(64);
  const std::vector<SampledMapping> rows = sample_best(request);
  ASSERT_EQ(rows.size(), 64U);
  Problem both = request.problem;
  both.workload.layers = request.layers;
  const DiscreteSpace space(both);
  std::vector<std::int64_t> turns(2, 0);
  int new_hardware = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].layer, i % 2);
    const model::Layer& layer = request.layers[i % 2];
    const model::Machine machine = model::resolve(request.problem.accelerator, rows[i].hardware);
    EXPECT_EQ(machine.spatial_limit[1][model::Dim::C], 16);
    const model::LayerCost cost = model::cost_of(rows[i].mapping, layer, machine);
    if (turns[i % 2]++ % 4 != 0) {
      EXPECT_TRUE(same_hardware(rows[i].hardware, rows[i - 2].hardware));
      continue;
    }
    if (i >= 2 && !same_hardware(rows[i].hardware, rows[i - 2].hardware)) ++new_hardware;
    // The first of four has the least price for some weight: nothing is better in both.
    const auto everything = shortlist({space, i % 2, machine}, {1000000, edp});
    for (const CostedMapping& other : everything) {
      EXPECT_FALSE(other.energy_pj < cost.energy_pj * (1 - 1e-9) && other.cycles < cost.cycles);
    }
  }
  EXPECT_GT(new_hardware, 10);
}

TEST(BestSampler, OneSeedGivesTheSameRowsOnAnyThreads) {
  BestSampleRequest request = request_of(40);
  const std::vector<SampledMapping> rows = sample_best(request);
  request.threads = 2;
  request.count = 30;
  const std::vector<SampledMapping> fewer = sample_best(request);
  for (std::size_t i = 0; i < fewer.size(); ++i) {
    EXPECT_TRUE(same_hardware(rows[i].hardware, fewer[i].hardware));
    EXPECT_EQ(model::to_text(rows[i].mapping, request.problem.accelerator),
              model::to_text(fewer[i].mapping, request.problem.accelerator));
  }
}

}  // namespace
}  // namespace masala::search
