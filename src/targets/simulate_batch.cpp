#include "masala/targets/simulate_batch.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>

#include "masala/model/parallel.h"

namespace masala::targets {
namespace {

using Result = std::optional<model::SimulationResult>;

class Batch {
 public:
  Batch(const LayerRuns& runs,
        const model::Simulator& simulator,
        const BatchOptions& options,
        const RunFinished& finished,
        const model::Monitor& monitor)
      : runs_(runs),
        simulator_(simulator),
        options_(options),
        finished_(finished),
        monitor_(monitor),
        taken_(options.first),
        done_(options.first) {}

  std::size_t run_independently() {
    const std::size_t left = runs_.size() - std::min(runs_.size(), options_.first);
    const auto threads =
        static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(options_.threads), left));
    model::run_parallel(threads, threads, [this](int /*thread*/) { work(); });
    if (failure_) std::rethrow_exception(failure_);
    return done_;
  }

  std::size_t run_in_sequence(model::MachineMemory& memory) {
    for (std::size_t i = 0; i < runs_.size() && !monitor_.stop_requested(); ++i) {
      Result result;
      try {
        result = result_of(i, &memory);
      } catch (const model::Interrupted&) {
        break;
      }
      if (i < options_.first) continue;
      finished_(i, result);
      done_ = i + 1;
    }
    return done_;
  }

 private:
  Result result_of(std::size_t i, model::MachineMemory* carried) const {
    if (!runs_[i]) return std::nullopt;
    return simulator_.run(*runs_[i], options_.simulate, carried, monitor_);
  }

  // Runs are taken in order: a stop loses those under way and what finished after one of them.
  void work() {
    while (!monitor_.stop_requested() && !failed_) {
      const std::size_t i = taken_++;
      if (i >= runs_.size()) return;
      try {
        deliver(i, result_of(i, nullptr));
      } catch (const model::Interrupted&) {
        return;
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        failed_ = true;
      }
    }
  }

  void deliver(std::size_t i, const Result& result) {
    const std::lock_guard<std::mutex> lock(mutex_);
    early_.emplace(i, result);
    for (auto next = early_.find(done_); next != early_.end(); next = early_.find(done_)) {
      finished_(done_, next->second);
      early_.erase(next);
      ++done_;
    }
  }

  const LayerRuns& runs_;
  const model::Simulator& simulator_;
  const BatchOptions& options_;
  const RunFinished& finished_;
  const model::Monitor& monitor_;
  std::atomic<std::size_t> taken_;
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  // guards what follows
  std::size_t done_;
  std::map<std::size_t, Result> early_;  // finished before a run that comes first
  std::exception_ptr failure_;
};

}  // namespace

std::size_t simulate_batch(const LayerRuns& runs,
                           const model::Simulator& simulator,
                           const BatchOptions& options,
                           const RunFinished& finished,
                           const model::Monitor& monitor) {
  Batch batch(runs, simulator, options, finished, monitor);
  const auto carried = simulator.carried_memory(options.simulate.cache);
  return carried ? batch.run_in_sequence(*carried) : batch.run_independently();
}

}  // namespace masala::targets
