// Gemmini through the interface that all machines share.
#include "targets/gemmini/gemmini_target.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

#include "masala/model/latency_base.h"
#include "support/accelerators.h"
#include "support/builders.h"
#include "targets/gemmini/gemmini_test_support.h"
#include "targets/gemmini/program/layer_run.h"
#include "targets/gemmini/simulator/simulate.h"

namespace masala::gemmini {
namespace {

using masala::testing::gemmini_rtl;
using masala::testing::hardware_of;
using Strings = std::vector<std::string>;

constexpr const char* kClean = "clean";
constexpr const char* kMeasured = "measured";

// A layer of one tile, 16 x 32 by 32 x 16.
model::MeasuredRow one_tile() {
  return row_of("P16 C32 K16", "L3[WIO] N1 - L2[WI] K16X - L1[O] P16 C2 C16X - L0[W] N1", 1);
}

model::TraceColumn columns(const std::map<std::string, Strings>& table) {
  return [table](const std::string& name) -> std::optional<Strings> {
    const auto at = table.find(name);
    if (at == table.end()) return std::nullopt;
    return at->second;
  };
}

TEST(GemminiTarget, RecognisesFireSimsTables) {
  const auto recognised = [](const std::map<std::string, Strings>& table) {
    const model::RecognisedProgram found = target().recognise(columns(table));
    return std::pair(found.program, found.why);
  };
  using Recognised = std::pair<std::string, std::string>;
  EXPECT_EQ(recognised({{"target.gemmini_auto_cycle", {"12"}}, {"dse.auto_tiling", {}}}),
            Recognised(kMeasured, "the table has FireSim's column target.gemmini_auto_cycle"));
  EXPECT_EQ(recognised({{"dse.auto_tiling", {}}, {"arch.meshX", {"16"}}}),
            Recognised(kMeasured, "the table has FireSim's column dse.auto_tiling"));
  EXPECT_EQ(recognised({{"arch.meshX", {"128"}}}),
            Recognised(kMeasured, "arch.meshX is 128 in all rows, as in FireSim's tables"));
  const Recognised none(kClean, "the table shows no sign of FireSim's driver");
  EXPECT_EQ(recognised({{"arch.meshX", {"128", "16"}}}), none);
  EXPECT_EQ(recognised({{"arch.meshX", {}}}), none);
  EXPECT_EQ(recognised({}), none);
}

TEST(GemminiTarget, KnowsWhatTheCachesHeldUnderFireSimAlone) {
  EXPECT_EQ(target().usual_cache(kMeasured), "warm");
  EXPECT_EQ(target().usual_cache(kClean), std::nullopt);
}

TEST(GemminiTarget, RefusesProgramsThatItDoesNotKnow) {
  EXPECT_THROW(target().usual_cache("dirty"), std::invalid_argument);
  EXPECT_THROW(target().latency_base(gemmini_rtl(), shifted_constants(), {kClean, "hot"}),
               std::invalid_argument);
  EXPECT_EQ(target().programs(), (Strings{kClean, kMeasured}));
  for (const std::string& program : target().programs()) {
    for (const std::string& cache : target().cache_states())
      EXPECT_TRUE(target().latency_base(gemmini_rtl(), shifted_constants(), {program, cache}));
  }
}

TEST(GemminiTarget, MeasuredSizesAreThoseOfTheMeasuredMachine) {
  const auto sizes = target().measured_sizes(gemmini_rtl(), kMeasured);
  ASSERT_EQ(sizes.size(), 2U);
  EXPECT_EQ(sizes[0].key, "scratchpad_kib");
  EXPECT_EQ(sizes[0].value, 4096);
  EXPECT_EQ(sizes[1].key, "accumulator_kib");
  EXPECT_EQ(sizes[1].value, 4096);
  EXPECT_TRUE(target().measured_sizes(gemmini_rtl(), kClean).empty());
}

TEST(GemminiTarget, MeasuredArraysArePowersOfTwoUpTo64) {
  const auto restricted = [](model::Range range, const char* program) {
    model::Accelerator accelerator = driven_gemmini();
    accelerator.parameters[0].range = range;
    target().restrict_to_measured(program, accelerator);
    return accelerator.parameters[0].range;
  };
  const model::Range wide{3, 128, 1, false, 16};
  const model::Range found = restricted(wide, kMeasured);
  EXPECT_EQ(found.min, 4);
  EXPECT_EQ(found.max, 64);
  EXPECT_TRUE(found.powers_of_two);
  EXPECT_TRUE(found.contains(found.fallback));
  EXPECT_EQ(restricted({2, 32, 1, false, 16}, kMeasured).max, 32);
  // The clean program runs on any; a fixed array is what it is, and so is one beyond all measured.
  EXPECT_EQ(restricted(wide, kClean).min, 3);
  EXPECT_EQ(restricted({12, 12, 1, false, 12}, kMeasured).min, 12);
  EXPECT_EQ(restricted({65, 100, 1, false, 65}, kMeasured).max, 100);
}

TEST(GemminiTarget, RowsOfTheGeneratorsMeshRanOnTheSmallestThatHoldsTheMapping) {
  const model::Accelerator accelerator = driven_gemmini();
  const model::MeasuredRow row = small_row(1, 2, 128);
  EXPECT_EQ(target().array_dim(row, accelerator, kMeasured), 8);
  const model::Hardware ran_on = target().ran_on(row, accelerator, kMeasured);
  EXPECT_EQ(ran_on.parameters[0], 8);
  EXPECT_EQ(ran_on.kib, row.hardware.kib);
  EXPECT_EQ(model::resolve(accelerator, ran_on).spatial_limit[kAccumulator][model::Dim::C], 8);
  EXPECT_EQ(target().ran_on(row, accelerator, kClean).parameters[0], 128);
  // 8 * 4 * 16 MACs.
  EXPECT_EQ(target().compute_cycles(row, accelerator, kMeasured), 512.0 / 64);
  EXPECT_EQ(target().compute_cycles(small_row(1), accelerator, kClean), 512.0 / 256);
}

TEST(GemminiTarget, PublishedHardwareIsTheGeneratorsDefault) {
  const model::Accelerator accelerator = driven_gemmini();
  const model::Hardware hardware = target().published_hardware(accelerator);
  EXPECT_EQ(model::hardware_value(accelerator, hardware, "pe_dim"), 16);
  EXPECT_EQ(model::hardware_value(accelerator, hardware, "scratchpad_kib"), 256);
  EXPECT_EQ(model::hardware_value(accelerator, hardware, "accumulator_kib"), 64);
}

TEST(GemminiTarget, PreparedRunsAreSimulatedAsTheirPrograms) {
  const model::Accelerator accelerator = gemmini_rtl();
  const model::Hardware hardware =
      hardware_of(accelerator, {{"scratchpad_kib", 64}, {"accumulator_kib", 64}});
  const model::MeasuredRow row = one_tile();
  const model::PreparedRun prepared =
      target().prepare(row.mapping, row.layer, accelerator, hardware, kClean);
  ASSERT_TRUE(prepared.problems.empty());
  EXPECT_EQ(prepared.run->label(), "clean matrix multiply on 16 x 16");
  EXPECT_EQ(prepared.run->array_dim(), 16);

  const auto simulator = target().make_simulator(accelerator);
  EXPECT_EQ(simulator->version(), kSimulatorVersion);
  EXPECT_EQ(simulator->units(), (Strings{"load", "execute", "store"}));
  model::SimulateOptions options;
  options.cache = "cold";
  std::int64_t tiles = 0;
  options.on_tile = [&](const model::TileTimes& times) {
    EXPECT_EQ(times.units.size(), simulator->units().size());
    ++tiles;
  };
  const model::SimulationResult result = simulator->run(*prepared.run, options, nullptr, {});
  SimulationSettings settings;
  settings.cache = CacheState::cold;
  settings.scratchpad_kib = settings.accumulator_kib = 64;
  const model::SimulationResult expected =
      simulate(dynamic_cast<const GemminiRun&>(*prepared.run).program, {}, settings);
  EXPECT_EQ(result.cycles, expected.cycles);
  EXPECT_EQ(result.busy, expected.busy);
  EXPECT_EQ(tiles, result.tiles);
}

TEST(GemminiTarget, CachesCarryOverWhereTheyAreSaidTo) {
  const auto simulator = target().make_simulator(gemmini_rtl());
  for (const std::string& cache : target().cache_states())
    EXPECT_EQ(simulator->carried_memory(cache) != nullptr, cache == "carry") << cache;
  EXPECT_THROW(simulator->carried_memory("hot"), std::invalid_argument);
}

// Of the same rows, one by one and all together.
TEST(GemminiTarget, TheFormulaOfRowsIsTheirLatencyBase) {
  const model::Accelerator accelerator = driven_gemmini();
  const model::RunConditions conditions{kClean, "inputs"};
  const std::vector<model::MeasuredRow> rows = random_rows(20, 5);
  const auto formula = target().cycle_formula(rows, accelerator, conditions, {});
  const auto base = target().latency_base(accelerator, shifted_constants(), conditions);
  const model::BaseBatch batch = formula->at(shifted_constants());
  ASSERT_EQ(batch.features.size(1), static_cast<std::int64_t>(base->feature_names().size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto b = static_cast<std::int64_t>(i);
    const model::Machine machine = model::resolve(accelerator, rows[i].hardware);
    const model::LayerCost roofline = model::cost_of(rows[i].mapping, rows[i].layer, machine);
    const model::BasePoint point = base->at(rows[i].mapping, rows[i].layer, machine, roofline);
    EXPECT_NEAR(batch.base_cycles[b].item<double>() / point.base_cycles, 1.0, 1e-12);
    EXPECT_EQ(batch.compute_cycles[b].item<double>(), point.compute_cycles);
    for (std::size_t f = 0; f < point.features.size(); ++f) {
      EXPECT_NEAR(
          batch.features[b][static_cast<std::int64_t>(f)].item<double>(), point.features[f], 1e-9)
          << base->feature_names()[f];
    }
  }
  const Tensor chosen = torch::tensor({7, 2}, torch::kInt64);
  const Tensor some = formula->select(chosen)->at(shifted_constants()).base_cycles;
  EXPECT_TRUE(some.equal(batch.base_cycles.index_select(0, chosen)));
}

}  // namespace
}  // namespace masala::gemmini
