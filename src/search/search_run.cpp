#include "search/search_run.h"

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

SearchRun::SearchRun(const Problem& problem, const Monitor& monitor)
    : watched_(monitor), space_(problem) {}

ProgressTracker& SearchRun::track(const std::string& phase, double total_work) {
  tracker_.emplace(monitor(), total_work);
  tracker_->set_phase(phase);
  return *tracker_;
}

void SearchRun::keep(const DesignState& design) {
  if (!best_ || design.objective < best_->objective) best_ = design;
}

void SearchRun::add_task(const std::optional<DesignState>& found, std::int64_t evaluations) {
  Improvements improvements;
  if (found) {
    improvements.emplace_back(evaluations, found->objective);
    keep(*found);
  }
  history_.append(improvements, evaluations);
}

SearchSummary SearchRun::summary(int starts) const {
  SearchSummary summary;
  if (best_) summary.best = make_design(space_.problem(), best_->hardware, mappings_of(*best_));
  summary.starts = starts;
  summary.evaluations = history_.evaluations();
  summary.history = history_.entries();
  summary.interrupted = watched_.cut_short();
  summary.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  return summary;
}

}  // namespace masala::search
