#include "search/gradient_search.h"

#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "search/parallel.h"
#include "search/refinement.h"
#include "search/relaxation.h"
#include "search/tracking.h"

namespace masala::search {

using torch::Tensor;

namespace {

constexpr int kDefaultStarts = 32;
constexpr int kStartsPerTask = 16;  // fixed, so that results do not depend on the thread count
constexpr double kLearningRate = 0.1;
constexpr double kDescentShare = 0.4;  // of a budget

// How the effort is spread; all of it follows from the budget.
struct Plan {
  int starts = kDefaultStarts;
  int rounds = 3;  // of descent, each followed by rounding
  int steps_per_round = 100;
  int steps_per_order = 20;           // loop orders are chosen anew this often
  int refined = 8;                    // starts that get the full refinement
  std::int64_t refinement_limit = 0;  // evaluations of each refinement; 0: none
};

std::int64_t order_evaluations(const Mapspace& mapspace) {
  std::int64_t per_layer = 0;
  for (const OrderChoice& choice : mapspace.choices) {
    per_layer += 1 + static_cast<std::int64_t>(choice.candidates.size());
  }
  return per_layer;
}

std::int64_t samples_per_start(const Plan& plan, const Mapspace& mapspace) {
  const std::int64_t refreshes =
      (plan.steps_per_round + plan.steps_per_order - 1) / plan.steps_per_order;
  return plan.rounds * (plan.steps_per_round + refreshes * order_evaluations(mapspace) + 1);
}

Plan make_plan(const DiscreteSpace& space, const SearchOptions& options) {
  Plan plan;
  if (options.starts > 0) plan.starts = options.starts;
  if (options.budget > 0) {
    const auto layers = static_cast<std::int64_t>(space.num_layers());
    const auto descent =
        static_cast<std::int64_t>(kDescentShare * static_cast<double>(options.budget)) / layers;
    while (plan.rounds > 1 && samples_per_start(plan, space.mapspace()) > descent) --plan.rounds;
    while (plan.steps_per_round > 0 && samples_per_start(plan, space.mapspace()) > descent) {
      plan.steps_per_round = plan.steps_per_round * 3 / 4;
    }
    const std::int64_t affordable = descent / samples_per_start(plan, space.mapspace());
    plan.starts = static_cast<int>(std::clamp<std::int64_t>(affordable, 1, plan.starts));
  }
  plan.refined = std::min(plan.refined, plan.starts);
  return plan;
}

// Adam (Kingma and Ba, 2015) on one tensor with a cosine step size.
class Adam {
 public:
  explicit Adam(const Tensor& like)
      : mean_(torch::zeros_like(like)), square_(torch::zeros_like(like)) {}

  // In place; no gradient is recorded.
  void step(Tensor& x, const Tensor& gradient, double rate) {
    const torch::NoGradGuard no_grad;
    constexpr double kMeanDecay = 0.9;
    constexpr double kSquareDecay = 0.99;
    constexpr double kEpsilon = 1e-8;
    ++steps_;
    mean_.mul_(kMeanDecay).add_(gradient, 1.0 - kMeanDecay);
    square_.mul_(kSquareDecay).addcmul_(gradient, gradient, 1.0 - kSquareDecay);
    const double mean_scale = 1.0 - std::pow(kMeanDecay, steps_);
    const double square_scale = std::sqrt(1.0 - std::pow(kSquareDecay, steps_));
    x.addcdiv_(
        mean_, square_.sqrt().add_(kEpsilon * square_scale), -rate * square_scale / mean_scale);
  }

 private:
  Tensor mean_;
  Tensor square_;
  int steps_ = 0;
};

struct TaskResult {
  std::vector<DesignState> designs;
  Improvements improvements;
  EvaluationMeter meter;
};

// A valid integer design from mappings that may exceed the hardware ranges.
std::optional<DesignState> legalise(const DiscreteSpace& space,
                                    const Refiner& refiner,
                                    std::vector<LayerPoint> layers,
                                    EvaluationMeter& meter) {
  auto hardware = space.hardware_for(layers);
  if (!hardware) {
    const model::Accelerator& accelerator = space.problem().accelerator;
    model::Hardware largest = model::default_hardware(accelerator);
    for (const std::string& key : model::hardware_keys(accelerator)) {
      model::set_hardware_value(accelerator,
                                largest,
                                key,
                                static_cast<double>(model::hardware_range(accelerator, key)->max));
    }
    for (const model::FixedValue& fixed : space.problem().fixed) {
      model::set_hardware_value(accelerator, largest, fixed.key, fixed.value);
    }
    if (!refiner.fit(layers, model::resolve(accelerator, largest))) return std::nullopt;
    hardware = space.hardware_for(layers);
    if (!hardware) return std::nullopt;
  }
  return space.make_state(*hardware, std::move(layers), meter);
}

// Starts `first` .. `first + count - 1` descend together; the best rounded design of each comes
// back.
class Descent {
 public:
  Descent(const DiscreteSpace& space,
          const Plan& plan,
          const Monitor& monitor,
          ProgressTracker& tracker)
      : space_(space), plan_(plan), monitor_(monitor), tracker_(tracker) {}

  TaskResult run(std::uint64_t seed, int first, int count) {
    const Relaxation relaxation(space_, count);
    const Refiner refiner(space_, result_.meter, monitor_);
    result_.designs.resize(static_cast<std::size_t>(count));
    Tensor order = relaxation.default_order();
    Tensor logs =
        torch::zeros({relaxation.num_variables(), relaxation.size()}, model::real_options());
    for (int s = 0; s < count; ++s)
      relaxation.encode(random_start(seed, first + s), s, logs, order);
    relaxation.project(logs);
    for (int round = 0; round < plan_.rounds && !monitor_.stop_requested(); ++round) {
      descend(relaxation, logs, order, round);
      for (int s = 0; s < count; ++s) {
        std::vector<LayerPoint> rounded = relaxation.round(logs, order, s);
        const auto state = legalise(space_, refiner, std::move(rounded), result_.meter);
        if (!state) continue;
        relaxation.encode(state->layers, s, logs, order);
        keep(*state, static_cast<std::size_t>(s));
      }
    }
    return std::move(result_);
  }

 private:
  std::vector<LayerPoint> random_start(std::uint64_t seed, int start) const {
    std::seed_seq sequence{seed, static_cast<std::uint64_t>(start)};
    std::mt19937_64 rng(sequence);
    const model::Accelerator& accelerator = space_.problem().accelerator;
    model::Hardware hardware = model::default_hardware(accelerator);
    for (const model::Parameter& parameter : accelerator.parameters) {
      model::set_hardware_value(
          accelerator, hardware, parameter.name, static_cast<double>(parameter.range.max));
    }
    for (const model::FixedValue& fixed : space_.problem().fixed) {
      model::set_hardware_value(accelerator, hardware, fixed.key, fixed.value);
    }
    const model::Machine machine = model::resolve(accelerator, hardware);
    std::vector<LayerPoint> points;
    for (std::size_t i = 0; i < space_.num_layers(); ++i) {
      points.push_back(
          {random_mapping(space_.mapspace(), space_.layer(i), machine, rng), 0.0, 0.0});
    }
    return points;
  }

  void descend(const Relaxation& relaxation, Tensor& logs, Tensor& order, int round) {
    Adam adam(logs);
    constexpr double kPi = 3.14159265358979323846;
    const double scale = std::pow(0.5, round);
    for (int step = 0; step < plan_.steps_per_round && !monitor_.stop_requested(); ++step) {
      std::int64_t evaluations = relaxation.size();
      if (step % plan_.steps_per_order == 0) evaluations += relaxation.choose_orders(logs, order);
      const torch::AutoGradMode with_gradient(true);
      const Tensor variables = logs.detach().requires_grad_();
      const Tensor loss = relaxation.loss(variables, order).sum();
      const Tensor gradient = torch::autograd::grad({loss}, {variables})[0];
      const double progress = static_cast<double>(step) / plan_.steps_per_round;
      adam.step(logs,
                gradient,
                scale * kLearningRate * (0.05 + 0.95 * 0.5 * (1.0 + std::cos(kPi * progress))));
      relaxation.project(logs);
      result_.meter.used += evaluations;
      tracker_.advance(static_cast<double>(relaxation.num_starts()), evaluations);
    }
  }

  void keep(const DesignState& state, std::size_t start) {
    if (!(state.objective < result_.designs[start].objective)) return;
    result_.designs[start] = state;
    if (std::isfinite(state.objective)) {
      result_.improvements.emplace_back(result_.meter.used, state.objective);
      tracker_.found(state.objective);
    }
  }

  const DiscreteSpace& space_;
  const Plan& plan_;
  const Monitor& monitor_;
  ProgressTracker& tracker_;
  TaskResult result_;
};

}  // namespace

SearchSummary gradient_search(const Problem& problem,
                              const SearchOptions& options,
                              const Monitor& monitor) {
  const auto began = std::chrono::steady_clock::now();
  const DiscreteSpace space(problem);
  const Plan plan = make_plan(space, options);
  const double descent_work = static_cast<double>(plan.starts) * plan.rounds * plan.steps_per_round;
  const double refinement_work = descent_work;  // seen: about as long as the descent
  ProgressTracker tracker(monitor, descent_work + refinement_work);
  History history;

  tracker.set_phase("descent");
  const int tasks = (plan.starts + kStartsPerTask - 1) / kStartsPerTask;
  std::vector<TaskResult> descents(static_cast<std::size_t>(tasks));
  run_parallel(tasks, options.threads, [&](int task) {
    const int first = task * kStartsPerTask;
    const int count = std::min(kStartsPerTask, plan.starts - first);
    descents[static_cast<std::size_t>(task)] =
        Descent(space, plan, monitor, tracker).run(options.seed, first, count);
  });
  std::vector<DesignState> designs;
  for (TaskResult& result : descents) {
    history.append(result.improvements, result.meter.used);
    for (DesignState& design : result.designs) {
      if (!design.layers.empty()) designs.push_back(std::move(design));
    }
  }
  std::stable_sort(designs.begin(), designs.end(), [](const DesignState& a, const DesignState& b) {
    return a.objective < b.objective;
  });
  if (designs.size() > static_cast<std::size_t>(plan.refined))
    designs.resize(static_cast<std::size_t>(plan.refined));

  tracker.set_phase("refinement");
  std::vector<TaskResult> refinements(designs.size());
  run_parallel(static_cast<int>(designs.size()), options.threads, [&](int task) {
    const auto i = static_cast<std::size_t>(task);
    TaskResult& result = refinements[i];
    if (options.budget > 0) {
      const std::int64_t left = std::max<std::int64_t>(0, options.budget - history.evaluations());
      result.meter.limit = left / static_cast<std::int64_t>(designs.size());
    }
    Refiner refiner(space, result.meter, monitor);
    refiner.on_improvement([&](const DesignState& best) {
      result.improvements.emplace_back(result.meter.used, best.objective);
      tracker.found(best.objective);
    });
    refiner.improve(designs[i]);
    tracker.advance(refinement_work / static_cast<double>(designs.size()), result.meter.used);
  });

  SearchSummary summary;
  const DesignState* best = nullptr;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    history.append(refinements[i].improvements, refinements[i].meter.used);
    if (best == nullptr || designs[i].objective < best->objective) best = &designs[i];
  }
  if (best != nullptr && std::isfinite(best->objective)) {
    summary.best = make_design(problem, best->hardware, mappings_of(*best));
  }
  summary.starts = plan.starts;
  summary.evaluations = history.evaluations();
  summary.history = history.entries();
  summary.interrupted = monitor.stop_requested();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return summary;
}

}  // namespace masala::search
