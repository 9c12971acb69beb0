#include "masala/search/space/objective.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "search/exact/size_search.h"
#include "search_test_support.h"

namespace masala::search {
namespace {

TEST(Objective, ValuesFollowTheExponents) {
  EXPECT_DOUBLE_EQ(value(Objective::edp, 2.0, 3.0, 5.0), 6.0);
  EXPECT_DOUBLE_EQ(value(Objective::energy, 2.0, 3.0, 5.0), 2.0);
  EXPECT_DOUBLE_EQ(value(Objective::latency, 2.0, 3.0, 5.0), 3.0);
  EXPECT_DOUBLE_EQ(value(Objective::ed2p, 2.0, 3.0, 5.0), 18.0);
  EXPECT_DOUBLE_EQ(value(Objective::edap, 2.0, 3.0, 5.0), 30.0);
}

TEST(Objective, ProductsAreTheValue) {
  for (Objective objective : kAllObjectives) {
    EXPECT_DOUBLE_EQ(product(exponents(objective), 2.7, 3.1, 0.3), value(objective, 2.7, 3.1, 0.3));
  }
}

TEST(Objective, ProductsHonourFractionalExponents) {
  EXPECT_DOUBLE_EQ(product({1.0, 0.5, 0.0}, 2.0, 9.0, 5.0), 6.0);
  EXPECT_DOUBLE_EQ(product({0.25, 2.5, 1.0}, 16.0, 4.0, 3.0), 192.0);
}

TEST(SizeSearch, CombinesTheBestChoices) {
  const DiscreteSpace space(small_problem(Objective::ed2p));
  std::mt19937_64 rng(3);
  for (int i = 0; i < 100; ++i) {
    std::vector<std::vector<Choice>> choices(3);
    std::vector<std::vector<Choice>> hulls(3);
    for (std::size_t layer = 0; layer < 3; ++layer) {
      for (std::size_t c = 0; c < 6; ++c)
        choices[layer].push_back({1.0 + 9.0 * random_unit(rng), 1.0 + 9.0 * random_unit(rng), c});
      std::sort(choices[layer].begin(), choices[layer].end(), [](const Choice& a, const Choice& b) {
        return a.cycles < b.cycles;
      });
      for (const Choice& choice : choices[layer]) extend_hull(hulls[layer], choice);
    }
    double best = std::numeric_limits<double>::infinity();
    for (const Choice& a : choices[0]) {
      for (const Choice& b : choices[1]) {
        for (const Choice& c : choices[2]) {
          best = std::min(
              best,
              space.objective(
                  a.energy_pj + b.energy_pj + c.energy_pj, a.cycles + b.cycles + c.cycles, 1.0));
        }
      }
    }
    EXPECT_NEAR(best_combination(hulls, space, 1.0).objective / best, 1.0, 1e-12);
  }
}

}  // namespace
}  // namespace masala::search
