#include "targets/gemmini/latency/row_cycles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "masala/model/batch.h"

namespace masala::gemmini {
namespace {

constexpr double kFullCommand = 64.0;

// A row in one tile, of one command or several.
RowCuts<double> one_tile(Direction direction,
                         double bytes,
                         double dim,
                         double command = kFullCommand,
                         double base_offset = 0.0) {
  return {direction, bytes, bytes, 1.0, command, dim, base_offset};
}

TEST(RowCycles, ALineTakesItsFourBeats) {
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::read, 64, 16)), 4.0);
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::read, 128, 16)), 8.0);
}

TEST(RowCycles, ABeatTakesASixteenthOfTheLatency) {
  // One beat, but 16 requests in flight of 20 cycles each.
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::read, 16, 16)), 1.25);
}

TEST(RowCycles, AScratchpadRowPerCycleIsAllThatASmallArrayTakes) {
  // 64 bytes are 16 rows of an array of 4, 8 of one of 8; 4 beats of one of 32.
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::read, 64, 4)), 16.0);
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::read, 64, 8)), 8.0);
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::read, 64, 32)), 4.0);
}

TEST(RowCycles, AnOffsetOfEightSplitsALine) {
  // Bytes 8-63 need the whole line, 4 beats; bytes 64-71 are a request of 16, 1.25 cycles.
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::read, 64, 16, kFullCommand, 8)), 5.25);
  // Rows of 16 bytes at 8, 24, 40, 56 of a line: requests of 32, 64, 32 and two of 16 bytes:
  // (2 + 4 + 2 + 2 * 1.25) / 4.
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::read, 16, 16, kFullCommand, 8)), 2.625);
}

TEST(RowCycles, RowsBeginWhereTheOneBeforeEnds) {
  // Rows of 96 bytes in tiles of 64 and 32. Even rows begin at a line: 4 + 2 beats. Odd ones in
  // its middle: 2 + 2 beats of two lines, then 2.
  const RowCuts<double> cuts{Direction::read, 96, 64, 2, kFullCommand, 16, 0.0};
  EXPECT_DOUBLE_EQ(sum_row_cycles(cuts), 6.0);
}

TEST(RowCycles, OnlyTheLastTileIsClipped) {
  // Tiles of 128, 128 and 64 bytes.
  const RowCuts<double> cuts{Direction::read, 320, 128, 3, kFullCommand, 16, 0.0};
  EXPECT_DOUBLE_EQ(sum_row_cycles(cuts), 8.0 + 8.0 + 4.0);
}

TEST(RowCycles, WritesCollectTheirBlocksFirst) {
  // 4 blocks of 16 bytes, then 4 beats; more than 70 / 16 cycles.
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::write, 64, 16)), 8.0);
  // 16 blocks of 4 bytes, then 4 beats.
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::write, 64, 4)), 20.0);
  // Four commands of one block and one beat: 70 / 16 cycles each.
  EXPECT_DOUBLE_EQ(sum_row_cycles(one_tile(Direction::write, 64, 16, 16)), 4 * 4.375);
}

// Command by command and line by line.
double cycles_by_definition(const RowCuts<double>& cuts) {
  const auto length = static_cast<std::int64_t>(cuts.length);
  const auto tile = static_cast<std::int64_t>(cuts.tile);
  const auto trips = static_cast<std::int64_t>(cuts.trips);
  const auto command = static_cast<std::int64_t>(cuts.command);
  const auto dim = static_cast<std::int64_t>(cuts.dim);
  const auto command_cycles = [&](std::int64_t begin, std::int64_t bytes) {
    double reading = 0.0;
    double writing = static_cast<double>((bytes + dim - 1) / dim);
    double least_writing = 0.0;
    for (const std::int64_t end = begin + bytes; begin < end;) {
      const std::int64_t stop = std::min(end, (begin / 64 + 1) * 64);
      const std::int64_t rows = (stop - begin + dim - 1) / dim;
      std::int64_t request = 16;
      while (request < 64 && begin / request != (stop - 1) / request) request *= 2;
      reading += std::max(1.25, static_cast<double>(std::max(request / 16, rows)));
      writing += static_cast<double>(request / 16);
      least_writing += 70.0 / 16.0;
      begin = stop;
    }
    return cuts.direction == Direction::read ? reading : std::max(writing, least_writing);
  };
  std::int64_t rows = 1;
  while (rows < 8 && rows * length % 64 != 0) rows *= 2;
  const auto tile_cycles = [&](std::int64_t first, std::int64_t bytes) {
    double sum = 0.0;
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t at = 0; at < bytes; at += command) {
        const std::int64_t begin =
            (static_cast<std::int64_t>(cuts.base_offset) + row * length + first + at) % 64;
        sum += command_cycles(begin, std::min(command, bytes - at));
      }
    }
    return sum / static_cast<double>(rows);
  };
  const std::int64_t last = (trips - 1) * tile;
  const double last_cycles = tile_cycles(last, length - last);
  if (trips == 1) return last_cycles;
  const std::int64_t looked_at = std::min<std::int64_t>(trips - 1, 4);
  double sum = 0.0;
  for (std::int64_t i = 0; i < looked_at; ++i) sum += tile_cycles(i * tile, tile);
  return sum * static_cast<double>(trips - 1) / static_cast<double>(looked_at) + last_cycles;
}

TEST(RowCycles, AreThoseOfAllCommands) {
  std::mt19937 rng(23);
  const auto below = [&](unsigned n) { return static_cast<double>(rng() % n); };
  for (int i = 0; i < 5000; ++i) {
    RowCuts<double> cuts;
    cuts.direction = i % 2 == 0 ? Direction::read : Direction::write;
    cuts.length = 1.0 + below(3000);
    cuts.tile = 1.0 + below(static_cast<unsigned>(cuts.length));
    cuts.trips = std::ceil(cuts.length / cuts.tile);
    cuts.dim = 1.0 + below(200);
    cuts.command = i % 3 == 0 ? cuts.dim : std::max(1.0, std::floor(64.0 / cuts.dim)) * cuts.dim;
    cuts.base_offset = i % 5 == 0 ? 8.0 : 0.0;
    ASSERT_EQ(sum_row_cycles(cuts), cycles_by_definition(cuts)) << i;
  }
}

// Command by command this takes seconds, for each of a layer's arrays.
TEST(RowCycles, DoNotTakeLongerForLongerRows) {
  const double bytes = 2147483648.0;
  EXPECT_EQ(sum_row_cycles(one_tile(Direction::read, bytes, 16)), bytes / 16);
  EXPECT_EQ(sum_row_cycles(one_tile(Direction::read, bytes, bytes, bytes)), bytes / 16);
}

TEST(RowCycles, RelaxedEqualsExactWhereTilesBeginAtARequest) {
  for (Direction direction : {Direction::read, Direction::write}) {
    for (double dim : {4.0, 8.0, 16.0, 32.0}) {
      for (double command : {dim, kFullCommand}) {
        for (double tile : {1.0, 4.0, 16.0, 32.0, 64.0, 256.0}) {
          for (double trips : {1.0, 2.0, 8.0}) {
            // Reads are in commands of whole lines.
            if (direction == Direction::read && command < kFullCommand) continue;
            const RowCuts<double> exact{direction, tile * trips, tile, trips, command, dim, 0.0};
            const auto tensor = [](double value) {
              return torch::full({1}, value, model::real_options());
            };
            const RowCuts<Tensor> relaxed{direction,
                                          tensor(tile * trips),
                                          tensor(tile),
                                          tensor(trips),
                                          tensor(command),
                                          tensor(dim),
                                          0.0};
            EXPECT_NEAR(sum_row_cycles(relaxed).item<double>(), sum_row_cycles(exact), 1e-12)
                << "tile " << tile << " trips " << trips << " dim " << dim << " command "
                << command;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace masala::gemmini
