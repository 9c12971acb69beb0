// Ctrl-C as a request to stop with what is done so far.
#pragma once

#include <atomic>

namespace masala::cli {

// While it lives, the first Ctrl-C (or SIGTERM) sets flag(); the second one ends the process as
// usual.
class InterruptGuard {
 public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

  static const std::atomic<bool>& flag();
};

}  // namespace masala::cli
