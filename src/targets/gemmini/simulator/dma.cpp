#include "targets/gemmini/simulator/dma.h"

#include <algorithm>

#include "targets/gemmini/machine.h"

namespace masala::gemmini {
namespace {

constexpr int kRowQueue = 5;
constexpr Cycles kPipeline = 10.0;  // from the row request to the bus and back, less the memory

// Bytes of the smallest aligned request (16, 32 or 64) that covers [begin, end) of one line.
std::uint64_t request_bytes(std::uint64_t begin, std::uint64_t end) {
  for (std::uint64_t size = kBeatBytes; size < kLineBytes; size *= 2) {
    if (begin / size == (end - 1) / size) return size;
  }
  return kLineBytes;
}

std::uint64_t beats_of(std::uint64_t bytes, std::uint64_t bus_bytes) {
  return (bytes + bus_bytes - 1) / bus_bytes;
}

}  // namespace

DmaReader::DmaReader(MemorySystem& memory,
                     std::int64_t dim,
                     std::int64_t bus_bytes,
                     Cycles response_gap)
    : memory_(memory),
      dim_(dim),
      bus_bytes_(static_cast<std::uint64_t>(bus_bytes)),
      response_gap_(response_gap),
      queue_(kRowQueue),
      in_flight_(kRequestsInFlight) {}

Cycles DmaReader::read_row(std::uint64_t address, std::int64_t bytes, Cycles time) {
  const Cycles entered = std::max(time, queue_.oldest());
  const std::uint64_t end = address + static_cast<std::uint64_t>(bytes);
  Cycles last = entered;
  for (std::uint64_t begin = address; begin < end;) {
    const std::uint64_t stop = std::min(end, (begin / kLineBytes + 1) * kLineBytes);
    const Cycles issued = std::max({entered, next_request_, in_flight_.oldest()});
    next_request_ = issued + 1.0;
    const Cycles first_beat =
        memory_.read(static_cast<std::uint32_t>(begin / kLineBytes), issued + kPipeline);
    const auto beats = static_cast<std::int64_t>(beats_of(request_bytes(begin, stop), bus_bytes_));
    const auto rows = (static_cast<std::int64_t>(stop - begin) + dim_ - 1) / dim_;
    const Cycles on_bus = static_cast<Cycles>(beats) + (beats > 1 ? response_gap_ : 0.0);
    const Cycles done = bus_.serve(first_beat, std::max(on_bus, static_cast<Cycles>(rows)));
    in_flight_.push(done - kPipeline);  // the pipeline is not part of a transaction
    last = std::max(last, done);
    begin = stop;
  }
  queue_.push(next_request_);
  ++rows_;
  bytes_ += bytes;
  return last;
}

DmaWriter::DmaWriter(MemorySystem& memory, std::int64_t bus_bytes)
    : memory_(memory),
      bus_bytes_(static_cast<std::uint64_t>(bus_bytes)),
      in_flight_(kRequestsInFlight) {}

Cycles DmaWriter::write_row(std::uint64_t address,
                            std::int64_t bytes,
                            std::int64_t blocks,
                            Cycles time) {
  const std::uint64_t end = address + static_cast<std::uint64_t>(bytes);
  Cycles at = std::max(free_, time) + static_cast<Cycles>(blocks);
  for (std::uint64_t begin = address; begin < end;) {
    const std::uint64_t stop = std::min(end, (begin / kLineBytes + 1) * kLineBytes);
    const std::uint64_t size = request_bytes(begin, stop);
    const Cycles issued = std::max(at, in_flight_.oldest());
    at = issued + static_cast<Cycles>(beats_of(size, bus_bytes_));
    const bool whole_line = stop - begin == kLineBytes;
    const Cycles acknowledged =
        memory_.write(static_cast<std::uint32_t>(begin / kLineBytes), whole_line, at);
    in_flight_.push(acknowledged);
    last_acknowledged_ = std::max(last_acknowledged_, acknowledged);
    begin = stop;
  }
  free_ = at;
  ++rows_;
  bytes_ += bytes;
  return at;
}

}  // namespace masala::gemmini
