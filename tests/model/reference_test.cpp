// Agreement with Timeloop, with cycles stored next to measured rows, and with Accelergy's areas.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "masala/model/cost.h"
#include "support/accelerators.h"
#include "support/builders.h"
#include "support/loop_nest.h"
#include "support/reference_data.h"

namespace masala::model {
namespace {

using masala::testing::gemmini;
using masala::testing::hardware_of;
using masala::testing::reference_rows;
using masala::testing::ReferenceRow;

// Timeloop prints energies with about six digits.
constexpr double kEnergyTolerance = 1e-5;

double number(const ReferenceRow& row, const std::string& column) {
  return std::stod(row.at(column));
}

Layer layer_of_row(const ReferenceRow& row) {
  const auto integer = [&](const char* column) { return std::stoll(row.at(column)); };
  Layer layer;
  for (Dim dim : kAllDims) layer.bounds[dim] = std::stoll(row.at("prob." + std::string(name(dim))));
  layer.stride_w = integer("prob.Wstride");
  layer.stride_h = integer("prob.Hstride");
  layer.dilation_w = integer("prob.Wdilation");
  layer.dilation_h = integer("prob.Hdilation");
  return layer;
}

Hardware hardware_of_row(const ReferenceRow& row, const Accelerator& accelerator) {
  const double pe_dim = number(row, "arch.meshX");
  return hardware_of(accelerator,
                     {{"pe_dim", pe_dim},
                      {"scratchpad_kib", number(row, "arch.mem2_entries") / 1024},
                      {"accumulator_kib", number(row, "arch.mem1_depth") * 4 * pe_dim / 1024}});
}

// A row of a file as model types; a problem with its mapping is a failure.
struct Row {
  Layer layer;
  Mapping mapping;
  Machine machine;
};

Row row_of(const ReferenceRow& row, const Accelerator& accelerator) {
  const ParsedMapping parsed = parse_mapping(row.at("mapping.mapping"), accelerator);
  EXPECT_EQ(parsed.problems, std::vector<std::string>{});
  Row result{
      layer_of_row(row), parsed.mapping, resolve(accelerator, hardware_of_row(row, accelerator))};
  EXPECT_EQ(problems(result.layer), std::vector<std::string>{});
  EXPECT_EQ(problems(result.mapping, result.layer, accelerator, result.machine),
            std::vector<std::string>{});
  return result;
}

class TimeloopReference : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Files,
                         TimeloopReference,
                         ::testing::Values("networks", "stress"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST_P(TimeloopReference, EveryCountCycleAndEnergyAgrees) {
  const auto rows = reference_rows("timeloop/" + std::string(GetParam()) + ".csv");
  if (!rows) GTEST_SKIP() << "no timeloop/" << GetParam() << ".csv in MASALA_REFERENCE_DIR";
  ASSERT_EQ(rows->size(), 1500u);
  const Accelerator accelerator = gemmini();
  double worst_energy = 0.0;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const ReferenceRow& row = (*rows)[i];
    SCOPED_TRACE("row " + std::to_string(i + 1) + ": " + row.at("mapping.mapping"));
    const Row r = row_of(row, accelerator);
    const Traffic traffic = count_traffic(r.mapping, r.layer, r.machine);
    int compared = 0;
    for (int l = 0; l < accelerator.num_levels(); ++l) {
      for (Operand operand : kAllOperands) {
        const std::string prefix =
            "timeloop." + accelerator.levels[l].name + "." + std::string(name(operand)) + ".";
        if (row.count(prefix + "reads") == 0) continue;
        EXPECT_EQ(traffic.reads[l][operand], std::stoll(row.at(prefix + "reads"))) << prefix;
        EXPECT_EQ(traffic.fills[l][operand], std::stoll(row.at(prefix + "fills"))) << prefix;
        EXPECT_EQ(traffic.updates[l][operand], std::stoll(row.at(prefix + "updates"))) << prefix;
        ++compared;
      }
    }
    EXPECT_EQ(compared, 7);  // W at 3 levels, I at 2, O at 2
    const LayerCost cost = cost_of(traffic, r.mapping, r.layer, r.machine);
    EXPECT_EQ(cost.cycles, number(row, "timeloop.cycles"));
    const double energy_uj = number(row, "timeloop.energy_uj");
    worst_energy = std::max(worst_energy, std::abs(cost.energy_pj / 1e6 / energy_uj - 1.0));
  }
  EXPECT_LE(worst_energy, kEnergyTolerance);
  RecordProperty("max_relative_energy_error", std::to_string(worst_energy * 1e9) + "e-9");
}

// The oracle of the property tests, held against Timeloop itself where few enough tiles pass.
TEST_P(TimeloopReference, TheLoopNestInterpreterFetchesTheSameInputs) {
  const auto rows = reference_rows("timeloop/" + std::string(GetParam()) + ".csv");
  if (!rows) GTEST_SKIP() << "no timeloop/" << GetParam() << ".csv in MASALA_REFERENCE_DIR";
  constexpr std::int64_t kMaxTiles = 2000;
  constexpr int kScratchpad = 2;
  constexpr int kDram = 3;
  const Accelerator accelerator = gemmini();
  int walked = 0;
  for (const ReferenceRow& row : *rows) {
    const Row r = row_of(row, accelerator);
    std::int64_t tiles = 1;
    for (std::int64_t bound : r.mapping.levels[kDram].temporal.values) tiles *= bound;
    if (tiles > kMaxTiles) continue;
    EXPECT_EQ(masala::testing::words_fetched(Operand::inputs,
                                             r.mapping,
                                             r.layer,
                                             kScratchpad,
                                             kScratchpad,
                                             masala::testing::HaloCredit::as_timeloop),
              std::stoll(row.at("timeloop.scratchpad.inputs.fills")))
        << row.at("mapping.mapping");
    ++walked;
  }
  EXPECT_GT(walked, 300);
}

TEST(RooflineReference, EqualsTheStoredCyclesOfSearchedDesigns) {
  const auto rows = reference_rows("firesim/searched_designs.csv");
  if (!rows) GTEST_SKIP() << "no firesim/searched_designs.csv in MASALA_REFERENCE_DIR";
  ASSERT_EQ(rows->size(), 81u);
  const Accelerator accelerator = gemmini();
  for (const ReferenceRow& row : *rows) {
    SCOPED_TRACE(row.at("mapping.mapping"));
    const Row r = row_of(row, accelerator);
    EXPECT_EQ(cost_of(r.mapping, r.layer, r.machine).cycles, number(row, "target.cycle"));
  }
}

TEST(AreaReference, FollowsAccelergyWithinTheFitsError) {
  const auto rows = reference_rows("timeloop/area.csv");
  if (!rows) GTEST_SKIP() << "no timeloop/area.csv in MASALA_REFERENCE_DIR";
  ASSERT_EQ(rows->size(), 95u);
  const Accelerator accelerator = gemmini();
  double sum = 0.0;
  double worst = 0.0;
  for (const ReferenceRow& row : *rows) {
    Hardware hardware = default_hardware(accelerator);
    for (const char* key : {"pe_dim", "scratchpad_kib", "accumulator_kib"}) {
      ASSERT_TRUE(set_hardware_value(accelerator, hardware, key, number(row, key)));
    }
    const double error = std::abs(area_mm2(accelerator, hardware) / number(row, "area_mm2") - 1.0);
    sum += error;
    worst = std::max(worst, error);
  }
  EXPECT_LE(sum / 95, 0.05);
  EXPECT_LE(worst, 0.16);
  RecordProperty("mean_percent", std::to_string(100 * sum / 95));
  RecordProperty("max_percent", std::to_string(100 * worst));
}

}  // namespace
}  // namespace masala::model
