#include "learned/row_cycles.h"

#include <gtest/gtest.h>

#include "model/batch.h"

namespace masala::learned {
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
}  // namespace masala::learned
