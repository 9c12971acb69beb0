#include "cli/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "cli/console.h"

namespace masala::cli {
namespace {

constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(5);
constexpr int kBarWidth = 24;

}  // namespace

ProgressBar::ProgressBar(bool quiet, std::string unit, std::string counted)
    : quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) != 0),
      unit_(std::move(unit)),
      counted_(std::move(counted)),
      began_(Clock::now()),
      last_(began_) {}

ProgressBar::~ProgressBar() {
  if (drawn_ && terminal_) std::fputs("\r\033[K", stderr);
}

void ProgressBar::update(const model::Progress& progress) {
  if (quiet_) return;
  const auto now = Clock::now();
  const bool new_phase = progress.phase != phase_;
  const auto interval = terminal_ ? std::chrono::duration_cast<Clock::duration>(kTerminalInterval)
                                  : std::chrono::duration_cast<Clock::duration>(kPlainInterval);
  if (!new_phase && now - last_ < interval) return;
  phase_ = progress.phase;
  last_ = now;

  const double elapsed = std::chrono::duration<double>(now - began_).count();
  std::string text = fmt::format(
      "{:>3.0f} %  {} {}", 100.0 * progress.fraction, with_commas(progress.done), counted_);
  if (progress.best) text += fmt::format(", best {} {}", significant(*progress.best), unit_);
  constexpr double kLeastFraction = 0.02;  // before, an estimate of the time left means nothing
  if (progress.fraction > kLeastFraction) {
    text += ", ETA " + seconds_text(elapsed * (1.0 - progress.fraction) / progress.fraction);
  }
  if (terminal_) {
    const int filled = std::clamp(static_cast<int>(progress.fraction * kBarWidth), 0, kBarWidth);
    fmt::print(stderr,
               "\r\033[K{:<12} [{}{}] {}",
               phase_,
               std::string(filled, '#'),
               std::string(kBarWidth - filled, '.'),
               text);
  } else {
    fmt::print(stderr, "{}: {}\n", phase_, text);
  }
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace masala::cli
