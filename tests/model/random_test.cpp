#include "masala/model/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace masala::model {
namespace {

constexpr std::uint64_t kHighBit = std::uint64_t{1} << 63;

TEST(Random, AllBitsOfASeedCount) {
  EXPECT_NE(random_stream(5, 0)(), random_stream(kHighBit + 5, 0)());
  EXPECT_NE(random_stream(5, 0)(), random_stream(5, 1)());
  EXPECT_NE(random_stream(5, 0, 0)(), random_stream(5, 0, 1)());
  EXPECT_EQ(random_stream(5, 2, 3)(), random_stream(5, 2, 3)());
}

TEST(Random, SmallSeedsStayAndLargeOnesAreMixed) {
  EXPECT_EQ(seed_of_32_bits(0), 0U);
  EXPECT_EQ(seed_of_32_bits(0xffffffff), 0xffffffffU);
  std::set<std::uint32_t> seeds = {seed_of_32_bits(5)};
  for (int bit = 32; bit < 64; ++bit) seeds.insert(seed_of_32_bits(5 + (std::uint64_t{1} << bit)));
  EXPECT_EQ(seeds.size(), 33U);
}

TEST(Random, DrawsAreTheSameOnEveryPlatform) {
  // The 10,000th draw of a default mt19937_64 is fixed by the C++ standard.
  std::mt19937_64 rng;
  rng.discard(9999);
  std::mt19937_64 again = rng;
  EXPECT_EQ(rng(), 9981545732273789042U);
  EXPECT_EQ(random_below(again, 1000), 42U);
}

TEST(Random, ShuffleGivesEveryOrderAboutAsOften) {
  std::mt19937_64 rng(1);
  std::array<int, 6> counts{};
  constexpr int kDraws = 6000;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<int> values = {0, 1, 2};
    shuffle(values, rng);
    std::vector<int> order = {0, 1, 2};
    int rank = 0;
    while (order != values && std::next_permutation(order.begin(), order.end())) ++rank;
    ++counts[static_cast<std::size_t>(rank)];
  }
  // 1,000 each, within five standard deviations of 29.
  for (int count : counts) EXPECT_NEAR(count, kDraws / 6, 150);
}

}  // namespace
}  // namespace masala::model
