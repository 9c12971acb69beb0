// Which target an accelerator's description is of, and what the one without a driver can do.
#include "masala/targets/targets.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/accelerators.h"
#include "support/builders.h"
#include "targets/gemmini/gemmini_target.h"
#include "targets/roofline/roofline_target.h"

namespace masala::targets {
namespace {

using masala::testing::eyeriss_like;
using masala::testing::gemmini_rtl;
using Strings = std::vector<std::string>;

TEST(Targets, AreKnownByTheirNames) {
  for (const model::Target* target : all_targets()) EXPECT_EQ(find_target(target->name()), target);
  EXPECT_EQ(find_target("gemmini"), &gemmini::target());
  EXPECT_EQ(find_target("roofline"), &roofline_target());
  EXPECT_EQ(find_target("vta"), nullptr);
  EXPECT_EQ(find_target(""), nullptr);
}

TEST(Targets, NameTheirProgramsAndCachesOnceTheUsualOnesFirst) {
  EXPECT_EQ(program_names(), (Strings{"clean", "measured"}));
  EXPECT_EQ(cache_state_names(), (Strings{"warm", "inputs", "llc", "cold", "carry"}));
}

TEST(Targets, NameTheColumnsOfTraces) {
  EXPECT_EQ(trace_column("pe_dim"), "arch.meshX");
  EXPECT_EQ(trace_column("scratchpad_kib"), "arch.scratchpad_kib");
}

TEST(TargetOf, IsTheDriversWhereItCanRunTheUsualProgram) {
  EXPECT_EQ(&target_of(gemmini_rtl()), &gemmini::target());
  model::Accelerator driven = masala::testing::gemmini();
  EXPECT_EQ(&target_of(driven), &roofline_target()) << "no program";
  driven.program = model::Program{"gemmini", {}};
  EXPECT_EQ(&target_of(driven), &gemmini::target()) << "the clean program needs no sizes";
}

TEST(TargetOf, IsTheOneWithoutADriverForEveryOtherMachine) {
  EXPECT_EQ(&target_of(eyeriss_like()), &roofline_target());
  model::Accelerator unknown = gemmini_rtl();
  unknown.program->driver = "vta";
  EXPECT_EQ(&target_of(unknown), &roofline_target());
  unknown.program->driver = "roofline";
  EXPECT_EQ(&target_of(unknown), &roofline_target());
  model::Accelerator other_levels = gemmini_rtl();
  other_levels.levels[2].name = "buffer";
  EXPECT_EQ(&target_of(other_levels), &roofline_target());
}

TEST(ProgramProblems, SayWhyNothingCanBeRun) {
  EXPECT_TRUE(program_problems(gemmini_rtl(), "").empty());
  EXPECT_TRUE(program_problems(gemmini_rtl(), "measured").empty());
  model::Accelerator accelerator = gemmini_rtl();
  accelerator.program.reset();
  EXPECT_EQ(program_problems(accelerator, ""),
            (Strings{"program: missing; expected {driver: gemmini}: only machines with a known "
                     "driver can be simulated"}));
  for (const char* driver : {"vta", "roofline"}) {
    accelerator.program = model::Program{driver, {}};
    EXPECT_EQ(program_problems(accelerator, "clean"),
              (Strings{std::string("program.driver: got ") + driver + "; expected gemmini"}));
  }
}

TEST(ProgramProblems, AreTheTargetsOwnOfTheProgram) {
  model::Accelerator accelerator = gemmini_rtl();
  accelerator.program->measured_hardware.clear();
  EXPECT_TRUE(program_problems(accelerator, "").empty());
  EXPECT_EQ(program_problems(accelerator, "measured"),
            (Strings{"program.measured_hardware: scratchpad_kib missing; expected it for the "
                     "measured program",
                     "program.measured_hardware: accumulator_kib missing; expected it for the "
                     "measured program"}));
  accelerator.levels[2].name = "buffer";
  EXPECT_EQ(program_problems(accelerator, ""),
            (Strings{"levels: not those of Gemmini; expected registers, accumulator, scratchpad "
                     "and dram with the hardware keys pe_dim, scratchpad_kib and "
                     "accumulator_kib"}));
}

// Two rows of three of its elements work.
model::MeasuredRow eyeriss_row() {
  const model::Accelerator accelerator = eyeriss_like();
  model::MeasuredRow row;
  row.layer = masala::testing::layer_of("R3 S2 P8 Q12 C32");
  row.mapping = masala::testing::mapping_of("L2[WIO] C32 Q4 - L1[IO] R3 P8 S2X Q3X - L0[WIO] N1",
                                            accelerator);
  row.hardware = model::default_hardware(accelerator);
  return row;
}

TEST(RooflineTarget, HasNoDriver) {
  const model::Target& target = roofline_target();
  const model::Accelerator accelerator = eyeriss_like();
  const model::MeasuredRow row = eyeriss_row();
  EXPECT_FALSE(target.has_driver());
  EXPECT_FALSE(target.driver_words(accelerator));
  try {
    target.prepare(row.mapping, row.layer, accelerator, row.hardware, "clean");
    FAIL() << "nothing can be run";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "machines of the kind roofline have no driver: nothing can be run");
  }
  EXPECT_THROW(target.prepare_default(row.layer, accelerator, row.hardware, "clean"),
               std::invalid_argument);
  EXPECT_THROW(target.make_simulator(accelerator), std::invalid_argument);
  EXPECT_THROW(target.tile_header("bert", "BERT", {}), std::invalid_argument);
}

TEST(RooflineTarget, TakesMeasuredRowsAsTheyAre) {
  const model::Target& target = roofline_target();
  const model::Accelerator accelerator = eyeriss_like();
  const model::MeasuredRow row = eyeriss_row();
  const model::RecognisedProgram recognised =
      target.recognise([](const std::string&) { return Strings{"128"}; });
  EXPECT_EQ(recognised.program, "clean");
  EXPECT_EQ(recognised.why, "there is no other");
  EXPECT_EQ(target.usual_cache("clean"), std::nullopt);
  EXPECT_TRUE(target.measured_sizes(accelerator, "clean").empty());
  EXPECT_TRUE(target.row_problems(row, accelerator, "clean").empty());
  EXPECT_EQ(target.artefact(row, accelerator, "clean"), "");
  EXPECT_EQ(target.ran_on(row, accelerator, "clean").kib, row.hardware.kib);
  EXPECT_EQ(target.array_dim(row, accelerator, "clean"), 1);
  // 3 * 2 * 8 * 12 * 32 MACs on 6 elements.
  EXPECT_EQ(target.compute_cycles(row, accelerator, "clean"), 3072.0);
  EXPECT_EQ(target.published_hardware(accelerator).kib, model::default_hardware(accelerator).kib);
}

TEST(RooflineTarget, HasNothingToFit) {
  EXPECT_TRUE(roofline_target().constants().empty());
}

}  // namespace
}  // namespace masala::targets
