#include "app/simulator_judge.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <stdexcept>

#include "support/accelerators.h"
#include "support/builders.h"
#include "targets/gemmini/gemmini_target.h"

namespace masala::app {
namespace {

using masala::testing::gemmini_rtl;
using masala::testing::hardware_of;
using masala::testing::layer_of;
using masala::testing::mapping_of;

LoadedAccelerator loaded(const model::Accelerator& accelerator) {
  return {accelerator, "", &gemmini::target()};
}

model::Workload two_layers() {
  model::Workload workload;
  workload.layers = {layer_of("R3 S3 P14 Q14 C32 K32"), layer_of("P64 C128 K96")};
  workload.layers[0].name = "conv";
  workload.layers[1].name = "fc";
  workload.layers[0].count = 3;
  workload.layers[0].groups = 2;
  return workload;
}

Contender whole_layers(const model::Hardware& hardware) {
  search::Problem problem;
  problem.accelerator = gemmini_rtl();
  problem.workload = two_layers();
  Contender contender;
  contender.model = "roofline";
  contender.design = search::make_design(
      problem,
      hardware,
      {mapping_of("L3[WIO] N1 - L2[WI] K16X - L1[O] R3 S3 C2 K2 Q14 P14 C16X - L0[W] N1",
                  problem.accelerator),
       mapping_of("L3[WIO] N1 - L2[WI] K16X - L1[O] C8 K6 P64 C16X - L0[W] N1",
                  problem.accelerator)});
  return contender;
}

model::SimulateOptions options_with(const char* cache) {
  model::SimulateOptions options;
  options.cache = cache;
  return options;
}

std::optional<std::vector<double>> cycles_with(const char* cache,
                                               const Contender& contender,
                                               const model::Accelerator& accelerator,
                                               const model::Workload& workload,
                                               const model::Monitor& monitor = {}) {
  const auto simulator = gemmini::target().make_simulator(accelerator);
  return simulated_cycles(
      contender, loaded(accelerator), workload, *simulator, options_with(cache), monitor);
}

TEST(SimulatorJudge, CarriesTheCachesFromLayerToLayer) {
  const model::Accelerator accelerator = gemmini_rtl();
  const Contender contender = whole_layers(hardware_of(accelerator));
  const model::Workload workload = two_layers();
  const auto judged = [&](const char* cache) {
    return *cycles_with(cache, contender, accelerator, workload);
  };
  const auto simulator = gemmini::target().make_simulator(accelerator);
  const auto memory = simulator->carried_memory("carry");
  std::vector<double> expected;
  for (std::size_t i = 0; i < 2; ++i) {
    const model::PreparedRun prepared = gemmini::target().prepare(contender.design.mappings[i],
                                                                  workload.layers[i],
                                                                  accelerator,
                                                                  contender.design.hardware,
                                                                  "clean");
    expected.push_back(
        std::round(simulator->run(*prepared.run, options_with("carry"), memory.get(), {}).cycles));
  }
  EXPECT_EQ(judged("carry"), expected);
  // The first layer finds its inputs alone, the next one what the first has left too.
  EXPECT_EQ(judged("inputs")[0], expected[0]);
  EXPECT_NE(judged("inputs")[1], expected[1]);
  EXPECT_LT(judged("warm")[0], expected[0]);
}

TEST(SimulatorJudge, TotalsCountEveryExecution) {
  Contender contender = whole_layers(hardware_of(gemmini_rtl()));
  contender.judged_cycles = {100.0, 7.0};
  const Score score = judged_score(contender, two_layers());
  EXPECT_EQ(score.cycles, 3 * 2 * 100.0 + 7.0);
  EXPECT_EQ(score.energy_uj, contender.design.cost.energy_uj);
  const std::vector<double> predicted = predicted_cycles(contender.design);
  EXPECT_EQ(predicted_score(contender).cycles, 6.0 * predicted[0] + predicted[1]);
}

TEST(SimulatorJudge, NamesEveryLayerThatTheDriverCannotRun) {
  const model::Accelerator accelerator = gemmini_rtl();
  const Contender contender =
      whole_layers(hardware_of(accelerator, {{"scratchpad_kib", 16}, {"accumulator_kib", 16}}));
  try {
    cycles_with("cold", contender, accelerator, two_layers());
    FAIL();
  } catch (const std::invalid_argument& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("conv: the tile needs "), std::string::npos) << text;
    EXPECT_NE(text.find("\nfc: the tile needs "), std::string::npos) << text;
  }
}

TEST(SimulatorJudge, StopsOnRequest) {
  const model::Accelerator accelerator = gemmini_rtl();
  const std::atomic<bool> stop{true};
  model::Monitor monitor;
  monitor.stop = &stop;
  EXPECT_FALSE(cycles_with(
      "cold", whole_layers(hardware_of(accelerator)), accelerator, two_layers(), monitor));
}

TEST(DefaultContender, RunsGemminisTilerOnItsOwnHardware) {
  model::Accelerator accelerator = gemmini_rtl();
  for (model::Level& level : accelerator.levels) {
    if (level.is_sized()) level.kib->fallback = 1024;  // whatever the file's defaults are
  }
  model::Workload workload = two_layers();
  workload.layers.push_back(layer_of("R3 S3 P57 Q57 C64 K100"));  // no divisors that fit
  const Contender contender = default_contender(loaded(accelerator), workload);
  EXPECT_EQ(contender.model, "default");
  const model::Hardware& hardware = contender.design.hardware;
  EXPECT_EQ(hardware.parameters[0], 16);
  EXPECT_EQ(*model::hardware_value(accelerator, hardware, "scratchpad_kib"), 256);
  EXPECT_EQ(*model::hardware_value(accelerator, hardware, "accumulator_kib"), 64);
  EXPECT_FALSE(model::is_perfect(contender.design.mappings[2], workload.layers[2]));
  // Energy is the exact model's, of the imperfect factors.
  const model::Machine machine = model::resolve(accelerator, hardware);
  EXPECT_EQ(contender.design.cost.layers[2].energy_pj,
            model::cost_of(contender.design.mappings[2], workload.layers[2], machine).energy_pj);
  const auto cycles = *cycles_with("cold", contender, accelerator, workload);
  const auto own =
      gemmini::target().prepare_default(workload.layers[0], accelerator, hardware, "clean");
  const auto simulator = gemmini::target().make_simulator(accelerator);
  EXPECT_EQ(
      cycles[0],
      std::round(simulator->run(*own.prepared.run, options_with("cold"), nullptr, {}).cycles));
}

}  // namespace
}  // namespace masala::app
