#include "masala/targets/simulate_batch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "support/builders.h"
#include "targets/gemmini/program/layer_run.h"
#include "targets/gemmini/simulator/gemmini_simulator.h"

namespace masala::targets {
namespace {

using gemmini::ProgramKind;
using masala::testing::layer_of;

constexpr std::size_t kLongRun = 3;  // of several tiles
constexpr const char* kShapes[] = {"P512 C64 K64", "P16 C16 K16", "", "P64 C64 K64", "P32 C64 K64"};

// Products of several sizes, so that later runs can finish first; the third is missing.
LayerRuns some_runs(ProgramKind kind = ProgramKind::clean) {
  LayerRuns runs;
  for (const char* shape : kShapes) {
    runs.emplace_back();
    if (*shape == '\0') continue;
    const model::Layer layer = layer_of(shape);
    const auto run = std::make_shared<gemmini::GemminiRun>();
    run->program =
        gemmini::make_program(gemmini::default_tiling(layer, 16, 64, 16).tiling, layer, 16, kind);
    run->sizes = {4096, 4096};
    runs.back() = run;
  }
  return runs;
}

gemmini::GemminiSimulator simulator() {
  return gemmini::GemminiSimulator(gemmini::SimulatorConstants());
}

BatchOptions options_with(const char* cache) {
  BatchOptions options;
  options.simulate.cache = cache;
  return options;
}

struct Outcome {
  std::size_t done = 0;
  std::vector<std::size_t> order;
  std::vector<double> cycles;  // 0 without a run
};

Outcome run(const BatchOptions& options, ProgramKind kind = ProgramKind::clean) {
  Outcome outcome;
  outcome.done =
      simulate_batch(some_runs(kind),
                     simulator(),
                     options,
                     [&](std::size_t i, const std::optional<model::SimulationResult>& result) {
                       outcome.order.push_back(i);
                       outcome.cycles.push_back(result ? result->cycles : 0.0);
                     });
  return outcome;
}

TEST(Batch, ResultsComeInOrderAndDoNotDependOnThreads) {
  const Outcome one = run(options_with("warm"));
  EXPECT_EQ(one.done, 5U);
  EXPECT_EQ(one.order, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
  EXPECT_GT(one.cycles[0], one.cycles[3]);
  EXPECT_EQ(one.cycles[2], 0.0);
  BatchOptions threads = options_with("warm");
  threads.threads = 4;
  for (int repetition = 0; repetition < 10; ++repetition) {
    const Outcome many = run(threads);
    EXPECT_EQ(many.order, one.order);
    EXPECT_EQ(many.cycles, one.cycles);
  }
}

TEST(Batch, GoesOnWhereItWasLeft) {
  for (const char* cache : {"warm", "carry"}) {
    const Outcome whole = run(options_with(cache));
    BatchOptions rest = options_with(cache);
    rest.first = 3;
    const Outcome resumed = run(rest);
    EXPECT_EQ(resumed.order, (std::vector<std::size_t>{3, 4}));
    EXPECT_EQ(resumed.cycles, std::vector<double>(whole.cycles.begin() + 3, whole.cycles.end()));
    EXPECT_EQ(resumed.done, 5U);
  }
}

TEST(Batch, CarriedCachesAreThoseOfTheRunBefore) {
  const Outcome carried = run(options_with("carry"), ProgramKind::measured);
  const Outcome cold = run(options_with("cold"), ProgramKind::measured);
  EXPECT_EQ(carried.cycles[0], cold.cycles[0]);
  EXPECT_LT(carried.cycles[4], cold.cycles[4]);
}

TEST(Batch, StopsBetweenRunsWithoutLosingOne) {
  std::atomic<bool> stop{false};
  for (const char* cache : {"warm", "carry"}) {
    stop = false;
    model::Monitor monitor;
    monitor.stop = &stop;
    std::size_t finished = 0;
    const std::size_t done = simulate_batch(
        some_runs(),
        simulator(),
        options_with(cache),
        [&](std::size_t i, const std::optional<model::SimulationResult>&) {
          ++finished;
          stop = i == 1;
        },
        monitor);
    EXPECT_EQ(done, 2U);
    EXPECT_EQ(finished, 2U);
  }
}

TEST(Batch, AStopGivesUpTheRunUnderWay) {
  for (const char* cache : {"warm", "carry"}) {
    std::atomic<bool> stop{false};
    model::Monitor monitor;
    monitor.stop = &stop;
    std::size_t finished = 0;
    std::int64_t tiles = 0;
    BatchOptions options = options_with(cache);
    options.simulate.on_tile = [&](const model::TileTimes&) {
      if (finished < kLongRun) return;
      ++tiles;
      stop = true;
    };
    const LayerRuns runs = some_runs();
    const std::size_t done = simulate_batch(
        runs,
        simulator(),
        options,
        [&](std::size_t i, const std::optional<model::SimulationResult>&) {
          EXPECT_LT(i, kLongRun);
          ++finished;
        },
        monitor);
    EXPECT_EQ(done, kLongRun);
    EXPECT_EQ(tiles, 1);
    EXPECT_GT(dynamic_cast<const gemmini::GemminiRun&>(*runs[kLongRun]).program.num_tiles(), 1);
  }
}

TEST(Batch, AnExceptionOfTheReceiverEndsIt) {
  BatchOptions options = options_with("warm");
  options.threads = 2;
  EXPECT_THROW(simulate_batch(some_runs(),
                              simulator(),
                              options,
                              [](std::size_t i, const std::optional<model::SimulationResult>&) {
                                if (i == 1) throw std::runtime_error("disk full");
                              }),
               std::runtime_error);
}

}  // namespace
}  // namespace masala::targets
