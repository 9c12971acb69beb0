#include "targets/gemmini/latency/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "targets/gemmini/gemmini_test_support.h"

namespace masala::gemmini {
namespace {

CounterTable sample_table(std::size_t rows) {
  std::vector<CountedRow> counted;
  for (const model::MeasuredRow& row : random_rows(rows, 11)) counted.push_back(count_row(row));
  return make_table(counted);
}

Tensor cycles_of(const CounterTable& table, const std::vector<double>& constants) {
  return calibrated_cycles(unit_cycles(table.counters, table.dim, table.is_matmul, constants),
                           constants);
}

TEST(UnitCycles, WorkedByHand) {
  Counters<double> n{};
  n.compute_cycles = 500;
  n.tiles = 10;
  n.turns = 253;
  n.input_rows = 400;
  n.input_cycles = 1000;
  n.input_commands = 100;
  n.weight_rows = 100;
  n.weight_cycles = 300;
  n.weight_commands = 2;
  n.zero_rows = 7;
  n.reload_cycles = 3;
  n.output_cycles = 50;
  n.input_l2_misses = 20;
  n.weight_llc_misses = 4;
  n.output_l2_misses = 5;
  n.output_llc_misses = 1;
  n.sum_l2_misses = 6;
  n.evictions = 3;
  // 25 per command, 10 and 10 per miss read, 20 and 40 written
  const std::vector<double> c = constants_with({{"reload_cycle", 2.0}});
  const UnitCycles<double> units = unit_cycles(n, 16.0, 0.0, c);
  EXPECT_DOUBLE_EQ(units.compute, 500.0);
  // An array of 16 has two commands in flight: (1000 + 2500) / 2 - 1000; for weights
  // (300 + 50) / 2 is less than 300.
  EXPECT_DOUBLE_EQ(units.waiting_load, 750.0);
  // A miss takes 10 cycles in place of the 1000 / 400 of a row that hits; partial sums 10.
  EXPECT_DOUBLE_EQ(units.l2_load, 20 * 7.5 + 6 * 10.0);
  EXPECT_DOUBLE_EQ(units.llc_load, 40.0);
  EXPECT_DOUBLE_EQ(units.weight_load, 300 + 40.0);
  EXPECT_DOUBLE_EQ(units.load, 1000 + 300 + 7 + 2 * 3 + 750 + 210 + 40.0);
  EXPECT_DOUBLE_EQ(units.missing_store, (5 + 6) * 20.0 + 40.0);
  EXPECT_DOUBLE_EQ(units.store, 50 + 260.0);
  // Partial sums that miss are fetched to be written and to be read: 10 each; 5 per line of DRAM,
  // 22 per line that is written back.
  EXPECT_DOUBLE_EQ(units.memory, (20 + 5 + 2 * 6) * 10.0 + (4 + 1) * 5.0 + 3 * 22.0);
  EXPECT_DOUBLE_EQ(units.issue, 10 * 253 + 253 * 62.0);  // a turn of a convolution: 62 cycles
  EXPECT_DOUBLE_EQ(unit_cycles(n, 16.0, 1.0, c).issue, 10 * 126 + 253 * 10.0);
  // An array of 4 has five commands in flight: nothing waits.
  EXPECT_DOUBLE_EQ(unit_cycles(n, 4.0, 0.0, c).waiting_load, 0.0);
}

TEST(CalibratedCycles, AreANormAndWhatOverlapsWithNothing) {
  UnitCycles<double> units{};
  units.compute = 100;
  units.load = 200;
  units.store = 30;
  units.issue = 50;
  units.memory = 20;
  units.tiles = 4;
  units.stores = 4;
  const std::vector<double> constants =
      constants_with({{"sharpness", 2.0}, {"exposed", 0.5}, {"start", 10.0}});
  // sqrt(100^2 + 200^2 + 30^2 + 50^2 + 20^2) + 0.5 * (100 + 30) / 4 + 10
  EXPECT_NEAR(calibrated_cycles(units, constants), std::sqrt(53800.0) + 16.25 + 10.0, 1e-9);
}

TEST(CalibratedCycles, StoresAreExposedWhereFewTilesStore) {
  UnitCycles<double> units{};
  units.compute = 1000;
  units.load = 400;
  units.store = 300;
  units.issue = 50;
  units.tiles = 10;
  units.stores = 2;
  const std::vector<double> constants =
      constants_with({{"sharpness", 2.0}, {"exposed", 0.5}, {"start", 10.0}});
  // Without stores 1078.19 cycles, 107.82 per tile. Each of two stores takes 150, of which one tile
  // hides a part: 2 * (sqrt(150^2 + 107.82^2) - 107.82) more, and 0.5 * (400 + 300) / 10 + 10.
  const double steady = std::sqrt(1000.0 * 1000 + 400 * 400 + 50 * 50);
  const double exposed = 2 * (std::sqrt(150.0 * 150 + steady * steady / 100) - steady / 10);
  EXPECT_NEAR(exposed, 153.8, 0.1);
  const double cycles = calibrated_cycles(units, constants);
  EXPECT_NEAR(cycles, steady + exposed + 35.0 + 10.0, 1e-9);
  units.stores = 10;  // evenly spread, they hide
  EXPECT_LT(calibrated_cycles(units, constants), cycles - 80.0);
}

TEST(CalibrationConstants, HaveDistinctNamesAndRangesAroundTheirStarts) {
  std::set<std::string> names;
  for (const model::FittedConstant& constant : calibration_constants()) {
    EXPECT_TRUE(names.insert(constant.name).second) << constant.name;
    EXPECT_GT(constant.start, 0.0) << constant.name;
    EXPECT_GT(constant.bound, 1.0) << constant.name;
  }
}

TEST(CounterTable, SelectPicksRows) {
  const CounterTable table = sample_table(10);
  const CounterTable some = select(table, torch::tensor({7, 2}, torch::kInt64));
  EXPECT_EQ(some.dim[0].item<double>(), table.dim[7].item<double>());
  EXPECT_EQ(some.counters.visits[1].item<double>(), table.counters.visits[2].item<double>());
  const Tensor all = cycles_of(table, constants_with());
  EXPECT_EQ(cycles_of(some, constants_with())[1].item<double>(), all[2].item<double>());
}

}  // namespace
}  // namespace masala::gemmini
