#include "targets/gemmini/latency/row_cycles.h"

#include "targets/gemmini/machine.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace masala::gemmini {

using namespace number;
namespace {

constexpr double kLeastCyclesPerRead = 20.0 / 16.0;  // latency over requests in flight
constexpr double kLeastCyclesPerWrite = 70.0 / 16.0;
constexpr std::int64_t kMostTilesLookedAt = 4;

// Beats of the smallest aligned request that covers [begin, end) of one line.
std::int64_t request_beats(std::int64_t begin, std::int64_t end) {
  for (std::int64_t size = kBeatBytes; size < kLineBytes; size *= 2) {
    if (begin / size == (end - 1) / size) return size / kBeatBytes;
  }
  return kLineBytes / kBeatBytes;
}

// Cycles of one command of so many bytes, from `begin` of a line on.
double command_cycles(Direction direction,
                      std::int64_t begin,
                      std::int64_t bytes,
                      std::int64_t dim) {
  double reading = 0.0;
  double writing = static_cast<double>((bytes + dim - 1) / dim);
  double least_writing = 0.0;
  const auto add_lines = [&](std::int64_t first, std::int64_t stop, double lines) {
    const std::int64_t rows = (stop - first + dim - 1) / dim;
    const std::int64_t beats = request_beats(first, stop);
    reading += lines * std::max(kLeastCyclesPerRead, static_cast<double>(std::max(beats, rows)));
    writing += lines * static_cast<double>(beats);
    least_writing += lines * kLeastCyclesPerWrite;
  };
  const std::int64_t in_first = std::min(bytes, kLineBytes - begin);
  add_lines(begin, begin + in_first, 1.0);
  const std::int64_t left = bytes - in_first;
  if (left >= kLineBytes) add_lines(0, kLineBytes, static_cast<double>(left / kLineBytes));
  if (left % kLineBytes > 0) add_lines(0, left % kLineBytes, 1.0);
  return direction == Direction::read ? reading : std::max(writing, least_writing);
}

// How many rows pass until they lie in a line as the first one does; the first few of them do.
std::int64_t distinct_rows(std::int64_t stride) {
  constexpr std::int64_t kMostRows = 8;
  std::int64_t rows = 1;
  while (rows < kMostRows && rows * stride % kLineBytes != 0) rows *= 2;
  return rows;
}

class RowReader {
 public:
  explicit RowReader(const RowCuts<double>& cuts)
      : direction_(cuts.direction),
        length_(static_cast<std::int64_t>(cuts.length)),
        command_(static_cast<std::int64_t>(cuts.command)),
        dim_(static_cast<std::int64_t>(cuts.dim)),
        base_(static_cast<std::int64_t>(cuts.base_offset)),
        period_(kLineBytes / std::gcd(command_, kLineBytes)),
        rows_(distinct_rows(length_)) {}

  // Of the tile that begins at `first`, mean over the rows.
  double tile_cycles(std::int64_t first, std::int64_t bytes) const {
    const std::int64_t commands = bytes / command_;
    const std::int64_t rest = bytes % command_;
    double sum = 0.0;
    for (std::int64_t row = 0; row < rows_; ++row) {
      const std::int64_t begin = (base_ + row * length_ + first) % kLineBytes;
      // After `period_` commands the next one lies in its line as the first one did.
      for (std::int64_t i = 0; i < std::min(commands, period_); ++i) {
        const std::int64_t alike = (commands - i - 1) / period_ + 1;
        sum += static_cast<double>(alike) * cycles_at(begin + i * command_, command_);
      }
      if (rest > 0) sum += cycles_at(begin + commands % period_ * command_, rest);
    }
    return sum / static_cast<double>(rows_);
  }

 private:
  double cycles_at(std::int64_t begin, std::int64_t bytes) const {
    return command_cycles(direction_, begin % kLineBytes, bytes, dim_);
  }

  Direction direction_;
  std::int64_t length_;
  std::int64_t command_;
  std::int64_t dim_;
  std::int64_t base_;
  std::int64_t period_;
  std::int64_t rows_;
};

}  // namespace

double sum_row_cycles(const RowCuts<double>& cuts) {
  const RowReader reader(cuts);
  const auto tile = static_cast<std::int64_t>(cuts.tile);
  const auto trips = static_cast<std::int64_t>(cuts.trips);
  const std::int64_t last = (trips - 1) * tile;
  const double last_cycles =
      reader.tile_cycles(last, static_cast<std::int64_t>(cuts.length) - last);
  if (trips == 1) return last_cycles;
  const std::int64_t looked_at = std::min(trips - 1, kMostTilesLookedAt);
  double sum = 0.0;
  for (std::int64_t i = 0; i < looked_at; ++i) sum += reader.tile_cycles(i * tile, tile);
  return sum * static_cast<double>(trips - 1) / static_cast<double>(looked_at) + last_cycles;
}

Tensor sum_row_cycles(const RowCuts<Tensor>& cuts) {
  const Tensor tile = torch::minimum(cuts.tile, cuts.length);
  const auto beat = static_cast<double>(kBeatBytes);
  if (cuts.direction == Direction::write) {
    const Tensor requests =
        blocks(tile, torch::clamp_max(cuts.command, static_cast<double>(kLineBytes)));
    const Tensor collected = blocks(tile, cuts.dim);
    return cuts.trips *
           torch::maximum(blocks(tile, beat) + collected, requests * kLeastCyclesPerWrite);
  }
  const Tensor per_cycle = cuts.dim.detach().clamp_max(beat);
  const Tensor requests = blocks(tile, static_cast<double>(kLineBytes));
  return cuts.trips * torch::maximum(blocks(tile, per_cycle), requests * kLeastCyclesPerRead);
}

}  // namespace masala::gemmini
