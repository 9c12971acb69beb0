// The continuous half of the gradient search: relaxed starts descend and are rounded now and then.
#pragma once

#include "search/methods/relaxation.h"
#include "search/search_run.h"

namespace masala::search {

struct DescentPlan {
  int rounds = 3;  // of descent, each followed by rounding
  int steps_per_round = 100;
  int steps_per_order = 20;  // loop orders are chosen anew this often
};

// Evaluations per layer of one start's descent, everything counted.
std::int64_t samples_per_start(const DescentPlan& plan, const Mapspace& mapspace);

// What a descent has found and used.
struct TaskResult {
  std::vector<DesignState> designs;
  Improvements improvements;
  EvaluationMeter meter;
};

// Starts `first` .. `first + count - 1` descend together. The designs that come back are the best
// rounded one of each; without layers where a start was stopped before.
TaskResult descend(const DiscreteSpace& space,
                   const DescentPlan& plan,
                   std::uint64_t seed,
                   int first,
                   int count,
                   const Monitor& monitor,
                   ProgressTracker& tracker);

}  // namespace masala::search
