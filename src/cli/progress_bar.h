// Progress on stderr: a bar with the expected time left on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <string>

#include "search/searcher.h"

namespace masala::cli {

class ProgressBar {
 public:
  // `unit` names the objective's unit, for the best value so far; `counted` what is counted.
  ProgressBar(bool quiet, std::string unit, std::string counted = "evaluations");
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(const model::Progress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  std::string unit_;
  std::string counted_;
  std::string phase_;
  Clock::time_point began_;
  Clock::time_point last_;
};

}  // namespace masala::cli
