#include "learned/calibration.h"

#include <gtest/gtest.h>

#include <cmath>

#include "learned/learned_test_support.h"

namespace masala::learned {
namespace {

CounterTable sample_table(std::size_t rows) {
  std::vector<CountedRow> counted;
  for (const MeasuredRow& row : random_rows(rows, 11)) counted.push_back(count_row(row));
  return make_table(counted);
}

Tensor cycles_of(const CounterTable& table, const CalibrationConstants& constants) {
  const std::vector<double> values = values_of(constants);
  return calibrated_cycles(unit_cycles(table.counters, table.dim, table.is_matmul, values), values);
}

void expect_in_bounds(const CalibrationConstants& constants) {
  const CalibrationConstants starts;
  for (const CalibrationField& field : calibration_fields()) {
    const double ratio = constants.*field.value / (starts.*field.value);
    EXPECT_LE(std::abs(std::log(ratio)), std::log(field.bound) * (1 + 1e-12)) << field.name;
  }
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
  CalibrationConstants constants;  // 25 per command, 10 and 10 per miss read, 20 and 40 written
  constants.reload_cycle = 2.0;
  const std::vector<double> c = values_of(constants);
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
  CalibrationConstants constants;
  constants.sharpness = 2.0;
  constants.exposed = 0.5;
  constants.start = 10.0;
  // sqrt(100^2 + 200^2 + 30^2 + 50^2 + 20^2) + 0.5 * (100 + 30) / 4 + 10
  EXPECT_NEAR(
      calibrated_cycles(units, values_of(constants)), std::sqrt(53800.0) + 16.25 + 10.0, 1e-9);
}

TEST(CalibratedCycles, StoresAreExposedWhereFewTilesStore) {
  UnitCycles<double> units{};
  units.compute = 1000;
  units.load = 400;
  units.store = 300;
  units.issue = 50;
  units.tiles = 10;
  units.stores = 2;
  CalibrationConstants constants;
  constants.sharpness = 2.0;
  constants.exposed = 0.5;
  constants.start = 10.0;
  // Without stores 1078.19 cycles, 107.82 per tile. Each of two stores takes 150, of which one tile
  // hides a part: 2 * (sqrt(150^2 + 107.82^2) - 107.82) more, and 0.5 * (400 + 300) / 10 + 10.
  const double steady = std::sqrt(1000.0 * 1000 + 400 * 400 + 50 * 50);
  const double exposed = 2 * (std::sqrt(150.0 * 150 + steady * steady / 100) - steady / 10);
  EXPECT_NEAR(exposed, 153.8, 0.1);
  const double cycles = calibrated_cycles(units, values_of(constants));
  EXPECT_NEAR(cycles, steady + exposed + 35.0 + 10.0, 1e-9);
  units.stores = 10;  // evenly spread, they hide
  EXPECT_LT(calibrated_cycles(units, values_of(constants)), cycles - 80.0);
}

TEST(CalibrationConstants, RoundTripThroughTheirVector) {
  const CalibrationConstants constants = shifted_constants();
  EXPECT_EQ(values_of(constants_of(values_of(constants))), values_of(constants));
  EXPECT_EQ(values_of(constants).size(), calibration_fields().size());
}

TEST(CounterTable, SelectPicksRows) {
  const CounterTable table = sample_table(10);
  const CounterTable some = select(table, torch::tensor({7, 2}, torch::kInt64));
  EXPECT_EQ(some.dim[0].item<double>(), table.dim[7].item<double>());
  EXPECT_EQ(some.counters.visits[1].item<double>(), table.counters.visits[2].item<double>());
  const Tensor all = cycles_of(table, {});
  EXPECT_EQ(cycles_of(some, {})[1].item<double>(), all[2].item<double>());
}

TEST(FitCalibration, FindsTheConstantsBehindTheCycles) {
  const CounterTable table = sample_table(300);
  const Tensor measured = cycles_of(table, shifted_constants());
  const CalibrationFit fit = fit_calibration(table, measured);
  const Tensor error = (cycles_of(table, fit.constants) / measured - 1.0).abs();
  EXPECT_LT(error.max().item<double>(), 0.02);
  EXPECT_LT(fit.loss, 1e-3);
  expect_in_bounds(fit.constants);
}

TEST(FitCalibration, StaysInBoundsWhateverTheCycles) {
  const CounterTable table = sample_table(60);
  for (double factor : {0.01, 100.0}) {
    const CalibrationFit fit = fit_calibration(table, factor * cycles_of(table, {}));
    expect_in_bounds(fit.constants);
    EXPECT_TRUE(std::isfinite(fit.loss));
  }
}

TEST(FitCalibration, TellsWhichConstantsEndAtTheirBounds) {
  EXPECT_TRUE(constants_at_bounds({}).empty());
  EXPECT_TRUE(constants_at_bounds(shifted_constants()).empty());
  CalibrationConstants constants;
  constants.store_llc_miss = 99.5;        // of at most 40 * 2.5
  constants.input_cycle = 0.2501;         // of at least 1 / 4
  constants.exposed = 0.7 * 1.43 * 0.98;  // near its bound, but not at it
  const std::vector<ConstantAtBound> found = constants_at_bounds(constants);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "input_cycle");
  EXPECT_EQ(found[0].value, 0.2501);
  EXPECT_DOUBLE_EQ(found[0].bound, 0.25);
  EXPECT_EQ(found[1].name, "store_llc_miss");
  EXPECT_DOUBLE_EQ(found[1].bound, 100.0);
  // A machine a hundred times as slow is beyond them.
  const CounterTable table = sample_table(60);
  const CalibrationFit fit = fit_calibration(table, 100.0 * cycles_of(table, {}));
  EXPECT_GE(constants_at_bounds(fit.constants).size(), 3U);
}

TEST(FitCalibration, IsDeterministic) {
  const CounterTable table = sample_table(60);
  const Tensor measured = cycles_of(table, shifted_constants());
  EXPECT_EQ(values_of(fit_calibration(table, measured).constants),
            values_of(fit_calibration(table, measured).constants));
}

}  // namespace
}  // namespace masala::learned
