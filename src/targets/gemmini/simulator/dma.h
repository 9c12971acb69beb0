// Gemmini's DMA engines: rows of bytes to and from memory.
#pragma once

#include <cstdint>

#include "targets/gemmini/simulator/memory_system.h"
#include "targets/gemmini/simulator/timing.h"

namespace masala::gemmini {

// StreamReader: rows are split into aligned requests of 16, 32 or 64 bytes, one per cycle, 16 in
// flight; responses share a bus of 16 bytes per cycle into one scratchpad row per cycle, those of
// several beats with a gap behind them.
class DmaReader {
 public:
  DmaReader(MemorySystem& memory, std::int64_t dim, std::int64_t bus_bytes, Cycles response_gap);

  // A row asked for at `time`; returns when its last byte is written.
  Cycles read_row(std::uint64_t address, std::int64_t bytes, Cycles time);
  // When the next row can enter the request queue.
  Cycles queue_free() const { return queue_.oldest(); }
  std::int64_t rows() const { return rows_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  MemorySystem& memory_;
  std::int64_t dim_;
  std::uint64_t bus_bytes_;
  Cycles response_gap_;
  InFlightRing queue_;
  InFlightRing in_flight_;
  TimeOrderedServer bus_;
  Cycles next_request_ = 0.0;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
};

// StreamWriter: a row is collected block by block, then sent in aligned writes, 16 in flight.
class DmaWriter {
 public:
  DmaWriter(MemorySystem& memory, std::int64_t bus_bytes);

  // A row whose blocks are read from the accumulator from `time` on. Returns when the writer took
  // it, which is what lets the next rows be read; acknowledgements are in last_acknowledged().
  Cycles write_row(std::uint64_t address, std::int64_t bytes, std::int64_t blocks, Cycles time);
  Cycles last_acknowledged() const { return last_acknowledged_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  MemorySystem& memory_;
  std::uint64_t bus_bytes_;
  InFlightRing in_flight_;
  Cycles free_ = 0.0;
  Cycles last_acknowledged_ = 0.0;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace masala::gemmini
