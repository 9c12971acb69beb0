#include "search/methods/genetic_search.h"

#include <algorithm>

#include "masala/model/parallel.h"
#include "search/methods/genetic_operators.h"
#include "search/search_run.h"
#include "search/space/hardware_draw.h"

namespace masala::search {
namespace {

constexpr std::int64_t kDefaultSamples = 10000;  // evaluations per layer

struct GeneticPlan {
  int population = 100;
  int parents = 40;  // the best of the population
  int elite = 5;     // live on unchanged
  std::int64_t budget = 0;
};

GeneticPlan make_plan(const DiscreteSpace& space, const SearchOptions& options) {
  constexpr std::int64_t kFewestGenerations = 50;  // a small budget makes the population smaller
  const auto layers = static_cast<std::int64_t>(space.num_layers());
  const std::int64_t samples = options.budget > 0 ? options.budget / layers : kDefaultSamples;
  GeneticPlan plan;
  plan.budget = options.budget > 0 ? options.budget : samples * layers;
  const std::int64_t wanted =
      options.starts > 0 ? options.starts
                         : std::min<std::int64_t>(plan.population, samples / kFewestGenerations);
  plan.population = static_cast<int>(std::clamp<std::int64_t>(wanted, 1, samples));
  plan.parents = std::max(1, plan.population * 2 / 5);
  plan.elite = std::max(1, plan.population / 20);
  return plan;
}

class GeneticSearch {
 public:
  GeneticSearch(const Problem& problem, const SearchOptions& options, const Monitor& monitor)
      : run_(problem, monitor),
        options_(options),
        plan_(make_plan(run_.space(), options)),
        operators_(run_.space(), run_.monitor()),
        tracker_(run_.track("first generation", static_cast<double>(plan_.budget))) {}

  SearchSummary run() {
    breed(plan_.population, [&](std::mt19937_64& rng, EvaluationMeter& meter) {
      return operators_.random_individual(rng, meter);
    });
    tracker_.set_phase("generations");
    while (!population_.empty() && next_generation()) {
    }
    return run_.summary(plan_.population);
  }

 private:
  // Mutations of the hardware get smaller as the budget is used up.
  MutationRates rates() {
    constexpr double kLastDistance = 0.02;
    MutationRates rates;
    const double left =
        1.0 - static_cast<double>(run_.history().evaluations()) / static_cast<double>(plan_.budget);
    rates.hardware_distance = kLastDistance + left * (rates.hardware_distance - kLastDistance);
    return rates;
  }

  // False when the budget is used up, nothing new is bred any more, or on request.
  bool next_generation() {
    constexpr int kMostIdle = 20;
    const std::int64_t affordable = (plan_.budget - run_.history().evaluations()) /
                                    static_cast<std::int64_t>(run_.space().num_layers());
    const std::int64_t children =
        std::min<std::int64_t>(affordable, std::max(1, plan_.population - plan_.elite));
    if (children < 1 || run_.monitor().stop_requested()) return false;
    std::vector<Individual> parents = population_;
    if (parents.size() > static_cast<std::size_t>(plan_.parents)) {
      parents.resize(static_cast<std::size_t>(plan_.parents));
    }
    if (population_.size() > static_cast<std::size_t>(plan_.elite)) {
      population_.resize(static_cast<std::size_t>(plan_.elite));
    }
    const std::int64_t before = run_.history().evaluations();
    const MutationRates now = rates();
    breed(static_cast<int>(children), [&](std::mt19937_64& rng, EvaluationMeter& meter) {
      const Individual& mother = parents[random_below(rng, parents.size())];
      const Individual& father = parents[random_below(rng, parents.size())];
      return std::optional<Individual>(operators_.child(mother, father, now, rng, meter));
    });
    idle_ = run_.history().evaluations() == before ? idle_ + 1 : 0;
    return idle_ < kMostIdle;
  }

  // Every individual draws from a generator of its own and takes its place in their order.
  template <class Make>
  void breed(int count, const Make& make) {
    struct Birth {
      std::optional<Individual> individual;
      EvaluationMeter meter;
    };
    std::vector<Birth> births(static_cast<std::size_t>(count));
    model::run_parallel(count, options_.threads, [&](int task) {
      if (run_.monitor().stop_requested()) return;
      const auto i = static_cast<std::size_t>(task);
      std::mt19937_64 rng = random_stream(options_.seed, generation_, i);
      births[i].individual = make(rng, births[i].meter);
    });
    ++generation_;
    const std::int64_t before = run_.history().evaluations();
    for (Birth& birth : births) {
      std::optional<DesignState> design;
      if (birth.individual) {
        design = birth.individual->design;
        tracker_.found(design->objective);
        population_.push_back(std::move(*birth.individual));
      }
      run_.add_task(design, birth.meter.used);
    }
    std::stable_sort(
        population_.begin(), population_.end(), [](const Individual& a, const Individual& b) {
          return a.design.objective < b.design.objective;
        });
    const std::int64_t used = run_.history().evaluations() - before;
    tracker_.advance(static_cast<double>(used), used);
  }

  SearchRun run_;
  const SearchOptions& options_;
  GeneticPlan plan_;
  GeneticOperators operators_;
  ProgressTracker& tracker_;
  std::vector<Individual> population_;  // best first
  std::uint64_t generation_ = 0;
  int idle_ = 0;  // generations without an evaluation
};

}  // namespace

SearchSummary genetic_search(const Problem& problem,
                             const SearchOptions& options,
                             const Monitor& monitor) {
  return GeneticSearch(problem, options, monitor).run();
}

}  // namespace masala::search
