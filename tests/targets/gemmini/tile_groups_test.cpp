#include "targets/gemmini/simulator/tile_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "support/builders.h"

namespace masala::gemmini {
namespace {

using masala::testing::layer_of;
using model::Dim;

using Classes = std::map<std::pair<std::uint64_t, std::uint64_t>, std::int64_t>;  // -> tiles

DriverProgram program_of(const char* shape,
                         std::initializer_list<std::pair<Dim, std::int64_t>> tile,
                         ProgramKind kind = ProgramKind::clean) {
  const model::Layer layer = layer_of(shape);
  Tiling tiling;
  for (const auto& [dim, size] : tile) tiling.tile[dim] = size;
  return make_program(tiling, layer, 4, kind);
}

// Tells on which sides a tile touches the padding.
std::uint64_t sides(const DriverProgram& program, const TilePosition& tile) {
  const auto first = [&](Dim output, Dim tap) {
    return tile.origin[output] + tile.origin[tap] - program.padding;
  };
  const auto end = [&](Dim output, Dim tap) {
    return first(output, tap) + tile.extent[output] + tile.extent[tap] - 1;
  };
  return (first(Dim::P, Dim::R) < 0 ? 1U : 0U) + (first(Dim::Q, Dim::S) < 0 ? 2U : 0U) +
         (end(Dim::P, Dim::R) > program.image_columns ? 4U : 0U) +
         (end(Dim::Q, Dim::S) > program.image_rows ? 8U : 0U);
}

Classes walked(const DriverProgram& program, std::int64_t begin, std::int64_t end) {
  Classes classes;
  TileWalk walk(program);
  for (std::int64_t tile = 0; tile < end; ++tile, walk.next()) {
    if (tile >= begin) ++classes[{walk.signature(), sides(program, walk.position())}];
  }
  return classes;
}

Classes grouped(const DriverProgram& program, std::int64_t begin, std::int64_t end) {
  Classes classes;
  TileWalk walk(program);
  TileGroups groups(program, [&](const TilePosition& tile) { return sides(program, tile); });
  std::int64_t previous = -1;
  groups.visit(begin, end, [&](const TileGroup& group) {
    EXPECT_GE(group.first, begin);
    EXPECT_LT(group.first, end);
    EXPECT_NE(group.first, previous);
    previous = group.first;
    walk.seek(group.first);
    classes[{walk.signature(), sides(program, walk.position())}] += group.count;
  });
  return classes;
}

std::vector<DriverProgram> programs() {
  std::vector<DriverProgram> all = {
      program_of("P20 C28 K12", {}),
      program_of("P9 Q8 C3 K5 N2 R3 S2", {{Dim::P, 2}, {Dim::Q, 3}, {Dim::C, 2}, {Dim::K, 2}}),
      program_of("P7 Q7 R5 S5 C2", {{Dim::P, 1}, {Dim::Q, 2}}, ProgramKind::measured),
      program_of("P6 Q6 R11 S11", {{Dim::P, 2}, {Dim::Q, 1}, {Dim::R, 2}}, ProgramKind::measured),
      program_of("C8", {{Dim::C, 4}})};
  std::mt19937 rng(5);
  const std::size_t count = all.size();
  for (std::size_t i = 0; i < count; ++i) {
    DriverProgram program = all[i];
    for (std::size_t j = model::kNumDims; j > 1; --j)
      std::swap(program.inner_to_outer[j - 1], program.inner_to_outer[rng() % j]);
    all.push_back(program);
  }
  return all;
}

TEST(TileWalk, SeeksWhereItWouldWalk) {
  for (const DriverProgram& program : programs()) {
    TileWalk walk(program);
    TileWalk seeker(program);
    const std::int64_t tiles = std::min<std::int64_t>(program.num_tiles(), 2000);
    for (std::int64_t tile = 0; tile < tiles; ++tile, walk.next()) {
      seeker.seek(tiles - 1);
      seeker.seek(tile);
      ASSERT_EQ(seeker.signature(), walk.signature()) << tile;
      ASSERT_EQ(seeker.position().turns, walk.position().turns) << tile;
      ASSERT_EQ(seeker.position().origin.values, walk.position().origin.values) << tile;
      ASSERT_EQ(seeker.position().final_store, walk.position().final_store) << tile;
    }
  }
}

TEST(TileGroups, CountTheTilesOfEveryClassOfAnyStretch) {
  std::mt19937 rng(7);
  for (const DriverProgram& program : programs()) {
    const std::int64_t tiles = program.num_tiles();
    EXPECT_EQ(grouped(program, 0, tiles), walked(program, 0, tiles));
    for (int i = 0; i < 20; ++i) {
      std::int64_t begin = static_cast<std::int64_t>(rng() % static_cast<std::uint32_t>(tiles + 1));
      std::int64_t end = static_cast<std::int64_t>(rng() % static_cast<std::uint32_t>(tiles + 1));
      if (begin > end) std::swap(begin, end);
      EXPECT_EQ(grouped(program, begin, end), walked(program, begin, end))
          << begin << " to " << end << " of " << tiles;
    }
  }
}

// 2^53 tiles: as many groups as a program of the same loops with a few iterations has.
TEST(TileGroups, AreFewHoweverManyTiles) {
  const DriverProgram program =
      program_of("P1048576 Q1048576 C128 K64", {{Dim::P, 1}, {Dim::Q, 1}, {Dim::C, 1}});
  std::int64_t groups = 0;
  std::int64_t tiles = 0;
  TileGroups(program, [](const TilePosition&) {
    return std::uint64_t{0};
  }).visit(1, program.num_tiles() - 1, [&](const TileGroup& group) {
    ++groups;
    tiles += group.count;
  });
  EXPECT_EQ(tiles, program.num_tiles() - 2);
  EXPECT_LT(groups, 1000);
}

}  // namespace
}  // namespace masala::gemmini
