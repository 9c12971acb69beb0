// What must hold for any program, on random layers and tilings.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "targets/gemmini/simulator/simulate.h"

namespace masala::gemmini {
namespace {

using model::Dim;

constexpr std::int64_t kBusBytes = 16;

struct Case {
  model::Layer layer;
  Tiling tiling;
  int dim = 16;
  std::string text;
};

// The same on every platform, unlike the distributions of the standard library.
class Draws {
 public:
  explicit Draws(std::uint32_t seed) : rng_(seed) {}
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(rng_() % static_cast<std::uint32_t>(n));
  }
  std::int64_t one_of(std::initializer_list<std::int64_t> values) {
    return values.begin()[below(static_cast<std::int64_t>(values.size()))];
  }

 private:
  std::mt19937 rng_;
};

Case random_case(Draws& draws) {
  Case c;
  model::Layer& layer = c.layer;
  layer.bounds = model::filled<std::int64_t>(1);
  layer.bounds[Dim::C] = draws.one_of({3, 8, 16, 40, 64, 96});
  layer.bounds[Dim::K] = draws.one_of({4, 16, 32, 48, 96, 128});
  layer.bounds[Dim::P] = draws.one_of({7, 14, 16, 28, 40});
  if (draws.below(2) == 0) {
    layer.bounds[Dim::Q] = draws.one_of({7, 14, 20});
    layer.bounds[Dim::R] = layer.bounds[Dim::S] = draws.one_of({1, 3, 5});
    layer.bounds[Dim::N] = draws.one_of({1, 1, 2});
    layer.stride_w = layer.stride_h = draws.one_of({1, 1, 2});
  }
  for (Dim d : model::kAllDims) c.tiling.tile[d] = 1 + draws.below(layer.bounds[d]);
  c.tiling.inner_to_outer = model::kAllDims;
  for (std::size_t i = model::kNumDims; i > 1; --i) {
    std::swap(
        c.tiling.inner_to_outer[i - 1],
        c.tiling
            .inner_to_outer[static_cast<std::size_t>(draws.below(static_cast<std::int64_t>(i)))]);
  }
  c.dim = static_cast<int>(draws.one_of({4, 8, 16, 32}));
  c.text = "array " + std::to_string(c.dim) + ", bound/tile";
  for (Dim d : model::kAllDims) {
    c.text += " " + std::string(model::name(d)) + std::to_string(layer.bounds[d]) + "/" +
              std::to_string(c.tiling.tile[d]);
  }
  return c;
}

std::vector<Case> random_cases(std::uint32_t seed, int count) {
  Draws draws(seed);
  std::vector<Case> cases;
  while (static_cast<int>(cases.size()) < count) {
    Case c = random_case(draws);
    // Few enough tiles that all of them are simulated.
    const DriverProgram program = make_program(c.tiling, c.layer, c.dim, ProgramKind::clean);
    if (program.num_tiles() <= 500) cases.push_back(std::move(c));
  }
  return cases;
}

SimulationSettings everything() {
  SimulationSettings options;
  options.work_budget = std::int64_t{1} << 40;
  return options;
}

model::SimulationResult run(const Case& c,
                            const SimulationSettings& options = everything(),
                            ProgramKind kind = ProgramKind::clean) {
  return simulate(make_program(c.tiling, c.layer, c.dim, kind), SimulatorConstants(), options);
}

TEST(SimulateProperties, CyclesAreAtLeastThoseOfTheArrayAndOfTheBus) {
  for (const Case& c : random_cases(1, 200)) {
    const model::SimulationResult result = run(c);
    const double elements = static_cast<double>(c.dim) * c.dim;
    EXPECT_GE(result.cycles, static_cast<double>(c.layer.macs()) / elements) << c.text;
    // Reads and writes have a bus each.
    EXPECT_GE(result.cycles, static_cast<double>(result.dma_bytes) / kBusBytes / 2.0) << c.text;
    ASSERT_EQ(result.busy.size(), kNumUnits);
    for (double busy : result.busy) {
      EXPECT_GE(busy, 0.0) << c.text;
      EXPECT_LE(busy, result.cycles) << c.text;
    }
  }
}

// Every operand crosses the bus at least once.
TEST(SimulateProperties, AtLeastTheWholeOperandsAreMoved) {
  for (const Case& c : random_cases(2, 200)) {
    const auto& b = c.layer.bounds;
    const std::int64_t weights = b[Dim::R] * b[Dim::S] * b[Dim::C] * b[Dim::K];
    const std::int64_t outputs = b[Dim::P] * b[Dim::Q] * b[Dim::K] * b[Dim::N];
    EXPECT_GE(run(c).dma_bytes, weights + outputs) << c.text;
  }
}

TEST(SimulateProperties, ATileOfTwiceTheSizeNeverMovesMoreRows) {
  for (const Case& c : random_cases(3, 200)) {
    for (Dim d : {Dim::P, Dim::Q, Dim::C, Dim::K, Dim::N}) {
      Case smaller = c;
      Case larger = c;
      const std::int64_t unit = d == Dim::C || d == Dim::K || c.layer.is_matmul() ? c.dim : 1;
      smaller.tiling.tile[d] = unit;
      larger.tiling.tile[d] = 2 * unit;
      if (larger.tiling.tile[d] > c.layer.bounds[d]) continue;
      EXPECT_LE(run(larger).dma_rows, run(smaller).dma_rows) << model::name(d) << " of " << c.text;
    }
  }
}

TEST(SimulateProperties, TwiceTheBusNeverSlowsDown) {
  for (const Case& c : random_cases(4, 200)) {
    double slower = std::numeric_limits<double>::infinity();
    for (std::int64_t bytes : {8, 16, 32, 64}) {
      SimulationSettings options = everything();
      options.bus_bytes = bytes;
      const double cycles = run(c, options).cycles;
      EXPECT_LE(cycles, slower) << bytes << " bytes, " << c.text;
      slower = cycles;
    }
  }
}

// Matrix multiplies in whole blocks of 16 that finish a sum before the next: same tiles, same
// arrays, nothing spilled.
TEST(SimulateProperties, CleanEqualsMeasuredWhereNoQuirkApplies) {
  Draws draws(5);
  for (int i = 0; i < 50; ++i) {
    Case c;
    for (Dim d : {Dim::P, Dim::C, Dim::K}) {
      const std::int64_t blocks = draws.one_of({1, 2, 3, 4});
      c.tiling.tile[d] = 16 * blocks;
      c.layer.bounds[d] = c.tiling.tile[d] * draws.one_of({1, 2, 3});
    }
    c.tiling.inner_to_outer = {Dim::C, Dim::K, Dim::P, Dim::Q, Dim::R, Dim::S, Dim::N};
    const model::SimulationResult clean = run(c, everything(), ProgramKind::clean);
    const model::SimulationResult measured = run(c, everything(), ProgramKind::measured);
    EXPECT_EQ(clean.cycles, measured.cycles);
    EXPECT_EQ(clean.dma_rows, measured.dma_rows);
    EXPECT_EQ(clean.dma_bytes, measured.dma_bytes);
  }
}

}  // namespace
}  // namespace masala::gemmini
