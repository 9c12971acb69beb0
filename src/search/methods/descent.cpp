#include "search/methods/descent.h"

#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "search/methods/adam.h"
#include "search/moves/repair.h"
#include "search/space/hardware_space.h"

namespace masala::search {

using torch::Tensor;

namespace {

constexpr double kLearningRate = 0.1;

// Falls along a cosine to a twentieth within a round, and to half from round to round.
double learning_rate(const DescentPlan& plan, int round, int step) {
  constexpr double kPi = 3.14159265358979323846;
  constexpr double kLeastShare = 0.05;
  const double progress = static_cast<double>(step) / plan.steps_per_round;
  const double cosine = 0.5 * (1.0 + std::cos(kPi * progress));
  return kLearningRate * std::pow(0.5, round) * (kLeastShare + (1.0 - kLeastShare) * cosine);
}

// A seed of 32 bits and the start are two words; one of more bits is followed by the others.
std::mt19937_64 start_stream(std::uint64_t seed, int start) {
  constexpr int kHalf = 32;
  std::vector<std::uint32_t> words = {static_cast<std::uint32_t>(seed),
                                      static_cast<std::uint32_t>(start)};
  if (const auto high = static_cast<std::uint32_t>(seed >> kHalf)) words.push_back(high);
  std::seed_seq sequence(words.begin(), words.end());
  return std::mt19937_64(sequence);
}

// Random mappings under the spatial limits of the largest array; buffers may overflow.
std::vector<CostedMapping> random_start(const DiscreteSpace& space, std::uint64_t seed, int start) {
  std::mt19937_64 rng = start_stream(seed, start);
  const model::Machine machine =
      model::resolve(space.problem().accelerator, largest_hardware(space.problem()));
  std::vector<CostedMapping> points;
  for (std::size_t i = 0; i < space.num_layers(); ++i)
    points.push_back({random_mapping(space.mapspace(), space.layer(i), machine, rng), 0.0, 0.0});
  return points;
}

class Descent {
 public:
  Descent(const DiscreteSpace& space,
          const DescentPlan& plan,
          int count,
          const Monitor& monitor,
          ProgressTracker& tracker)
      : space_(space),
        plan_(plan),
        monitor_(monitor),
        tracker_(tracker),
        relaxation_(space, count),
        logs_(
            torch::zeros({relaxation_.num_variables(), relaxation_.size()}, model::real_options())),
        order_(relaxation_.default_order()) {
    result_.designs.resize(static_cast<std::size_t>(count));
  }

  TaskResult run(std::uint64_t seed, int first) {
    const auto count = static_cast<int>(result_.designs.size());
    for (int s = 0; s < count; ++s)
      relaxation_.encode(random_start(space_, seed, first + s), s, logs_, order_);
    relaxation_.project(logs_);
    for (int round = 0; round < plan_.rounds && !monitor_.stop_requested(); ++round) {
      Adam adam(logs_);
      for (int step = 0; step < plan_.steps_per_round && !monitor_.stop_requested(); ++step)
        take_step(round, step, adam);
      // A search that is stopped has a design to give back, but does not round hundreds.
      for (int s = 0; s < count && (s == 0 || !monitor_.stop_requested()); ++s) round_start(s);
    }
    return std::move(result_);
  }

 private:
  void take_step(int round, int step, Adam& adam) {
    if (step % plan_.steps_per_order == 0) choose_orders();
    const torch::AutoGradMode with_gradient(true);
    const Tensor variables = logs_.detach().requires_grad_();
    const Tensor loss = relaxation_.loss(variables, order_);
    const Tensor gradient = torch::autograd::grad({loss.sum()}, {variables})[0];
    adam.step(logs_, gradient, learning_rate(plan_, round, step));
    relaxation_.project(logs_);
    result_.meter.used += relaxation_.size();
    tracker_.advance(static_cast<double>(relaxation_.num_starts()), relaxation_.size());
  }

  void choose_orders() {
    const std::int64_t evaluations = relaxation_.choose_orders(logs_, order_, monitor_);
    result_.meter.used += evaluations;
    tracker_.advance(0.0, evaluations);
  }

  // The start goes on from its rounded design, which is remembered if it is the start's best.
  void round_start(int start) {
    const auto state =
        repaired_design(space_, relaxation_.round(logs_, order_, start), result_.meter);
    if (!state) return;
    relaxation_.encode(state->layers, start, logs_, order_);
    DesignState& best = result_.designs[static_cast<std::size_t>(start)];
    if (!(state->objective < best.objective)) return;
    best = *state;
    result_.improvements.emplace_back(result_.meter.used, best.objective);
    tracker_.found(best.objective);
  }

  const DiscreteSpace& space_;
  const DescentPlan& plan_;
  const Monitor& monitor_;
  ProgressTracker& tracker_;
  TaskResult result_;
  Relaxation relaxation_;
  Tensor logs_;
  Tensor order_;
};

}  // namespace

std::int64_t samples_per_start(const DescentPlan& plan, const Mapspace& mapspace) {
  std::int64_t candidates = 0;
  for (const OrderChoice& choice : mapspace.choices) {
    candidates += static_cast<std::int64_t>(choice.candidates.size());
  }
  const auto levels = static_cast<std::int64_t>(mapspace.choices.size());
  const std::int64_t choice = levels + candidates;  // the orders as they are, too, at every level
  const std::int64_t choices =
      (plan.steps_per_round + plan.steps_per_order - 1) / plan.steps_per_order;
  return plan.rounds * (plan.steps_per_round + choices * choice + 1);
}

TaskResult descend(const DiscreteSpace& space,
                   const DescentPlan& plan,
                   std::uint64_t seed,
                   int first,
                   int count,
                   const Monitor& monitor,
                   ProgressTracker& tracker) {
  return Descent(space, plan, count, monitor, tracker).run(seed, first);
}

}  // namespace masala::search
