// Which hardware a search may choose, and the problems without any.
#include "search/space/hardware_space.h"

#include <gtest/gtest.h>

#include "search_test_support.h"

namespace masala::search {
namespace {

double area(const Problem& problem, const model::Hardware& hardware) {
  return model::area_mm2(problem.accelerator, hardware);
}

double value(const Problem& problem, const model::Hardware& hardware, const char* key) {
  return *model::hardware_value(problem.accelerator, hardware, key);
}

TEST(HardwareSpace, FixedKeysAreNotFree) {
  Problem problem = small_problem();
  problem.fixed = {{"pe_dim", 8}};
  problem.accelerator.levels[1].kib->min = problem.accelerator.levels[1].kib->max = 64;
  EXPECT_EQ(free_keys(problem), std::vector<std::string>{"scratchpad_kib"});
  const model::Hardware largest = largest_hardware(problem);
  EXPECT_EQ(value(problem, largest, "pe_dim"), 8);
  EXPECT_EQ(value(problem, largest, "scratchpad_kib"), 4096);
  EXPECT_EQ(value(problem, largest, "accumulator_kib"), 64);
}

TEST(HardwareSpace, ShrinksTheLargestHardwareIntoTheAreaOnTheGrid) {
  Problem problem = small_problem();
  problem.fixed.clear();
  problem.accelerator.levels[1].kib->powers_of_two = true;
  problem.accelerator.levels[2].kib->step = 5;  // 1, 6, 11, ...
  for (double limit : {0.02, 0.05, 0.7, 9.0}) {
    problem.max_area_mm2 = limit;
    const auto shrunk = shrunk_to_area(problem, free_keys(problem), largest_hardware(problem));
    ASSERT_TRUE(shrunk) << limit;
    EXPECT_LE(area(problem, *shrunk), limit);
    EXPECT_GE(area(problem, *shrunk), 0.4 * limit);  // a step saves a fifth of one value, or half
    for (const std::string& key : free_keys(problem)) {
      const double chosen = value(problem, *shrunk, key.c_str());
      EXPECT_TRUE(model::hardware_range(problem.accelerator, key)
                      ->contains(static_cast<std::int64_t>(chosen)))
          << key << ' ' << chosen;
    }
  }
}

TEST(HardwareSpace, ShrinksOnlyTheKeysGiven) {
  Problem problem = small_problem();
  problem.max_area_mm2 = 1.0;
  const model::Hardware largest = largest_hardware(problem);  // pe_dim fixed at 16
  const auto shrunk = shrunk_to_area(problem, {"scratchpad_kib"}, largest);
  EXPECT_FALSE(shrunk);  // 2048 KiB of accumulator take 10 mm2
  problem.max_area_mm2 = 12.0;
  const auto fits = shrunk_to_area(problem, {"scratchpad_kib"}, largest);
  ASSERT_TRUE(fits);
  EXPECT_EQ(value(problem, *fits, "accumulator_kib"), 2048);
  EXPECT_LT(value(problem, *fits, "scratchpad_kib"), 4096);
}

TEST(HardwareSpace, AnAreaBelowTheSmallestHardwareIsInfeasible) {
  Problem problem = small_problem();
  problem.fixed.clear();
  // pe_dim 2 with 1 and 1 KiB: see docs/model.md, about 0.0162 mm2.
  problem.max_area_mm2 = 0.017;
  EXPECT_TRUE(infeasibilities(problem).empty());
  problem.max_area_mm2 = 0.016;
  const std::vector<std::string> why = infeasibilities(problem);
  ASSERT_EQ(why.size(), 1U);
  EXPECT_EQ(why[0].rfind("--max-area-mm2: got 0.016; expected at least 0.016223", 0), 0U) << why[0];
  EXPECT_NE(why[0].find("(pe_dim 2, scratchpad_kib 1, accumulator_kib 1)"), std::string::npos);
  EXPECT_EQ(problems(problem, {}), why);
}

TEST(HardwareSpace, ALevelTooSmallForTheSmallestTileIsInfeasible) {
  Problem problem = small_problem();
  model::Level& registers = problem.accelerator.levels[0];
  registers.double_buffered = true;  // a tile of one weight takes two words
  EXPECT_EQ(infeasibilities(problem),
            std::vector<std::string>{"layer R3 S3 P14 Q14 C32 K64: its smallest tile takes 2 words "
                                     "of registers; expected at most 1"});
}

TEST(Infeasibilities, NameAnObjectiveThatOverflows) {
  Problem problem = small_problem();
  problem.accelerator.levels[3].energy.per_access_pj = 1e308;
  const std::vector<std::string> found = infeasibilities(problem);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0],
            "accelerator gemmini: the objective edp overflows: energy of layer R3 S3 P14 Q14 C32 "
            "K64 is inf pJ; expected smaller energy constants");
  EXPECT_EQ(problems(problem, {}), found);

  // The energy is a number, its product with the cycles is none.
  problem.accelerator.levels[3].energy.per_access_pj = 1e300;
  problem.objective = Objective::energy;
  EXPECT_TRUE(problems(problem, {}).empty());
  problem.objective = Objective::ed2p;
  const std::vector<std::string> product = infeasibilities(problem);
  ASSERT_EQ(product.size(), 1U);
  EXPECT_EQ(product[0].find("accelerator gemmini: the objective ed2p overflows: energy of "), 0U);
}

}  // namespace
}  // namespace masala::search
