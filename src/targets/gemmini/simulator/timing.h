// Small building blocks of max-plus timing.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace masala::gemmini {

using Cycles = double;

// At most `size` things in flight, freed in order: a new one may start at oldest().
class InFlightRing {
 public:
  explicit InFlightRing(int size) : ends_(static_cast<std::size_t>(size), 0.0) {}

  Cycles oldest() const { return ends_[next_]; }
  void push(Cycles end) {
    ends_[next_] = end;
    if (++next_ == ends_.size()) next_ = 0;
  }

 private:
  std::vector<Cycles> ends_;
  std::size_t next_ = 0;
};

// A resource that serves requests in the order of their times, although they are made in program
// order (loads of the next tile before stores of this one): time is cut into buckets, and a request
// takes the first room at or after its arrival.
class TimeOrderedServer {
 public:
  // When the work is done that arrives at `arrival` and occupies the server for `occupancy`.
  Cycles serve(Cycles arrival, Cycles occupancy) {
    auto bucket = static_cast<std::int64_t>(arrival) / kWidth;
    Cycles used = used_in(bucket);
    while (used >= kWidth) used = used_in(++bucket);
    const Cycles start = std::max(arrival, static_cast<Cycles>(bucket * kWidth) + used);
    for (Cycles left = occupancy; left > 0.0; used = used_in(++bucket)) {
      const Cycles taken = std::min(left, kWidth - used);
      used_[slot(bucket)] = used + taken;
      left -= taken;
    }
    return start + occupancy;
  }

 private:
  static constexpr std::int64_t kWidth = 64;
  static constexpr std::int64_t kBuckets = 4096;

  static std::size_t slot(std::int64_t bucket) {
    return static_cast<std::size_t>(bucket % kBuckets);
  }
  // Buckets are reused once time has moved on by kBuckets of them.
  Cycles used_in(std::int64_t bucket) {
    const std::size_t i = slot(bucket);
    if (owner_[i] != bucket) {
      owner_[i] = bucket;
      used_[i] = 0.0;
    }
    return used_[i];
  }

  std::array<std::int64_t, kBuckets> owner_{};
  std::array<Cycles, kBuckets> used_{};
};

// Length of the union of intervals that come in the order of their starts, more or less.
class BusyTime {
 public:
  void add(Cycles start, Cycles end) {
    total_ += std::max(0.0, end - std::max(start, end_));
    end_ = std::max(end_, end);
  }
  Cycles total() const { return total_; }
  Cycles end() const { return end_; }

 private:
  Cycles total_ = 0.0;
  Cycles end_ = 0.0;
};

}  // namespace masala::gemmini
