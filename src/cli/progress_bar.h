// Progress on stderr: a bar with the expected time left on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "masala/app/run_options.h"

namespace masala::cli {

// When the first line comes: work that is mostly done within a second says nothing before.
enum class FirstLine { at_once, after_a_second };

// Cleared when it goes.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet, FirstLine first_line = FirstLine::at_once);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // What work reports to, and Ctrl-C stops. Lives no longer than the bar.
  app::Monitor monitor();

  void update(const app::Progress& progress);
  // A line that stays, above the bar.
  void note(const std::string& line);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  std::string phase_;
  std::chrono::seconds silence_;
  Clock::time_point began_;
  Clock::time_point last_;
};

// One line of progress, at most `columns` wide where these are known.
std::string progress_text(const app::Progress& progress,
                          double elapsed_seconds,
                          std::optional<std::size_t> columns);

}  // namespace masala::cli
