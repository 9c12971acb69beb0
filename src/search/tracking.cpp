#include "search/tracking.h"

#include <algorithm>

namespace masala::search {

void ProgressTracker::set_phase(const std::string& phase) {
  const std::lock_guard<std::mutex> lock(mutex_);
  progress_.phase = phase;
  report();
}

void ProgressTracker::advance(double work, std::int64_t evaluations) {
  const std::lock_guard<std::mutex> lock(mutex_);
  done_work_ += work;
  progress_.fraction = std::min(1.0, done_work_ / total_work_);
  progress_.done += evaluations;
  report();
}

void ProgressTracker::found(double objective) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!progress_.best || objective < *progress_.best) progress_.best = objective;
}

void ProgressTracker::report() {
  if (monitor_.report) monitor_.report(progress_);
}

void History::append(const Improvements& improvements, std::int64_t evaluations) {
  for (const auto& [used, objective] : improvements) {
    if (!entries_.empty() && objective >= entries_.back().second) continue;
    entries_.emplace_back(evaluations_ + used, objective);
  }
  evaluations_ += evaluations;
}

SearchSummary summarise(const Problem& problem,
                        const std::optional<DesignState>& best,
                        const History& history,
                        int starts,
                        const model::WatchedMonitor& watched,
                        Clock::time_point began) {
  SearchSummary summary;
  if (best) summary.best = make_design(problem, best->hardware, mappings_of(*best));
  summary.starts = starts;
  summary.evaluations = history.evaluations();
  summary.history = history.entries();
  summary.interrupted = watched.cut_short();
  summary.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return summary;
}

}  // namespace masala::search
