#include "targets/gemmini/program/layer_run.h"

#include <gtest/gtest.h>

#include "support/accelerators.h"
#include "support/builders.h"
#include "targets/gemmini/simulator/constants.h"

namespace masala::gemmini {
namespace {

using masala::testing::gemmini;
using masala::testing::layer_of;
using Problems = std::vector<std::string>;

model::Accelerator simulated_gemmini() {
  model::Accelerator accelerator = gemmini();
  accelerator.program =
      model::Program{"gemmini", {{"scratchpad_kib", 4096}, {"accumulator_kib", 4096}}};
  accelerator.simulator.clear();
  return accelerator;
}

model::Mapping mapping_of_text(const char* text) {
  return model::parse_mapping(text, gemmini()).mapping;
}

model::Hardware hardware_of(double pe_dim, double scratchpad_kib, double accumulator_kib) {
  const model::Accelerator accelerator = gemmini();
  model::Hardware hardware = model::default_hardware(accelerator);
  model::set_hardware_value(accelerator, hardware, "pe_dim", pe_dim);
  model::set_hardware_value(accelerator, hardware, "scratchpad_kib", scratchpad_kib);
  model::set_hardware_value(accelerator, hardware, "accumulator_kib", accumulator_kib);
  return hardware;
}

const GemminiRun& run_of(const model::PreparedRun& prepared) {
  return dynamic_cast<const GemminiRun&>(*prepared.run);
}

TEST(Constants, TheAcceleratorsValuesReplaceTheDefaults) {
  model::Accelerator accelerator = simulated_gemmini();
  accelerator.simulator = {{"put_latency", 99}, {"dram_latency", 0.5}, {"response_gap", 0}};
  const SimulatorConstants constants = constants_from(accelerator);
  EXPECT_EQ(constants.response_gap, 0.0);
  EXPECT_EQ(constants.put_latency, 99.0);
  EXPECT_EQ(constants.dram_latency, 0.5);
  EXPECT_EQ(constants.l2_hit_latency, SimulatorConstants().l2_hit_latency);
  accelerator.simulator = {{"put_latncy", 99}};
  EXPECT_THROW(constants_from(accelerator), std::invalid_argument);
}

TEST(DriverProblems, SayWhatTheSimulatorCannotRun) {
  model::Accelerator accelerator = simulated_gemmini();
  EXPECT_TRUE(driver_problems(accelerator, ProgramKind::clean).empty());
  EXPECT_TRUE(driver_problems(accelerator, ProgramKind::measured).empty());

  accelerator.program->measured_hardware.pop_back();
  EXPECT_TRUE(driver_problems(accelerator, ProgramKind::clean).empty());
  EXPECT_EQ(driver_problems(accelerator, ProgramKind::measured),
            (Problems{"program.measured_hardware: accumulator_kib missing; expected it for the "
                      "measured program"}));
  accelerator.levels[2].name = "buffer";
  accelerator.simulator = {{"speed", 1}};
  const Problems all = driver_problems(accelerator, ProgramKind::clean);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].rfind("levels: not those of Gemmini; ", 0), 0U);
  EXPECT_EQ(all[1].rfind("simulator.speed: unknown constant; expected one of l2_hit_latency, ", 0),
            0U);
}

TEST(PrepareRun, TheCleanProgramRunsOnTheRowsHardware) {
  const model::Layer layer = layer_of("P64 C32 K32");
  const model::Mapping mapping =
      mapping_of_text("L3[WIO] N1 - L2[WI] K8X - L1[O] P64 C4 K4 C8X - L0[W] N1");
  const model::PreparedRun fits =
      prepare_run(mapping, layer, simulated_gemmini(), hardware_of(8, 6, 16), ProgramKind::clean);
  EXPECT_TRUE(fits.problems.empty());
  EXPECT_EQ(run_of(fits).program.dim, 8);
  EXPECT_EQ(run_of(fits).sizes.scratchpad_kib, 6.0);
  EXPECT_EQ(run_of(fits).sizes.accumulator_kib, 16.0);
  // 64 x 32 inputs and 32 x 32 weights are 3 KiB; 64 x 32 sums of 4 bytes are 8 KiB.
  const model::PreparedRun no_scratchpad =
      prepare_run(mapping, layer, simulated_gemmini(), hardware_of(8, 5, 16), ProgramKind::clean);
  EXPECT_EQ(no_scratchpad.problems.size(), 1U);
  const model::PreparedRun neither =
      prepare_run(mapping, layer, simulated_gemmini(), hardware_of(8, 5, 15), ProgramKind::clean);
  EXPECT_EQ(neither.problems.size(), 2U);
}

TEST(PrepareRun, TheMeasuredProgramRunsOnTheMeasuredMachine) {
  const model::Layer layer = layer_of("P64 C32 K32");
  const model::Mapping mapping =
      mapping_of_text("L3[WIO] N1 - L2[WI] K4X - L1[O] P64 C4 K8 C8X - L0[W] N1");
  const model::PreparedRun run = prepare_run(
      mapping, layer, simulated_gemmini(), hardware_of(128, 1, 1), ProgramKind::measured);
  EXPECT_TRUE(run.problems.empty());
  EXPECT_EQ(run_of(run).program.dim, 8);
  EXPECT_EQ(run_of(run).sizes.scratchpad_kib, 4096.0);
}

TEST(PrepareRun, SaysWhatTheMeasuredDriverCannotRun) {
  const auto problems = [](const char* shape, const char* mapping, auto change) {
    model::Layer layer = layer_of(shape);
    change(layer);
    return prepare_run(mapping_of_text(mapping),
                       layer,
                       simulated_gemmini(),
                       hardware_of(16, 256, 64),
                       ProgramKind::measured)
        .problems;
  };
  const auto same = [](model::Layer&) {};
  const char* small_tiles = "L3[WIO] R7 S7 P8 Q8 - L2[WI] N1 - L1[O] N1 - L0[W] N1";
  // Tiles of one pixel and one tap start 3 columns left of the image.
  EXPECT_EQ(problems("R7 S7 P8 Q8", small_tiles, same),
            (Problems{"the measured driver never ends: the first tile's 1 columns lie in the "
                      "padding of 3; expected a wider tile"}));
  const char* whole = "L3[WIO] N1 - L2[WI] N1 - L1[O] R3 S3 P8 Q8 - L0[W] N1";
  EXPECT_TRUE(problems("R3 S3 P8 Q8", whole, same).empty());
  EXPECT_EQ(problems("R3 S3 P8 Q8", whole, [](model::Layer& l) { l.dilation_h = 2; }).size(), 1U);
  EXPECT_EQ(problems("R3 S3 P8 Q8", whole, [](model::Layer& l) { l.stride_h = 2; }).size(), 1U);
  EXPECT_EQ(problems("P8 N2", "L3[WIO] N2 - L2[WI] N1 - L1[O] P8 - L0[W] N1", same).size(), 1U);
}

TEST(PrepareRun, RefusesArraysBeyondReason) {
  const model::Layer layer = layer_of("P64 C64 K64");
  const model::Mapping mapping =
      mapping_of_text("L3[WIO] P64 C64 K64 - L2[WI] N1 - L1[O] N1 - L0[W] N1");
  for (ProgramKind kind : {ProgramKind::clean, ProgramKind::measured}) {
    for (double dim : {1025.0, 2147483647.0, 2147483648.0, 1099511627776.0}) {
      const model::PreparedRun array =
          prepare_run(mapping, layer, simulated_gemmini(), hardware_of(dim, 256, 64), kind);
      const std::string width = std::to_string(static_cast<std::int64_t>(dim));
      const std::string expected =
          "the array is " + width + " wide; the simulator knows arrays from 1 to 1024";
      EXPECT_EQ(array.problems, (Problems{expected}));
    }
  }
}

TEST(PrepareRun, TakesAnyNumberOfTiles) {
  const model::Layer layer = layer_of("P65536 Q65536 C64 K64");
  const model::Mapping mapping =
      mapping_of_text("L3[WIO] P65536 Q65536 C64 K64 - L2[WI] N1 - L1[O] N1 - L0[W] N1");
  const model::PreparedRun run = prepare_run(
      mapping, layer, simulated_gemmini(), hardware_of(16, 256, 64), ProgramKind::clean);
  EXPECT_TRUE(run.problems.empty());
}

// 2^31 x 1 outputs are a matrix multiply; 2^31 x 2 the measured driver takes for 2^31 x 2^31.
TEST(PrepareRun, RefusesLayersThatTheMeasuredDriverMakesTooLarge) {
  const model::Layer layer = layer_of("P2147483648 Q2 C8 K8");
  const model::Mapping mapping =
      mapping_of_text("L3[WIO] P2147483648 Q2 C8 K8 - L2[WI] N1 - L1[O] N1 - L0[W] N1");
  const auto problems = [&](ProgramKind kind) {
    return prepare_run(mapping, layer, simulated_gemmini(), hardware_of(16, 256, 64), kind)
        .problems;
  };
  EXPECT_TRUE(problems(ProgramKind::clean).empty());
  EXPECT_EQ(problems(ProgramKind::measured),
            (Problems{"the measured driver runs it as 2147483648 x 2147483648 outputs, more than "
                      "2^53 MACs; expected a smaller layer"}));
}

TEST(PrepareDefaultRun, TellsWhenNoTileFits) {
  const model::Layer layer = layer_of("R3 S3 P56 Q56 C64 K64");
  const model::PreparedDefaultRun fits =
      prepare_default_run(layer, simulated_gemmini(), hardware_of(16, 256, 64), ProgramKind::clean);
  EXPECT_TRUE(fits.prepared.problems.empty());
  EXPECT_EQ(run_of(fits.prepared).tiler_size_checks, 0) << "not in the timed region";
  EXPECT_EQ(fits.mapping.num_levels, 4);
  const model::PreparedDefaultRun none = prepare_default_run(
      layer_of("P64 C64 K64"), simulated_gemmini(), hardware_of(128, 1, 64), ProgramKind::clean);
  EXPECT_EQ(none.prepared.problems.at(0).rfind("no tile fits the memories: ", 0), 0U);
}

}  // namespace
}  // namespace masala::gemmini
