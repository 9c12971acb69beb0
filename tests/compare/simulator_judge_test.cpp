#include "app/simulator_judge.h"

#include <cmath>

#include <gtest/gtest.h>

#include "support/accelerators.h"
#include "support/builders.h"
#include "targets/gemmini/program/layer_run.h"
#include "targets/gemmini/simulator/constants.h"
#include "targets/gemmini/simulator/network_memory.h"

namespace masala::compare {
namespace {

using masala::testing::gemmini_rtl;
using masala::testing::hardware_of;
using masala::testing::layer_of;
using masala::testing::mapping_of;
using simulator::CacheState;
using simulator::ProgramKind;

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

simulator::SimulateOptions options_with(CacheState cache) {
  simulator::SimulateOptions options;
  options.cache = cache;
  return options;
}

TEST(SimulatorJudge, CarriesTheCachesFromLayerToLayer) {
  const model::Accelerator accelerator = gemmini_rtl();
  const Contender contender = whole_layers(hardware_of(accelerator));
  const model::Workload workload = two_layers();
  const auto judged = [&](CacheState cache) {
    return *simulated_cycles(contender, accelerator, workload, options_with(cache));
  };
  const simulator::SimulatorConstants constants = simulator::constants_from(accelerator);
  simulator::NetworkMemory memory(constants);
  std::vector<double> expected;
  for (std::size_t i = 0; i < 2; ++i) {
    const simulator::PreparedRun prepared = simulator::prepare_run(contender.design.mappings[i],
                                                                   workload.layers[i],
                                                                   accelerator,
                                                                   contender.design.hardware,
                                                                   ProgramKind::clean,
                                                                   options_with(CacheState::carry));
    expected.push_back(std::round(
        simulator::simulate(prepared.run.program, constants, prepared.run.options, &memory)
            .cycles));
  }
  EXPECT_EQ(judged(CacheState::carry), expected);
  // The first layer finds its inputs alone, the next one what the first has left too.
  EXPECT_EQ(judged(CacheState::inputs)[0], expected[0]);
  EXPECT_NE(judged(CacheState::inputs)[1], expected[1]);
  EXPECT_LT(judged(CacheState::warm)[0], expected[0]);
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
    simulated_cycles(contender, accelerator, two_layers(), options_with(CacheState::cold));
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
  EXPECT_FALSE(simulated_cycles(whole_layers(hardware_of(accelerator)),
                                accelerator,
                                two_layers(),
                                options_with(CacheState::cold),
                                monitor));
}

TEST(DefaultContender, RunsGemminisTilerOnItsOwnHardware) {
  model::Accelerator accelerator = gemmini_rtl();
  for (model::Level& level : accelerator.levels) {
    if (level.is_sized()) level.kib->fallback = 1024;  // whatever the file's defaults are
  }
  model::Workload workload = two_layers();
  workload.layers.push_back(layer_of("R3 S3 P57 Q57 C64 K100"));  // no divisors that fit
  const Contender contender = default_contender(accelerator, workload);
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
  const auto cycles =
      *simulated_cycles(contender, accelerator, workload, options_with(CacheState::cold));
  const simulator::PreparedRun own = simulator::prepare_default_run(workload.layers[0],
                                                                    accelerator,
                                                                    hardware,
                                                                    ProgramKind::clean,
                                                                    options_with(CacheState::cold))
                                         .prepared;
  EXPECT_EQ(cycles[0],
            std::round(simulator::simulate(
                           own.run.program, simulator::constants_from(accelerator), own.run.options)
                           .cycles));
}

}  // namespace
}  // namespace masala::compare
