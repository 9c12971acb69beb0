// The machine in time: a hand-worked example and what must hold for any program.
#include "targets/gemmini/simulator/simulate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "support/builders.h"
#include "targets/gemmini/simulator/dma.h"
#include "targets/gemmini/simulator/memory_system.h"

namespace masala::gemmini {
namespace {

using masala::testing::layer_of;
using model::Dim;

Tiling tiling_of_factors(const model::Layer& layer,
                         std::initializer_list<std::pair<Dim, std::int64_t>> tile) {
  Tiling tiling;
  tiling.tile = layer.bounds;
  for (const auto& [dim, size] : tile) tiling.tile[dim] = size;
  tiling.inner_to_outer = {Dim::C, Dim::R, Dim::S, Dim::K, Dim::P, Dim::Q, Dim::N};
  return tiling;
}

model::SimulationResult run(const model::Layer& layer,
                            const Tiling& tiling,
                            ProgramKind kind = ProgramKind::clean,
                            const SimulationSettings& options = {},
                            int dim = 16) {
  return simulate(make_program(tiling, layer, dim, kind), SimulatorConstants(), options);
}

// A 16 x 16 x 32 product in two tiles along the reduction, everything in the L2 cache.
//   tile 1: the CPU issues it by 126, the loop context takes it at 136.
//     B (16 rows of 16 bytes): emitted 136, started 138, row r asked for at 138 + r, through the
//       pipeline (10) and the L2 (10) and the bus (1): the last row is there at 174.
//     A: emitted 137, started when the controller is free, 154: complete at 154 + 15 + 21 = 190.
//     execute: 16 rows from 190 to 206.
//   tile 2: issued by 252, taken at 262.
//     B: 264 .. 300, A: 280 .. 316, execute 316 to 332.
//     store: the results leave the mesh 2 x 16 + 7 later, at 371; a row takes a cycle to collect
//     and
//       a beat to send: row r is sent at 373 + 2 r, the last at 403, acknowledged 70 later, at 473.
// Entering and leaving the timed region costs 700.
TEST(Simulate, TwoTilesWorkedByHand) {
  const model::Layer layer = layer_of("P16 C32 K16");
  const model::SimulationResult result = run(layer, tiling_of_factors(layer, {{Dim::C, 16}}));
  EXPECT_EQ(result.tiles, 2);
  EXPECT_DOUBLE_EQ(result.cycles, 473 + 700);
  EXPECT_EQ(result.dma_rows, 4 * 16 + 16);
  EXPECT_EQ(result.dma_bytes, 5 * 256);
  EXPECT_DOUBLE_EQ(result.busy[kExecute], 32);
}

struct Case {
  model::Layer layer;
  Tiling tiling;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* shape :
       {"R3 S3 P14 Q14 C64 K64", "P28 Q28 C32 K96", "P128 C256 K192", "R5 S5 P16 Q16 C16 K32"}) {
    const model::Layer layer = layer_of(shape);
    all.push_back({layer, tiling_of_factors(layer, {{Dim::C, 16}, {Dim::K, 32}})});
    all.push_back({layer, tiling_of_factors(layer, {{Dim::P, 8}, {Dim::K, 16}})});
    all.push_back({layer, tiling_of_factors(layer, {{Dim::P, 8}, {Dim::C, 8}})});
  }
  return all;
}

TEST(Simulate, IsNeverFasterThanTheArrayOrTheBus) {
  for (const Case& c : cases()) {
    for (ProgramKind kind : {ProgramKind::clean, ProgramKind::measured}) {
      const model::SimulationResult result = run(c.layer, c.tiling, kind);
      EXPECT_GE(result.cycles, static_cast<double>(c.layer.macs()) / (16.0 * 16.0));
      EXPECT_GE(result.cycles,
                static_cast<double>(result.dma_bytes) / 16.0 / 2.0);  // reads and writes overlap
    }
  }
}

TEST(Simulate, ALargerTileNeverMovesMoreRows) {
  for (const char* shape : {"R3 S3 P16 Q16 C64 K64", "P128 C256 K128"}) {
    const model::Layer layer = layer_of(shape);
    for (Dim dim : {Dim::P, Dim::C, Dim::K}) {
      std::int64_t previous = std::numeric_limits<std::int64_t>::max();
      for (std::int64_t size = 16; size <= layer.bounds[dim]; size *= 2) {
        const std::int64_t rows = run(layer, tiling_of_factors(layer, {{dim, size}})).dma_rows;
        EXPECT_LE(rows, previous) << shape << " " << model::name(dim) << size;
        previous = rows;
      }
    }
  }
}

TEST(Simulate, AWiderBusNeverSlowsDown) {
  for (const Case& c : cases()) {
    SimulationSettings wide;
    wide.bus_bytes = 32;
    EXPECT_LE(run(c.layer, c.tiling, ProgramKind::clean, wide).cycles,
              run(c.layer, c.tiling).cycles);
  }
}

TEST(Simulate, CleanEqualsMeasuredWhereNoQuirkApplies) {
  // A matrix multiply in whole blocks whose sums stay in place: same tiles, same arrays.
  const model::Layer layer = layer_of("P128 C256 K192");
  const Tiling tiling = tiling_of_factors(layer, {{Dim::P, 64}, {Dim::C, 128}, {Dim::K, 64}});
  EXPECT_EQ(run(layer, tiling, ProgramKind::clean).cycles,
            run(layer, tiling, ProgramKind::measured).cycles);
}

TEST(Simulate, InputsInTheWeightsBankDelayPreloads) {
  // 128 x 256 inputs take 2,048 rows: a quarter of 128 KiB (8,192 rows of 16 bytes), more of 64
  // KiB.
  const model::Layer layer = layer_of("P128 C256 K16");
  const Tiling whole = tiling_of_factors(layer, {});
  SimulationSettings fits;
  fits.scratchpad_kib = 128;
  SimulationSettings tight;
  tight.scratchpad_kib = 64;
  const model::SimulationResult without = run(layer, whole, ProgramKind::clean, fits);
  const model::SimulationResult with = run(layer, whole, ProgramKind::clean, tight);
  // One pass per block of 16 input channels, each 16 cycles longer.
  EXPECT_DOUBLE_EQ(with.busy[kExecute] - without.busy[kExecute], 16 * 16);
}

TEST(Simulate, SpilledPartialSumsCostTime) {
  const model::Layer layer = layer_of("P128 C256 K192");
  Tiling inside = tiling_of_factors(layer, {{Dim::P, 64}, {Dim::C, 128}});
  Tiling outside = inside;
  std::rotate(outside.inner_to_outer.begin(),
              outside.inner_to_outer.begin() + 1,
              outside.inner_to_outer.end());
  EXPECT_GT(run(layer, outside).dma_rows, run(layer, inside).dma_rows);
  EXPECT_GT(run(layer, outside).cycles, run(layer, inside).cycles);
}

TEST(Simulate, ColderCachesAreNeverFaster) {
  for (const Case& c : cases()) {
    for (CacheState between : {CacheState::llc, CacheState::inputs}) {
      double previous = 0.0;
      for (CacheState state : {CacheState::warm, between, CacheState::cold}) {
        SimulationSettings options;
        options.cache = state;
        const double cycles = run(c.layer, c.tiling, ProgramKind::clean, options).cycles;
        EXPECT_GE(cycles, previous) << name(state);
        previous = cycles;
      }
    }
  }
}

// 64 KiB each of inputs, of weights and of outputs: with the inputs there, the load of the weights
// is left to wait for.
TEST(Simulate, InputsAloneSaveTheirPartOfTheColdMisses) {
  const model::Layer layer = layer_of("P256 C256 K256");
  const Tiling tiling = tiling_of_factors(layer, {{Dim::P, 64}, {Dim::C, 64}, {Dim::K, 64}});
  const auto cycles = [&](CacheState state) {
    SimulationSettings options;
    options.cache = state;
    return run(layer, tiling, ProgramKind::clean, options).cycles;
  };
  EXPECT_GT(cycles(CacheState::inputs), cycles(CacheState::warm));
  EXPECT_LT(cycles(CacheState::inputs), cycles(CacheState::cold));
}

TEST(CacheState, EveryNameReadsBack) {
  for (CacheState state : {CacheState::warm,
                           CacheState::inputs,
                           CacheState::llc,
                           CacheState::cold,
                           CacheState::carry}) {
    EXPECT_EQ(cache_of(name(state)), state);
  }
  EXPECT_THROW(cache_of("hot"), std::invalid_argument);
}

TEST(Simulate, SamplingStaysCloseToTheWholeRun) {
  const model::Layer layer = layer_of("R3 S3 P56 Q56 C64 K64");
  const Tiling tiling =
      tiling_of_factors(layer, {{Dim::P, 14}, {Dim::Q, 4}, {Dim::C, 32}, {Dim::K, 16}});
  SimulationSettings whole;
  whole.work_budget = std::int64_t{1} << 40;
  SimulationSettings sampled;
  sampled.work_budget = 60000;
  const model::SimulationResult exact = run(layer, tiling, ProgramKind::clean, whole);
  const model::SimulationResult estimate = run(layer, tiling, ProgramKind::clean, sampled);
  EXPECT_EQ(exact.tiles_simulated, exact.tiles);
  EXPECT_LT(estimate.tiles_simulated, estimate.tiles);
  EXPECT_NEAR(estimate.cycles / exact.cycles, 1.0, 0.05);
}

// 2^20 x 2^20 inputs are a tebibyte; with tiles of one block there are 2^32 of them. Walking along
// the tiles or through the array takes minutes.
TEST(Simulate, HugeLayersTakeNoLongerThanTheirBudget) {
  const model::Layer layer = layer_of("P1048576 C1048576 K16");
  SimulationSettings options;
  options.work_budget = 100;
  options.cache = CacheState::llc;
  const Tiling tiling = tiling_of_factors(layer, {{Dim::P, 16}, {Dim::C, 16}});
  const model::SimulationResult huge = run(layer, tiling, ProgramKind::clean, options);
  EXPECT_EQ(huge.tiles, std::int64_t{1} << 32);
  EXPECT_LT(huge.tiles_simulated, 200);
  EXPECT_GE(huge.cycles, static_cast<double>(layer.macs()) / 256.0);
  // A sixteenth of the rows takes about a sixteenth of the time: few tiles tell.
  const model::Layer part = layer_of("P65536 C1048576 K16");
  const model::SimulationResult smaller = run(part, tiling, ProgramKind::clean, options);
  EXPECT_NEAR(huge.cycles / smaller.cycles, 16.0, 1.0);
}

TEST(Simulate, StopsWhereverItIs) {
  const model::Layer layer = layer_of("P1048576 C1048576 K16");
  const DriverProgram program = make_program(
      tiling_of_factors(layer, {{Dim::P, 16}, {Dim::C, 16}}), layer, 16, ProgramKind::clean);
  std::atomic<bool> stop{true};
  model::Monitor monitor;
  monitor.stop = &stop;
  SimulationSettings options;
  // While the caches are warmed.
  EXPECT_THROW(simulate(program, SimulatorConstants(), options, nullptr, monitor),
               model::Interrupted);
  // Among the tiles.
  stop = false;
  options.cache = CacheState::cold;
  options.work_budget = std::int64_t{1} << 50;
  std::int64_t tiles = 0;
  options.on_tile = [&](const model::TileTimes&) { stop = ++tiles == 3; };
  EXPECT_THROW(simulate(program, SimulatorConstants(), options, nullptr, monitor),
               model::Interrupted);
  EXPECT_EQ(tiles, 3);
}

TEST(Simulate, RepeatsExactly) {
  for (const Case& c : cases())
    EXPECT_EQ(run(c.layer, c.tiling).cycles, run(c.layer, c.tiling).cycles);
}

TEST(TagArray, HoldsAsMuchAsItsSize) {
  TagArray tags(4, 2);
  for (std::uint32_t block = 0; block < 8; ++block) EXPECT_FALSE(tags.insert(block, false).valid);
  for (std::uint32_t block = 0; block < 8; ++block) EXPECT_TRUE(tags.contains(block));
  const TagArray::Victim victim = tags.insert(8, false);  // set 0: evicts 0 or 4
  EXPECT_TRUE(victim.valid);
  EXPECT_EQ(victim.block % 4, 0U);
}

TEST(TagArray, RemembersWhatIsDirty) {
  TagArray tags(1, 1);
  tags.insert(1, false);
  EXPECT_TRUE(tags.touch(1, true));
  EXPECT_TRUE(tags.insert(2, false).dirty);
  EXPECT_FALSE(tags.insert(3, false).dirty);
}

TEST(TimeOrderedServer, ServesInTheOrderOfArrival) {
  TimeOrderedServer server;
  EXPECT_DOUBLE_EQ(server.serve(100, 10), 110);
  EXPECT_DOUBLE_EQ(server.serve(1000, 10), 1010);
  EXPECT_DOUBLE_EQ(server.serve(200, 10), 210);  // earlier than the last: not behind it
}

TEST(TimeOrderedServer, NeverServesMoreThanTimeAllows) {
  TimeOrderedServer server;
  double last = 0.0;
  for (int i = 0; i < 100; ++i) last = std::max(last, server.serve(0, 10));
  EXPECT_GE(last, 1000.0 - 64.0);  // buckets of 64 cycles
  EXPECT_LE(last, 1000.0 + 64.0);
}

// Rows in the L2 cache: 10 cycles of pipeline and 10 to the first beat, then the beats. Only a
// response of several beats leaves a gap.
TEST(DmaReader, ResponsesOfSeveralBeatsLeaveAGap) {
  const SimulatorConstants constants;
  MemorySystem memory(constants);
  for (std::uint32_t line = 0; line < 4; ++line) memory.touch(line, false, true);
  constexpr int kDim = 16;
  constexpr std::int64_t kBusBytes = 16;
  constexpr double kGap = 0.5;
  EXPECT_DOUBLE_EQ(DmaReader(memory, kDim, kBusBytes, kGap).read_row(0, 16, 100), 121);
  EXPECT_DOUBLE_EQ(DmaReader(memory, kDim, kBusBytes, kGap).read_row(0, 32, 100), 122.5);
  EXPECT_DOUBLE_EQ(DmaReader(memory, kDim, kBusBytes, kGap).read_row(0, 64, 100), 124.5);
  // On an array of 4 the 16 scratchpad rows of a line take longer than its beats and the gap.
  EXPECT_DOUBLE_EQ(DmaReader(memory, 4, kBusBytes, kGap).read_row(0, 64, 100), 136);
}

TEST(InFlightRing, LimitsWhatIsInFlight) {
  InFlightRing ring(2);
  ring.push(10);
  EXPECT_DOUBLE_EQ(ring.oldest(), 0);
  ring.push(20);
  EXPECT_DOUBLE_EQ(ring.oldest(), 10);
}

}  // namespace
}  // namespace masala::gemmini
