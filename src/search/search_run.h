// What surrounds every search: its space, its progress over several threads, its history in a
// reproducible order and the best design.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "masala/search/searcher.h"
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

class SearchRun {
 public:
  SearchRun(const Problem& problem, const Monitor& monitor);

  const DiscreteSpace& space() const { return space_; }
  // Knows whether it was heard, so that the summary can say whether the search was cut short.
  const Monitor& monitor() const { return watched_.monitor(); }
  History& history() { return history_; }
  const History& history() const { return history_; }

  // Starts the progress, of so much work in all.
  ProgressTracker& track(const std::string& phase, double total_work);

  // Takes the design where it is the best so far.
  void keep(const DesignState& design);
  // A task that found the design, or none, after so many evaluations.
  void add_task(const std::optional<DesignState>& found, std::int64_t evaluations);

  SearchSummary summary(int starts) const;

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point began_ = Clock::now();
  model::WatchedMonitor watched_;
  DiscreteSpace space_;
  History history_;
  std::optional<ProgressTracker> tracker_;
  std::optional<DesignState> best_;
};

}  // namespace masala::search
