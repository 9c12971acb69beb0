// Sizes in closed form, and what is refused because of them.
#include "search/exact/factor_space.h"

#include <gtest/gtest.h>

#include <string>

#include "search/exact/exact_search.h"
#include "search/exact/parameter_point.h"
#include "search/exact/shortlist.h"
#include "search/space/hardware_space.h"
#include "search_test_support.h"

namespace masala::search {
namespace {

using masala::testing::layer_of;

// Eight levels that keep everything and allow every loop.
model::Accelerator deep_accelerator() {
  model::Accelerator accelerator;
  accelerator.name = "deep";
  accelerator.mac_energy_pj = 0.5;
  for (int l = 0; l < model::kMaxLevels; ++l) {
    model::Level level;
    level.name = "l" + std::to_string(l);
    level.keeps = {true, true, true};
    level.capacity_words = l + 1 < model::kMaxLevels ? 1000 : 0;
    level.energy.per_access_pj = l + 1;
    accelerator.levels.push_back(level);
  }
  return accelerator;
}

Problem deep_problem(const char* shape) {
  Problem problem;
  problem.accelerator = deep_accelerator();
  problem.workload = {"deep", {layer_of(shape)}};
  problem.workload.layers[0].name = "a";
  return problem;
}

// The only reason why the exact search refuses.
std::string only_problem(const Problem& problem) {
  const std::vector<std::string> found = exact_problems(problem, {});
  return found.size() == 1 ? found[0] : std::to_string(found.size()) + " problems";
}

TEST(FactorSpace, ItsSizeIsCountedWithoutIt) {
  for (const char* accelerator : {"gemmini", "eyeriss_like", "five_level_toy"}) {
    Problem problem = small_problem();
    problem.accelerator = masala::testing::accelerator_named(accelerator);
    problem.fixed.clear();
    const Mapspace mapspace = make_mapspace(problem.accelerator);
    const model::Machine machine = model::resolve(problem.accelerator, largest_hardware(problem));
    for (const char* shape : {"K1", "R3 S3 P56 Q56 C64 K64", "P97 C360 K30030", "N5040 Q12 R25"}) {
      const model::Layer layer = layer_of(shape);
      const FactorCount count = count_factors(mapspace, layer, machine);
      EXPECT_EQ(count.mappings, FactorSpace(mapspace, layer, machine).size()) << shape;
      EXPECT_LE(count.most_splits, count.splits);
    }
  }
}

TEST(FactorSpace, AWideDimensionIsSpreadOverFewTasksThatMeetEverySplitOnce) {
  Problem problem = deep_problem("K360");
  const Mapspace mapspace = make_mapspace(problem.accelerator);
  const model::Machine machine = model::resolve(problem.accelerator, largest_hardware(problem));
  const FactorSpace space(mapspace, problem.workload.layers[0], machine);
  // 360 = 2^3 x 3^2 x 5 over 8 levels: C(10, 7) x C(9, 7) x 8 splits.
  ASSERT_EQ(space.size(), 120 * 36 * 8);
  EXPECT_LE(space.num_tasks(), 1 << 14);
  std::vector<int> visits(static_cast<std::size_t>(space.size()), 0);
  for (int task = 0; task < space.num_tasks(); ++task) {
    space.for_each(
        task,
        [](const model::Mapping&, bool) { return true; },
        [&](model::Mapping& mapping, const FactorSpace::Splits& splits) {
          ++visits[splits[model::Dim::K]];
          EXPECT_EQ(model::to_text(mapping, problem.accelerator),
                    model::to_text(space.mapping(splits), problem.accelerator));
        });
  }
  for (int count : visits) EXPECT_EQ(count, 1);
}

TEST(ExactProblems, NameTheSizeOfAMapspaceThatDoesNotFitMemory) {
  // 720720 = 2^4 x 3^2 x 5 x 7 x 11 x 13: 330 x 36 x 8^4 ways, 4.6 GB where they were listed.
  EXPECT_EQ(only_problem(deep_problem("K720720")),
            "--method exact: too large: 4.87e+07 ways to divide single bounds over the levels "
            "(4.87e+07 of K = 720720 of layer a); expected at most 2e+06");
  EXPECT_EQ(only_problem(deep_problem("K720720 C720720 P720720 Q720720 N720720")),
            "--method exact: too large: 2.73e+38 mappings at the largest parameters; expected at "
            "most 2.5e+08");
}

TEST(ExactProblems, CountLoopOrders) {
  const Problem problem = deep_problem("R2 S2 P8 Q2 C2 K2 N2");
  const std::string text = only_problem(problem);
  EXPECT_NE(text.find(" mappings with their loop orders at the largest parameters; expected at "
                      "most 1e+12"),
            std::string::npos)
      << text;
}

TEST(ExactProblems, GridsAreCountedNotListed) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  Problem problem = small_problem();
  problem.accelerator.levels[2].kib->max = kHuge;
  EXPECT_EQ(only_problem(problem),
            "--method exact: too many values of scratchpad_kib; expected at most 1.05e+06 (--fix "
            "it)");
  problem.accelerator.levels[2].kib->powers_of_two = true;
  EXPECT_TRUE(exact_problems(problem, {}).empty());
  problem.fixed.clear();
  problem.accelerator.parameters[0].range.max = kHuge;
  EXPECT_FALSE(parameter_grid(problem, 1000));
  EXPECT_EQ(count_sizes(problem, problem.accelerator.levels[2]), 41);
}

TEST(Shortlist, SplitsThatDoNotFitMemoryAreRefused) {
  const Problem problem = deep_problem("K720720");
  ShortlistRequest request;
  request.price = [](double energy_pj, double cycles) { return energy_pj * cycles; };
  const DiscreteSpace space(problem);
  const model::Machine machine =
      model::resolve(problem.accelerator, model::default_hardware(problem.accelerator));
  EXPECT_THROW(shortlist({space, 0, machine}, request), std::invalid_argument);
}

}  // namespace
}  // namespace masala::search
