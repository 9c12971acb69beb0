// Progress and interruption of long work: one monitor, whoever works and whoever watches.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace masala::model {

struct Progress {
  std::string phase;                    // "descent", "folds", "simulating", ...
  double fraction = 0.0;                // of the whole work, 0 to 1
  std::int64_t done = 0;                // what is counted so far,
  std::string counted = "evaluations";  // as the reader calls it
  std::optional<double> best;           // objective of the best design so far
  std::string best_unit;                // of it
};

// Work was stopped before it had a result to give back. Work that has one returns it instead.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

struct Monitor {
  // Called now and then, by one thread at a time; may be empty.
  std::function<void(const Progress&)> report;
  // Takes what is odd and yet done, a line at a time; may be empty.
  std::function<void(const std::string&)> warn;
  // Set to end the work soon: with the best so far, or by Interrupted. Polled often enough to
  // end within a second or so.
  const std::atomic<bool>* stop = nullptr;
  // Set by every poll that answers yes; may be null.
  std::atomic<bool>* heard = nullptr;

  void warn_of(const std::vector<std::string>& lines) const {
    for (const std::string& line : lines) {
      if (warn) warn(line);
    }
  }
  bool stop_requested() const {
    if (stop == nullptr || !stop->load(std::memory_order_relaxed)) return false;
    if (heard != nullptr) heard->store(true, std::memory_order_relaxed);
    return true;
  }
  void throw_if_stopped() const {
    if (stop_requested()) throw Interrupted();
  }
};

// The monitor of one piece of work, and whether that was cut short: a stop that nobody polls any
// more comes after the work is done.
class WatchedMonitor {
 public:
  explicit WatchedMonitor(const Monitor& monitor) : monitor_(monitor) { monitor_.heard = &heard_; }
  WatchedMonitor(const WatchedMonitor&) = delete;
  WatchedMonitor& operator=(const WatchedMonitor&) = delete;

  const Monitor& monitor() const { return monitor_; }
  bool cut_short() const { return heard_.load(std::memory_order_relaxed); }

 private:
  Monitor monitor_;
  std::atomic<bool> heard_{false};
};

}  // namespace masala::model
