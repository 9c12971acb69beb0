// What a layer finds of the layers before it.
#include "targets/gemmini/simulator/network_memory.h"

#include <gtest/gtest.h>

#include <utility>

#include "support/builders.h"
#include "targets/gemmini/simulator/simulate.h"

namespace masala::gemmini {
namespace {

using masala::testing::layer_of;
using model::Dim;

Tiling whole_layer(const model::Layer& layer) {
  Tiling tiling;
  tiling.tile = layer.bounds;
  return tiling;
}

DriverProgram small_matmul(ProgramKind kind) {
  const model::Layer layer = layer_of("P64 C64 K64");
  return make_program(whole_layer(layer), layer, 16, kind);
}

std::pair<double, double> cycles_one_after_the_other(const DriverProgram& program) {
  NetworkMemory memory{SimulatorConstants()};
  SimulationSettings carry;
  carry.cache = CacheState::carry;
  const double first = simulate(program, {}, carry, &memory).cycles;
  return {first, simulate(program, {}, carry, &memory).cycles};
}

// The published harness has the arrays of all layers in the same place.
TEST(CarriedCaches, TheMeasuredProgramFindsTheArraysOfTheLayerBefore) {
  const DriverProgram program = small_matmul(ProgramKind::measured);
  const auto [first, second] = cycles_one_after_the_other(program);
  SimulationSettings cold;
  cold.cache = CacheState::cold;
  EXPECT_EQ(first, simulate(program, {}, cold).cycles);
  EXPECT_LT(second, first);
}

// In a network it finds its inputs, whatever ran before, and must fetch its weights.
TEST(CarriedCaches, TheCleanProgramFindsTheInputsThatTheLayerBeforeMade) {
  const DriverProgram program = small_matmul(ProgramKind::clean);
  const auto [first, second] = cycles_one_after_the_other(program);
  const auto cycles = [&](CacheState state) {
    SimulationSettings options;
    options.cache = state;
    return simulate(program, {}, options).cycles;
  };
  EXPECT_EQ(first, cycles(CacheState::inputs));
  EXPECT_EQ(second, first);
  EXPECT_GT(first, cycles(CacheState::warm));
  EXPECT_LT(first, cycles(CacheState::cold));
}

// 2 MiB of inputs, four times L2, are dirty there: to read the rest, some go back to the
// last-level cache.
TEST(CarriedCaches, InputsThatHaveJustBeenWrittenAreWrittenBack) {
  const model::Layer layer = layer_of("P8192 C256 K16");
  Tiling tiling = whole_layer(layer);
  tiling.tile[Dim::P] = 256;
  const DriverProgram program = make_program(tiling, layer, 16, ProgramKind::clean);
  SimulationSettings inputs;
  inputs.cache = CacheState::inputs;
  EXPECT_GT(cycles_one_after_the_other(program).first, simulate(program, {}, inputs).cycles);
}

TEST(NetworkMemory, OutputsOfALayerAreInputsOfTheNextAndWeightsItsOwn) {
  NetworkMemory memory{SimulatorConstants()};
  const DriverProgram program = small_matmul(ProgramKind::clean);
  const ArrayBases first = memory.place(program);
  const ArrayBases second = memory.place(program);
  const ArrayBases third = memory.place(program);
  EXPECT_EQ(second.inputs, first.outputs);
  EXPECT_EQ(third.inputs, second.outputs);
  EXPECT_EQ(third.outputs, first.outputs);
  EXPECT_GE(second.weights, first.weights + 64 * 64);
  EXPECT_GE(third.weights, second.weights + 64 * 64);
  constexpr std::uint64_t kSetZero = 4096 * 128;  // of the last-level cache
  for (const ArrayBases& bases : {first, second, third}) {
    for (std::uint64_t base : {bases.inputs, bases.weights, bases.outputs, bases.partial_sums})
      EXPECT_EQ(base % kSetZero, 0U);
  }
}

TEST(NetworkMemory, WeightsStayWithinLineNumbersOf32Bits) {
  NetworkMemory memory{SimulatorConstants()};
  const model::Layer layer = layer_of("C65536 K65536");  // 4 GiB
  const DriverProgram program = make_program(whole_layer(layer), layer, 16, ProgramKind::clean);
  const ArrayBases first = memory.place(program);
  std::uint64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const ArrayBases bases = memory.place(program);
    last = std::max(last, bases.weights + (std::uint64_t{1} << 32));
    EXPECT_GT(bases.weights, bases.partial_sums);
  }
  EXPECT_LE(last / 64, std::uint64_t{1} << 32);
  EXPECT_GE(first.weights, first.partial_sums + (std::uint64_t{1} << 32));
}

}  // namespace
}  // namespace masala::gemmini
