// Progress over rows that are done in order.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "cli/progress_bar.h"

namespace masala::cli {

// Says nothing in the first second: most tables are done by then.
class RowProgress {
 public:
  // `first` rows were done earlier; `what` names the rows.
  RowProgress(bool quiet, const std::string& what, std::size_t first, std::size_t total)
      : bar_(quiet, "", what), first_(first), total_(total) {}

  void update(std::size_t done) {
    if (Clock::now() - began_ < std::chrono::seconds(1)) return;
    const auto left = static_cast<double>(total_ - first_);
    bar_.update({"simulating",
                 static_cast<double>(done - first_) / left,
                 static_cast<std::int64_t>(done),
                 "rows",
                 std::nullopt,
                 ""});
  }

 private:
  using Clock = std::chrono::steady_clock;

  ProgressBar bar_;
  std::size_t first_;
  std::size_t total_;
  Clock::time_point began_ = Clock::now();
};

}  // namespace masala::cli
