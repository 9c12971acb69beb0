#include "search/methods/gradient_search.h"

#include <algorithm>

#include "masala/model/parallel.h"
#include "search/methods/descent.h"
#include "search/methods/refinement.h"
#include "search/methods/sequence_annealing.h"

namespace masala::search {
namespace {

constexpr int kDefaultStarts = 32;
constexpr int kStartsPerTask = 16;       // fixed, so that results do not depend on the thread count
constexpr double kDescentShare = 0.4;    // of a budget
constexpr double kAnnealedShare = 0.95;  // of what the descent leaves; the rest is hill climbing
constexpr std::uint64_t kIntensifiedStream = 3;  // of random numbers, after those of the efforts

// How the effort is spread; all of it follows from the budget.
struct GradientPlan {
  int starts = kDefaultStarts;
  int refined = 4;                       // starts that get the full refinement
  std::int64_t annealed_samples = 4000;  // of each of these
  DescentPlan descent;
};

// The effort on a refined design is spent in so many equal parts.
GradientPlan make_plan(const DiscreteSpace& space,
                       const SearchOptions& options,
                       std::int64_t efforts) {
  GradientPlan plan;
  if (options.starts > 0) plan.starts = options.starts;
  if (options.budget > 0) {
    const auto layers = static_cast<std::int64_t>(space.num_layers());
    const auto affordable =
        static_cast<std::int64_t>(kDescentShare * static_cast<double>(options.budget)) / layers;
    // One design refined for long is better than several for a short time. Descents are cut as
    // well: what they leave, annealing makes up for.
    constexpr DescentPlan kShortDescent = {2, 60, 20};
    constexpr int kMostStarts = 8;
    plan.refined = 1;
    plan.descent = kShortDescent;
    if (options.starts == 0) plan.starts = kMostStarts;
    const auto needed = [&] { return samples_per_start(plan.descent, space.mapspace()); };
    while (plan.descent.rounds > 1 && needed() > affordable) --plan.descent.rounds;
    while (plan.descent.steps_per_round > 0 && needed() > affordable) {
      plan.descent.steps_per_round = plan.descent.steps_per_round * 3 / 4;
    }
    plan.starts = static_cast<int>(std::clamp<std::int64_t>(affordable / needed(), 1, plan.starts));
    const auto left = options.budget / layers - plan.starts * needed();
    plan.annealed_samples = static_cast<std::int64_t>(
        kAnnealedShare * static_cast<double>(std::max<std::int64_t>(0, left)));
    plan.annealed_samples /= efforts;
  }
  plan.refined = std::min(plan.refined, plan.starts);
  return plan;
}

// One round of annealing and refinement.
struct Effort {
  const DiscreteSpace& space;
  std::uint64_t stream = 1;                  // of random numbers
  std::vector<RefinementMoves> refinements;  // one after the other
};

Problem with_perfect_factors(Problem problem) {
  problem.factors = model::Factors::perfect;
  return problem;
}

// One search: descent of all starts, then refinement of the best ones.
class GradientSearch {
 public:
  GradientSearch(const Problem& problem, const SearchOptions& options, const Monitor& monitor)
      : run_(with_perfect_factors(problem), monitor),
        imperfect_space_(problem),
        options_(options),
        plan_(
            make_plan(run_.space(), options, problem.factors == model::Factors::imperfect ? 2 : 1)),
        // Refinement was seen to take about as long as the descent, and intensification as both.
        descent_work_(static_cast<double>(plan_.starts) * plan_.descent.rounds *
                      plan_.descent.steps_per_round),
        tracker_(run_.track("descent", (intensifies() ? 4.0 : 2.0) * descent_work_)) {
    efforts_.push_back({run_.space(), 1, {RefinementMoves{}}});
    if (problem.factors == model::Factors::perfect) return;
    // The best design with perfect factors is where tiles begin to grow and shrink. There are many
    // pairs of resizings: they are tried on this hardware alone.
    efforts_.push_back({imperfect_space_, 2, {{true, false}, {false, true}}});
  }

  SearchSummary run() {
    std::vector<DesignState> designs = descend_all();
    for (std::size_t e = 0; e < efforts_.size() && !run_.monitor().stop_requested(); ++e) {
      refine(designs, efforts_[e], efforts_.size() - e);
      const auto best = std::min_element(designs.begin(), designs.end(), is_better);
      if (best != designs.end() && intensifies() && !run_.monitor().stop_requested())
        intensify(*best, efforts_[e]);
    }
    for (const DesignState& design : designs) run_.keep(design);
    return run_.summary(plan_.starts);
  }

 private:
  // A budget is better spent on the annealing of all layers and hardware.
  bool intensifies() const { return options_.budget == 0; }

  static bool is_better(const DesignState& a, const DesignState& b) {
    return a.objective < b.objective;
  }

  // The designs worth refining, best first.
  std::vector<DesignState> descend_all() {
    const int tasks = (plan_.starts + kStartsPerTask - 1) / kStartsPerTask;
    std::vector<TaskResult> results(static_cast<std::size_t>(tasks));
    model::run_parallel(tasks, options_.threads, [&](int task) {
      const int first = task * kStartsPerTask;
      const int count = std::min(kStartsPerTask, plan_.starts - first);
      results[static_cast<std::size_t>(task)] = descend(
          run_.space(), plan_.descent, options_.seed, first, count, run_.monitor(), tracker_);
    });
    std::vector<DesignState> designs;
    for (TaskResult& result : results) {
      run_.history().append(result.improvements, result.meter.used);
      for (DesignState& design : result.designs) {
        if (!design.layers.empty()) designs.push_back(std::move(design));
      }
    }
    std::stable_sort(designs.begin(), designs.end(), is_better);
    if (designs.size() > static_cast<std::size_t>(plan_.refined))
      designs.resize(static_cast<std::size_t>(plan_.refined));
    return designs;
  }

  // What is left of the budget is for this and the other efforts to come, `efforts` in all.
  void refine(std::vector<DesignState>& designs, const Effort& effort, std::size_t efforts) {
    tracker_.set_phase("refinement");
    const std::int64_t left =
        std::max<std::int64_t>(0, options_.budget - run_.history().evaluations());
    const auto parts =
        static_cast<std::int64_t>(std::max<std::size_t>(1, designs.size()) * efforts);
    const double work = descent_work_ / static_cast<double>(parts);
    std::vector<TaskResult> results(designs.size());
    model::run_parallel(static_cast<int>(designs.size()), options_.threads, [&](int task) {
      if (run_.monitor().stop_requested()) return;
      const auto i = static_cast<std::size_t>(task);
      TaskResult& result = results[i];
      if (options_.budget > 0) result.meter.limit = left / parts;
      spend(effort, i, work, designs[i], result);
    });
    for (const TaskResult& result : results)
      run_.history().append(result.improvements, result.meter.used);
  }

  // Refines the best design once more, with every layer annealed on every hardware point, and for
  // long on the last one.
  void intensify(DesignState& design, const Effort& effort) {
    constexpr std::int64_t kOnEveryPoint = 1500;
    constexpr std::int64_t kOnTheLast = 6000;
    tracker_.set_phase("polish");
    TaskResult result;
    SequenceAnnealer annealer(effort.space,
                              random_stream(options_.seed, effort.stream, kIntensifiedStream)(),
                              options_.threads,
                              result.meter,
                              run_.monitor());
    // How many hardware points there will be is not known: each takes a share of what is left.
    constexpr double kShareOfPoint = 0.05;
    double left = 2.0 * descent_work_ / static_cast<double>(efforts_.size());
    annealer.on_progress([&](std::int64_t evaluations) {
      tracker_.advance(kShareOfPoint * left, evaluations);
      left *= 1.0 - kShareOfPoint;
    });
    Refiner refiner(effort.space, result.meter, run_.monitor(), effort.refinements.back());
    std::int64_t iterations = kOnEveryPoint;
    refiner.search_layers_with(
        [&](DesignState& state) { annealer.improve_layers(state, iterations); });
    refiner.on_improvement(remember_in(result));
    refiner.improve(design);
    iterations = kOnTheLast;
    refiner.improve_mappings(design);
    run_.history().append(result.improvements, result.meter.used);
  }

  // Notes the improvements of a task.
  Refiner::Callback remember_in(TaskResult& result) {
    return [this, &result](const DesignState& best) {
      result.improvements.emplace_back(result.meter.used, best.objective);
      tracker_.found(best.objective);
    };
  }

  // Anneals and refines one design; `work` is what it adds to the progress.
  void spend(const Effort& effort,
             std::size_t rank,
             double work,
             DesignState& design,
             TaskResult& result) {
    SequenceAnnealer annealer(effort.space,
                              random_stream(options_.seed, rank, effort.stream)(),
                              plan_.refined == 1 ? options_.threads : 1,
                              result.meter,
                              run_.monitor());
    annealer.on_improvement(remember_in(result));
    const auto all = static_cast<double>(plan_.annealed_samples) *
                     static_cast<double>(run_.space().num_layers());
    annealer.on_progress([&](std::int64_t evaluations) {
      const double share = static_cast<double>(evaluations) / all;
      tracker_.advance(kAnnealedShare * work * share, evaluations);
    });
    ChainPlan chain = chain_plan(plan_.annealed_samples);
    // What precedes ends near a good design, so the chain starts partly cooled.
    chain.first_share = 0.25;
    design = annealer.run(annealer.start_from(design), chain);
    const std::int64_t annealed = result.meter.used;
    for (const RefinementMoves& moves : effort.refinements) {
      Refiner refiner(effort.space, result.meter, run_.monitor(), moves);
      refiner.on_improvement(remember_in(result));
      refiner.improve(design);
    }
    tracker_.advance((1.0 - kAnnealedShare) * work, result.meter.used - annealed);
  }

  SearchRun run_;                  // with perfect factors
  DiscreteSpace imperfect_space_;  // of what the problem allows
  const SearchOptions& options_;
  GradientPlan plan_;
  std::vector<Effort> efforts_;
  double descent_work_;
  ProgressTracker& tracker_;
};

}  // namespace

SearchSummary gradient_search(const Problem& problem,
                              const SearchOptions& options,
                              const Monitor& monitor) {
  return GradientSearch(problem, options, monitor).run();
}

}  // namespace masala::search
