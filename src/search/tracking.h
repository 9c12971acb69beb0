// Progress of a search that runs on several threads, and its history in a reproducible order.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "search/searcher.h"
#include "search/space/discrete_space.h"

namespace masala::search {

// Sums what the tasks of a search report and passes it on, one call at a time.
class ProgressTracker {
 public:
  ProgressTracker(const Monitor& monitor, double total_work)
      : monitor_(monitor), total_work_(total_work) {}

  void set_phase(const std::string& phase);
  void advance(double work, std::int64_t evaluations);
  void found(double objective);

 private:
  void report();

  const Monitor& monitor_;
  double total_work_;
  double done_work_ = 0.0;
  Progress progress_;
  std::mutex mutex_;
};

// Improvements of one task: its own evaluation count when found, and the objective.
using Improvements = std::vector<std::pair<std::int64_t, double>>;

// Strings tasks together as if they had run one after the other, whatever the threads did.
class History {
 public:
  void append(const Improvements& improvements, std::int64_t evaluations);
  std::int64_t evaluations() const { return evaluations_; }
  const std::vector<std::pair<std::int64_t, double>>& entries() const { return entries_; }

 private:
  std::int64_t evaluations_ = 0;
  std::vector<std::pair<std::int64_t, double>> entries_;
};

using Clock = std::chrono::steady_clock;

// What a search that began then reports; `best` is empty where it found no design.
SearchSummary summarise(const Problem& problem,
                        const std::optional<DesignState>& best,
                        const History& history,
                        int starts,
                        const model::WatchedMonitor& watched,
                        Clock::time_point began);

}  // namespace masala::search
