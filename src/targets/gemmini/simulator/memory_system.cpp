#include "targets/gemmini/simulator/memory_system.h"

#include "targets/gemmini/machine.h"

namespace masala::gemmini {
namespace {

constexpr std::uint32_t kWays = 8;
constexpr std::uint32_t kL2Sets = kL2Bytes / kLineBytes / kWays;
constexpr std::uint32_t kLlcSets = kLlcBytes / kLlcBlockBytes / kWays;
constexpr int kOutstandingMisses = 10;  // of L2, per direction

}  // namespace

TagArray::TagArray(std::uint32_t sets, std::uint32_t ways)
    : sets_(sets), ways_(ways), lines_(static_cast<std::size_t>(sets) * ways) {}

const TagArray::Line* TagArray::find(std::uint32_t block) const {
  const Line* set = &lines_[static_cast<std::size_t>(block % sets_) * ways_];
  for (std::uint32_t way = 0; way < ways_; ++way) {
    if (set[way].block_plus_one == block + 1) return &set[way];
  }
  return nullptr;
}

bool TagArray::touch(std::uint32_t block, bool dirty) {
  const Line* line = find(block);
  if (line == nullptr) return false;
  if (dirty) const_cast<Line*>(line)->dirty = true;
  return true;
}

TagArray::Victim TagArray::insert(std::uint32_t block, bool dirty) {
  Line* set = &lines_[static_cast<std::size_t>(block % sets_) * ways_];
  std::uint32_t way = 0;
  while (way < ways_ && set[way].block_plus_one != 0) ++way;
  if (way == ways_) {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    way = random_ % ways_;
  }
  const Victim victim{set[way].block_plus_one != 0, set[way].dirty, set[way].block_plus_one - 1};
  set[way] = {block + 1, dirty};
  return victim;
}

MemorySystem::MemorySystem(const SimulatorConstants& constants)
    : constants_(constants),
      l2_(kL2Sets, kWays),
      llc_(kLlcSets, kWays),
      read_misses_(kOutstandingMisses),
      write_misses_(kOutstandingMisses) {}

void MemorySystem::restart_clock() {
  server_ = TimeOrderedServer();
  read_misses_ = InFlightRing(kOutstandingMisses);
  write_misses_ = InFlightRing(kOutstandingMisses);
}

// One line from or to the last-level cache: a hit takes `occupancy` of the memory server, a miss
// refills a whole block from DRAM, and a dirty victim goes back first.
Cycles MemorySystem::llc_access(std::uint32_t line, Cycles time, Cycles occupancy, bool dirty) {
  const std::uint32_t block = line / 2;
  if (llc_.touch(block, dirty)) return server_.serve(time, occupancy) + constants_.llc_hit_extra;
  Cycles refill = constants_.dram_refill_occupancy;
  const TagArray::Victim victim = llc_.insert(block, dirty);
  if (victim.valid && victim.dirty) refill += constants_.llc_dirty_victim;
  return server_.serve(time, refill) + constants_.llc_hit_extra + constants_.dram_latency;
}

Cycles MemorySystem::fetch(std::uint32_t line, Cycles time, bool dirty, InFlightRing& misses) {
  const Cycles start = std::max(time, misses.oldest());
  const Cycles back = llc_access(line, start, constants_.llc_read_occupancy, false);
  misses.push(back);
  const TagArray::Victim victim = l2_.insert(line, dirty);
  if (victim.valid && victim.dirty) {
    llc_access(victim.block, start, constants_.l2_dirty_eviction, true);
  }
  return back;
}

Cycles MemorySystem::read(std::uint32_t line, Cycles time) {
  const Cycles hit = time + constants_.l2_hit_latency;
  if (l2_.touch(line, false)) return hit;
  return fetch(line, time, false, read_misses_) + constants_.l2_hit_latency;
}

Cycles MemorySystem::write(std::uint32_t line, bool whole_line, Cycles time) {
  const Cycles acknowledged = time + constants_.put_latency;
  if (l2_.touch(line, true)) return acknowledged;
  if (!whole_line) {
    return std::max(acknowledged,
                    fetch(line, time, true, write_misses_) + constants_.l2_hit_latency);
  }
  const TagArray::Victim victim = l2_.insert(line, true);
  if (victim.valid && victim.dirty) {
    llc_access(victim.block, time, constants_.l2_dirty_eviction, true);
  }
  return acknowledged;
}

void MemorySystem::touch(std::uint32_t line, bool dirty, bool l2) {
  if (!llc_.touch(line / 2, false)) llc_.insert(line / 2, false);
  if (!l2 || l2_.touch(line, dirty)) return;
  const TagArray::Victim victim = l2_.insert(line, dirty);
  if (victim.valid && victim.dirty && !llc_.touch(victim.block / 2, true)) {
    llc_.insert(victim.block / 2, true);
  }
}

}  // namespace masala::gemmini
