#include "targets/gemmini/simulator/simulate.h"

#include <algorithm>
#include <cmath>

#include "targets/gemmini/simulator/engine.h"
#include "targets/gemmini/simulator/network_memory.h"
#include "targets/gemmini/simulator/sampling.h"

namespace masala::gemmini {

using model::Dim;

namespace {

constexpr std::int64_t kMostSwept = 8 << 20;  // bytes of outputs and of inputs, convolutions
// Bytes of an array that are gone through. Of a larger one only the end: 64 times what the
// last-level cache holds leaves nothing in it of what came before.
constexpr std::int64_t kMostTouched = 256 << 20;
constexpr Cycles kStartCycles = 700.0;  // entering the timed region, configuration, fence
constexpr Cycles kTilerCyclesPerCheck = 140.0;

struct ArraySizes {
  std::int64_t inputs, weights, outputs;
};

ArraySizes array_sizes(const DriverProgram& program) {
  const auto& limit = program.limit;
  const std::int64_t weights = limit[Dim::R] * limit[Dim::S] * limit[Dim::C] * limit[Dim::K];
  const std::int64_t outputs = limit[Dim::N] * limit[Dim::P] * limit[Dim::Q] * limit[Dim::K];
  if (program.is_matmul) return {limit[Dim::P] * limit[Dim::C], weights, outputs};
  const std::int64_t inputs =
      limit[Dim::N] * program.image_rows * program.image_columns * limit[Dim::C];
  return {inputs, weights, outputs};
}

// What a program goes through of its arrays to warm the caches.
ArraySizes swept(const ArraySizes& sizes, bool is_matmul) {
  if (is_matmul) return sizes;
  return {std::min(sizes.inputs, kMostSwept), sizes.weights, std::min(sizes.outputs, kMostSwept)};
}

// Caches as programs that go through arrays leave them.
class CacheWarmer {
 public:
  CacheWarmer(MemorySystem& memory, bool l2, const model::Monitor& monitor)
      : memory_(memory), l2_(l2), monitor_(monitor) {}

  void touch(std::uint64_t base, std::int64_t bytes, bool dirty) {
    if (bytes <= 0) return;
    const std::int64_t left_out = std::max<std::int64_t>(0, bytes - kMostTouched);
    const std::uint64_t first = (base + static_cast<std::uint64_t>(left_out)) / kLineBytes;
    const std::uint64_t last = (base + static_cast<std::uint64_t>(bytes) - 1) / kLineBytes;
    for (std::uint64_t line = first; line <= last; ++line) {
      if (line % kLinesPerLook == 0) monitor_.throw_if_stopped();
      memory_.touch(static_cast<std::uint32_t>(line), dirty, l2_);
    }
  }

 private:
  static constexpr std::uint64_t kLinesPerLook = 1 << 16;

  MemorySystem& memory_;
  bool l2_;
  const model::Monitor& monitor_;
};

// warm, llc: the program has gone through its arrays once: outputs, inputs, weights. In a network
// something has just written the inputs; the measured program's carried caches are as they are.
void prepare_caches(const DriverProgram& program,
                    CacheState state,
                    const ArrayBases& bases,
                    MemorySystem& memory,
                    const model::Monitor& monitor) {
  const ArraySizes whole = array_sizes(program);
  const ArraySizes sizes = swept(whole, program.is_matmul);
  CacheWarmer warmer(memory, state != CacheState::llc, monitor);
  switch (state) {
    case CacheState::warm:
    case CacheState::llc:
      warmer.touch(bases.outputs, sizes.outputs, false);
      warmer.touch(bases.inputs, sizes.inputs, false);
      warmer.touch(bases.weights, sizes.weights, false);
      break;
    case CacheState::inputs: warmer.touch(bases.inputs, sizes.inputs, false); break;
    case CacheState::carry:
      if (program.kind == ProgramKind::clean) warmer.touch(bases.inputs, whole.inputs, true);
      break;
    case CacheState::cold: break;
  }
}

}  // namespace

model::SimulationResult simulate(const DriverProgram& program,
                                 const SimulatorConstants& constants,
                                 const SimulationSettings& settings,
                                 NetworkMemory* carried,
                                 const model::Monitor& monitor) {
  NetworkMemory own(constants);
  NetworkMemory& network = carried != nullptr ? *carried : own;
  const ArrayBases bases = network.place(program);
  MemorySystem& memory = network.caches();
  memory.restart_clock();
  prepare_caches(program, settings.cache, bases, memory, monitor);
  Engine engine(program, constants, settings, bases, memory, monitor);
  const SampleSummary sample = run_tiles(engine, program, settings, monitor);
  model::SimulationResult result;
  result.tiles = sample.tiles;
  result.tiles_simulated = sample.tiles_simulated;
  const Cycles finished = engine.finished();
  result.cycles = finished + kStartCycles +
                  kTilerCyclesPerCheck * static_cast<double>(settings.tiler_size_checks);
  // Shares of the simulated time hold for the skipped time too.
  const double whole = finished / std::max(1.0, finished - engine.skipped());
  result.busy = {
      engine.busy_load() * whole, engine.busy_execute() * whole, engine.busy_store() * whole};
  const double tiles =
      static_cast<double>(sample.tiles) / static_cast<double>(sample.tiles_simulated);
  result.dma_rows = std::llround(static_cast<double>(engine.dma_rows()) * tiles);
  result.dma_bytes = std::llround(static_cast<double>(engine.dma_bytes()) * tiles);
  return result;
}

}  // namespace masala::gemmini
