// Ctrl-C and SIGTERM as a request to stop.
#pragma once

#include <atomic>

namespace masala::cli {

// While it lives, the first signal sets flag(); the second one ends the process as usual, and so
// does the first one where the work has not come to an end after the grace time.
class InterruptGuard {
 public:
  explicit InterruptGuard(unsigned grace_seconds);
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

  static const std::atomic<bool>& flag();
};

}  // namespace masala::cli
