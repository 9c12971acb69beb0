#include "cli/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "cli/interrupt.h"
#include "cli/numbers.h"

namespace masala::cli {
namespace {

constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(5);
constexpr int kBarWidth = 24;

}  // namespace

std::string progress_text(const app::Progress& progress,
                          double elapsed_seconds,
                          std::optional<std::size_t> columns) {
  std::string text = fmt::format(
      "{:>3.0f} %  {} {}", 100.0 * progress.fraction, with_commas(progress.done), progress.counted);
  if (progress.best)
    text += fmt::format(", best {} {}", significant(*progress.best), progress.best_unit);
  constexpr double kLeastFraction = 0.02;  // before, an estimate of the time left means nothing
  if (progress.fraction > kLeastFraction) {
    text +=
        ", ETA " + seconds_text(elapsed_seconds * (1.0 - progress.fraction) / progress.fraction);
  }
  if (!columns) return fmt::format("{}: {}", progress.phase, text);
  const int filled = std::clamp(static_cast<int>(progress.fraction * kBarWidth), 0, kBarWidth);
  std::string line = fmt::format("{:<12} [{}{}] {}",
                                 progress.phase,
                                 std::string(filled, '#'),
                                 std::string(kBarWidth - filled, '.'),
                                 text);
  // A line that wraps cannot be drawn over.
  if (*columns > 0 && line.size() >= *columns) line.resize(*columns - 1);
  return line;
}

ProgressBar::ProgressBar(bool quiet, FirstLine first_line)
    : quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) != 0),
      silence_(first_line == FirstLine::at_once ? 0 : 1),
      began_(Clock::now()),
      last_(began_) {}

ProgressBar::~ProgressBar() {
  clear();
}

app::Monitor ProgressBar::monitor() {
  app::Monitor monitor;
  monitor.report = [this](const app::Progress& progress) { update(progress); };
  monitor.warn = [this](const std::string& line) {
    clear();
    fmt::print(stderr, "{}\n", line);
  };
  monitor.stop = &InterruptGuard::flag();
  return monitor;
}

void ProgressBar::clear() {
  if (drawn_ && terminal_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void ProgressBar::note(const std::string& line) {
  if (quiet_) return;
  clear();
  fmt::print(stderr, "{}\n", line);
}

void ProgressBar::update(const app::Progress& progress) {
  const auto now = Clock::now();
  if (quiet_ || now - began_ < silence_) return;
  const bool new_phase = progress.phase != phase_;
  const auto interval = terminal_ ? std::chrono::duration_cast<Clock::duration>(kTerminalInterval)
                                  : std::chrono::duration_cast<Clock::duration>(kPlainInterval);
  if (!new_phase && now - last_ < interval) return;
  phase_ = progress.phase;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - began_).count();
  if (terminal_) {
    const auto columns = terminal_columns(STDERR_FILENO).value_or(80);
    fmt::print(stderr, "\r\033[K{}", progress_text(progress, elapsed, columns));
  } else {
    fmt::print(stderr, "{}\n", progress_text(progress, elapsed, std::nullopt));
  }
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace masala::cli
