#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>

#include "cli/commands.h"

namespace masala::cli {
namespace {

std::atomic<bool> stop_requested{false};
std::atomic<unsigned> grace{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<unsigned>::is_always_lock_free,
              "used by a signal handler");

void on_interrupt(int signal) {
  stop_requested.store(true);
  std::signal(signal, SIG_DFL);
  alarm(grace.load());
}

void on_alarm(int /*signal*/) {
  _exit(kExitInterrupted);
}

}  // namespace

InterruptGuard::InterruptGuard(unsigned grace_seconds) {
  stop_requested.store(false);
  grace.store(grace_seconds);
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  std::signal(SIGALRM, on_alarm);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

const std::atomic<bool>& InterruptGuard::flag() {
  return stop_requested;
}

}  // namespace masala::cli
