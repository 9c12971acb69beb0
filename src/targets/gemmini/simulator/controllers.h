// The load and store controllers with their share of the reservation station.
#pragma once

#include <cstdint>

#include "targets/gemmini/simulator/dma.h"
#include "targets/gemmini/simulator/timing.h"

namespace masala::gemmini {

// A rectangle in memory: `rows` rows of `bytes` bytes, `stride` bytes apart.
struct MemoryBlock {
  std::uint64_t address = 0;
  std::int64_t stride = 0;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

struct CommandTimes {
  Cycles emitted = 0.0;    // into the reservation station
  Cycles completed = 0.0;  // out of it
};

// Mvin commands: 8 in the reservation station, in order, one row request per cycle and at least two
// cycles per command, 16 / dim + 1 commands in the DMA at once.
class LoadController {
 public:
  LoadController(MemorySystem& memory,
                 std::int64_t dim,
                 std::int64_t bus_bytes,
                 Cycles response_gap);

  // Emitted at `earliest` or when there is room; runs once `dependency` has passed.
  CommandTimes mvin(const MemoryBlock& block, Cycles earliest, Cycles dependency);
  // Writes `rows` rows of zeros, each `blocks` scratchpad rows wide.
  CommandTimes zeros(std::int64_t rows, std::int64_t blocks, Cycles earliest, Cycles dependency);

  const DmaReader& reader() const { return reader_; }
  const BusyTime& busy() const { return busy_; }

 private:
  Cycles emit(Cycles earliest);
  Cycles begin(Cycles emitted, Cycles dependency) const;
  CommandTimes finish(Cycles emitted, Cycles started, Cycles completed);

  DmaReader reader_;
  InFlightRing station_;
  InFlightRing tracker_;
  Cycles next_emit_ = 0.0;
  Cycles controller_free_ = 0.0;
  BusyTime busy_;
};

// Mvout commands: 4 in the reservation station; one row of one block read per cycle; a command
// completes when its rows were read, the writer holds about 17 of them.
class StoreController {
 public:
  StoreController(MemorySystem& memory, std::int64_t dim, std::int64_t bus_bytes);

  CommandTimes mvout(const MemoryBlock& block, std::int64_t blocks, Cycles earliest, Cycles ready);

  const DmaWriter& writer() const { return writer_; }
  const BusyTime& busy() const { return busy_; }

 private:
  DmaWriter writer_;
  InFlightRing station_;
  InFlightRing tracker_;
  InFlightRing row_buffer_;
  Cycles next_emit_ = 0.0;
  Cycles controller_free_ = 0.0;
  BusyTime busy_;
};

}  // namespace masala::gemmini
