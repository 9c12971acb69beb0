// What lies behind the DMA: the L2 cache, the last-level cache and DRAM, with tags and timing.
#pragma once

#include <cstdint>
#include <vector>

#include "targets/gemmini/simulator/constants.h"
#include "targets/gemmini/simulator/timing.h"

namespace masala::gemmini {

// Tags of a set-associative write-back cache with random replacement.
class TagArray {
 public:
  TagArray(std::uint32_t sets, std::uint32_t ways);

  struct Victim {
    bool valid = false;
    bool dirty = false;
    std::uint32_t block = 0;
  };

  bool contains(std::uint32_t block) const { return find(block) != nullptr; }
  // True on a hit; marks the block dirty if asked to.
  bool touch(std::uint32_t block, bool dirty);
  // Puts a block in, in an empty way or a random one's place.
  Victim insert(std::uint32_t block, bool dirty);

 private:
  struct Line {
    std::uint32_t block_plus_one = 0;  // 0: empty
    bool dirty = false;
  };
  const Line* find(std::uint32_t block) const;

  std::uint32_t sets_;
  std::uint32_t ways_;
  std::vector<Line> lines_;
  std::uint32_t random_ = 0x9e3779b9U;  // fixed seed: runs repeat
};

// 512 KiB of L2 in 64-byte lines, 4 MiB of last-level cache in 128-byte blocks, one memory server.
// Lines are numbered by address / 64.
class MemorySystem {
 public:
  explicit MemorySystem(const SimulatorConstants& constants);

  // A read of (part of) a line requested at `time`: when its first beat is back.
  Cycles read(std::uint32_t line, Cycles time);
  // A write: when it is acknowledged. A partial write that misses L2 fetches the line first.
  Cycles write(std::uint32_t line, bool whole_line, Cycles time);

  // Contents without timing, as a program that runs before the timed region leaves them.
  void touch(std::uint32_t line, bool dirty, bool l2);
  // Forgets what is in flight, not what the caches hold: the next layer starts at time 0.
  void restart_clock();

 private:
  Cycles fetch(std::uint32_t line, Cycles time, bool dirty, InFlightRing& misses);
  Cycles llc_access(std::uint32_t line, Cycles time, Cycles occupancy, bool dirty);

  SimulatorConstants constants_;
  TagArray l2_;
  TagArray llc_;
  TimeOrderedServer server_;
  InFlightRing read_misses_;
  InFlightRing write_misses_;
};

}  // namespace masala::gemmini
