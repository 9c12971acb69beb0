#include "targets/simulate_batch.h"

#include <gtest/gtest.h>

#include "support/builders.h"

namespace masala::simulator {
namespace {

using masala::testing::layer_of;

// Products of growing size, so that later runs can finish first; the third is missing.
std::vector<std::optional<LayerRun>> some_runs(CacheState cache,
                                               ProgramKind kind = ProgramKind::clean) {
  std::vector<std::optional<LayerRun>> runs;
  for (const char* shape : {"P512 C64 K64", "P16 C16 K16", "", "P64 C64 K64", "P32 C64 K64"}) {
    runs.emplace_back();
    if (*shape == '\0') continue;
    const model::Layer layer = layer_of(shape);
    LayerRun run;
    run.program = make_program(default_tiling(layer, 16, 64, 16).tiling, layer, 16, kind);
    run.options.cache = cache;
    runs.back() = run;
  }
  return runs;
}

struct Outcome {
  std::size_t done = 0;
  std::vector<std::size_t> order;
  std::vector<double> cycles;  // 0 without a run
};

Outcome run(CacheState cache, const BatchOptions& options, ProgramKind kind = ProgramKind::clean) {
  Outcome outcome;
  outcome.done = simulate_batch(some_runs(cache, kind),
                                SimulatorConstants(),
                                options,
                                [&](std::size_t i, const std::optional<SimulationResult>& result) {
                                  outcome.order.push_back(i);
                                  outcome.cycles.push_back(result ? result->cycles : 0.0);
                                });
  return outcome;
}

TEST(Batch, ResultsComeInOrderAndDoNotDependOnThreads) {
  const Outcome one = run(CacheState::warm, {});
  EXPECT_EQ(one.done, 5U);
  EXPECT_EQ(one.order, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
  EXPECT_GT(one.cycles[0], one.cycles[3]);
  EXPECT_EQ(one.cycles[2], 0.0);
  BatchOptions threads;
  threads.threads = 4;
  for (int repetition = 0; repetition < 10; ++repetition) {
    const Outcome many = run(CacheState::warm, threads);
    EXPECT_EQ(many.order, one.order);
    EXPECT_EQ(many.cycles, one.cycles);
  }
}

TEST(Batch, GoesOnWhereItWasLeft) {
  for (CacheState cache : {CacheState::warm, CacheState::carry}) {
    const Outcome whole = run(cache, {});
    BatchOptions rest;
    rest.first = 3;
    const Outcome resumed = run(cache, rest);
    EXPECT_EQ(resumed.order, (std::vector<std::size_t>{3, 4}));
    EXPECT_EQ(resumed.cycles, std::vector<double>(whole.cycles.begin() + 3, whole.cycles.end()));
    EXPECT_EQ(resumed.done, 5U);
  }
}

TEST(Batch, CarriedCachesAreThoseOfTheRunBefore) {
  const Outcome carried = run(CacheState::carry, {}, ProgramKind::measured);
  const Outcome cold = run(CacheState::cold, {}, ProgramKind::measured);
  EXPECT_EQ(carried.cycles[0], cold.cycles[0]);
  EXPECT_LT(carried.cycles[4], cold.cycles[4]);
}

TEST(Batch, StopsBetweenRunsWithoutLosingOne) {
  std::atomic<bool> stop{false};
  for (CacheState cache : {CacheState::warm, CacheState::carry}) {
    stop = false;
    model::Monitor monitor;
    monitor.stop = &stop;
    std::size_t finished = 0;
    const std::size_t done = simulate_batch(
        some_runs(cache),
        SimulatorConstants(),
        BatchOptions(),
        [&](std::size_t i, const std::optional<SimulationResult>&) {
          ++finished;
          stop = i == 1;
        },
        monitor);
    EXPECT_EQ(done, 2U);
    EXPECT_EQ(finished, 2U);
  }
}

TEST(Batch, AStopGivesUpTheRunUnderWay) {
  for (CacheState cache : {CacheState::warm, CacheState::carry}) {
    std::vector<std::optional<LayerRun>> runs = some_runs(cache);
    std::atomic<bool> stop{false};
    model::Monitor monitor;
    monitor.stop = &stop;
    std::int64_t tiles = 0;
    runs[3]->options.on_tile = [&](const TileTimes&) {
      ++tiles;
      stop = true;
    };
    const std::size_t done = simulate_batch(
        runs,
        SimulatorConstants(),
        BatchOptions(),
        [](std::size_t i, const std::optional<SimulationResult>&) { EXPECT_LT(i, 3U); },
        monitor);
    EXPECT_EQ(done, 3U);
    EXPECT_EQ(tiles, 1);
    EXPECT_GT(runs[3]->program.num_tiles(), 1);
  }
}

TEST(Batch, AnExceptionOfTheReceiverEndsIt) {
  BatchOptions options;
  options.threads = 2;
  EXPECT_THROW(simulate_batch(some_runs(CacheState::warm),
                              SimulatorConstants(),
                              options,
                              [](std::size_t i, const std::optional<SimulationResult>&) {
                                if (i == 1) throw std::runtime_error("disk full");
                              }),
               std::runtime_error);
}

}  // namespace
}  // namespace masala::simulator
