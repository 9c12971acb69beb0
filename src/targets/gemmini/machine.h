// Gemmini's fixed quantities, each in one place: the levels and keys of its accelerator files, its
// bus and the caches behind it (docs/simulator.md).
#pragma once

#include <array>
#include <cstdint>

namespace masala::gemmini {

// Levels of its accelerators, inner to outer, and their hardware keys.
enum LevelIndex { kRegisters, kAccumulator, kScratchpad, kDram };
inline constexpr std::array<const char*, 4> kLevelNames = {
    "registers", "accumulator", "scratchpad", "dram"};
inline constexpr const char* kArrayKey = "pe_dim";
inline constexpr const char* kScratchpadKey = "scratchpad_kib";
inline constexpr const char* kAccumulatorKey = "accumulator_kib";

inline constexpr std::int64_t kLargestArray = 1024;  // that the simulator knows
inline constexpr std::int64_t kSumBytes = 4;         // of a partial sum

inline constexpr std::int64_t kBeatBytes = 16;         // of the bus, per cycle
inline constexpr std::int64_t kLineBytes = 64;         // of L2
inline constexpr std::int64_t kRequestsInFlight = 16;  // of each DMA engine
inline constexpr std::int64_t kL2Bytes = 512 << 10;
inline constexpr std::int64_t kLlcBytes = 4 << 20;  // of the last-level cache
inline constexpr std::int64_t kLlcBlockBytes = 128;

}  // namespace masala::gemmini
