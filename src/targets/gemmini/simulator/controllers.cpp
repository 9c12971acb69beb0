#include "targets/gemmini/simulator/controllers.h"

#include <algorithm>

namespace masala::gemmini {
namespace {

constexpr int kLoadStation = 8;
constexpr int kStoreStation = 4;
constexpr int kRowBuffer = 17;
constexpr Cycles kIssueDelay = 2.0;  // from the reservation station to the controller
constexpr Cycles kLeastCommandCycles = 2.0;

int commands_in_dma(std::int64_t dim) {
  return static_cast<int>(16 / dim) + 1;
}

}  // namespace

LoadController::LoadController(MemorySystem& memory,
                               std::int64_t dim,
                               std::int64_t bus_bytes,
                               Cycles response_gap)
    : reader_(memory, dim, bus_bytes, response_gap),
      station_(kLoadStation),
      tracker_(commands_in_dma(dim)) {}

Cycles LoadController::emit(Cycles earliest) {
  const Cycles emitted = std::max({earliest, next_emit_, station_.oldest()});
  next_emit_ = emitted + 1.0;
  return emitted;
}

Cycles LoadController::begin(Cycles emitted, Cycles dependency) const {
  return std::max({emitted + kIssueDelay, controller_free_, dependency, tracker_.oldest()});
}

CommandTimes LoadController::finish(Cycles emitted, Cycles started, Cycles completed) {
  tracker_.push(completed);
  station_.push(completed);
  busy_.add(started, completed);
  return {emitted, completed};
}

CommandTimes LoadController::mvin(const MemoryBlock& block, Cycles earliest, Cycles dependency) {
  const Cycles emitted = emit(earliest);
  const Cycles started = begin(emitted, dependency);
  Cycles completed = started;
  Cycles row_time = started;
  for (std::int64_t row = 0; row < block.rows; ++row) {
    const std::uint64_t address = block.address + static_cast<std::uint64_t>(row * block.stride);
    row_time = std::max(row_time, reader_.queue_free());
    completed = std::max(completed, reader_.read_row(address, block.bytes, row_time));
    row_time += 1.0;
  }
  controller_free_ = std::max(started + kLeastCommandCycles, row_time);
  return finish(emitted, started, completed);
}

CommandTimes LoadController::zeros(std::int64_t rows,
                                   std::int64_t blocks,
                                   Cycles earliest,
                                   Cycles dependency) {
  const Cycles emitted = emit(earliest);
  const Cycles started = begin(emitted, dependency);
  const Cycles completed =
      started + std::max(kLeastCommandCycles, static_cast<Cycles>(rows * blocks));
  controller_free_ = completed;
  return finish(emitted, started, completed);
}

StoreController::StoreController(MemorySystem& memory, std::int64_t dim, std::int64_t bus_bytes)
    : writer_(memory, bus_bytes),
      station_(kStoreStation),
      tracker_(commands_in_dma(dim)),
      row_buffer_(kRowBuffer) {}

CommandTimes StoreController::mvout(const MemoryBlock& block,
                                    std::int64_t blocks,
                                    Cycles earliest,
                                    Cycles ready) {
  const Cycles emitted = std::max({earliest, next_emit_, station_.oldest()});
  next_emit_ = emitted + 1.0;
  const Cycles started =
      std::max({emitted + kIssueDelay, controller_free_, ready, tracker_.oldest()});
  Cycles row_time = started;
  Cycles sent = started;
  for (std::int64_t row = 0; row < block.rows; ++row) {
    const std::uint64_t address = block.address + static_cast<std::uint64_t>(row * block.stride);
    row_time = std::max(row_time, row_buffer_.oldest());
    sent = writer_.write_row(address, block.bytes, blocks, row_time);
    row_buffer_.push(sent);
    row_time += static_cast<Cycles>(blocks);
  }
  controller_free_ = row_time;
  station_.push(row_time);
  tracker_.push(writer_.last_acknowledged());
  busy_.add(started, sent);
  return {emitted, row_time};
}

}  // namespace masala::gemmini
