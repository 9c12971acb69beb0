// Progress and interruption of long work: one monitor, whoever works and whoever watches.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

namespace masala::model {

struct Progress {
  std::string phase;                   // "descent", "folds", "simulating", ...
  double fraction = 0.0;               // of the whole work, 0 to 1
  std::int64_t done = 0;               // what is counted so far,
  std::string counted = "evaluations";  // as the reader calls it
  std::optional<double> best;          // objective of the best design so far
  std::string best_unit;               // of it
};

// Work was stopped before it had a result to give back. Work that has one returns it instead.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

struct Monitor {
  // Called now and then, by one thread at a time; may be empty.
  std::function<void(const Progress&)> report;
  // Set to end the work soon: with the best so far, or by Interrupted. Polled often enough to
  // end within a second or so.
  const std::atomic<bool>* stop = nullptr;

  bool stop_requested() const { return stop != nullptr && stop->load(std::memory_order_relaxed); }
  void throw_if_stopped() const {
    if (stop_requested()) throw Interrupted();
  }
};

}  // namespace masala::model
