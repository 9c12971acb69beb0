#include "search/methods/layer_annealing.h"

#include <algorithm>

#include "search/moves/neighbourhood.h"

namespace masala::search {
namespace {

bool same(const model::Mapping& a, const model::Mapping& b) {
  for (int l = 0; l < a.num_levels; ++l) {
    if (a.levels[l].temporal != b.levels[l].temporal) return false;
    if (a.levels[l].spatial != b.levels[l].spatial) return false;
    if (a.levels[l].order != b.levels[l].order) return false;
  }
  return true;
}

// A random move of a prime factor, and sometimes a second one, or a new loop order.
void disturb(const LayerSpace& space, model::Mapping& mapping, std::mt19937_64& rng) {
  constexpr double kReordered = 0.2;
  constexpr double kPairs = 0.5;
  if (!space.mapspace().choices.empty() && random_unit(rng) < kReordered) {
    draw_order(space.mapspace(), mapping, rng);
    return;
  }
  const Neighbourhood neighbourhood(space);
  const int count = random_unit(rng) < kPairs ? 2 : 1;
  for (int i = 0; i < count; ++i) {
    const std::vector<FactorMove> moves = neighbourhood.moves(mapping);
    if (moves.empty()) return;
    neighbourhood.apply(moves[random_below(rng, moves.size())], mapping);
  }
}

}  // namespace

AnnealedLayer LayerAnnealer::allocated(LoopSequence sequence) const {
  CostedMapping point = space_.evaluate(LoopAllocator(space_).allocate(sequence), meter_);
  return {std::move(sequence), std::move(point)};
}

AnnealedLayer LayerAnnealer::anneal(AnnealedLayer now,
                                    const AnnealingSchedule& schedule,
                                    const std::function<bool(AnnealedLayer&)>& propose) const {
  constexpr std::int64_t kTriesPerEvaluation = 4;
  AnnealedLayer best = now;
  std::int64_t costed = 0;
  for (std::int64_t tries = 0; tries < kTriesPerEvaluation * schedule.iterations; ++tries) {
    if (costed >= schedule.iterations || monitor_.stop_requested()) break;
    AnnealedLayer next = now;
    if (!propose(next)) continue;
    if (!same(next.point.mapping, now.point.mapping)) {
      const double share = static_cast<double>(costed) / static_cast<double>(schedule.iterations);
      MetropolisRule rule(weights_.value(now.point), schedule.temperature(share), rng_);
      const auto accepts = [&](double energy_pj, double cycles) {
        return rule.accepts(weights_.value(energy_pj, cycles));
      };
      ++costed;
      const auto point = space_.evaluate_if(accepts, next.point.mapping, meter_);
      if (!point) continue;
      next.point = *point;
    }
    now = std::move(next);
    if (weights_.value(now.point) < weights_.value(best.point)) best = now;
  }
  return best;
}

CostedMapping LayerAnnealer::anneal_factors(CostedMapping start,
                                            const AnnealingSchedule& schedule) const {
  const auto disturbed = [&](AnnealedLayer& next) {
    disturb(space_, next.point.mapping, rng_);
    return space_.fits(next.point.mapping);
  };
  return anneal({{}, std::move(start)}, schedule, disturbed).point;
}

AnnealedLayer LayerAnnealer::anneal_sequence(AnnealedLayer start,
                                             const AnnealingSchedule& schedule) const {
  constexpr double kResizedShare = 0.5;  // of the changes with imperfect factors; others swap loops
  const LoopAllocator allocator(space_);
  const bool imperfect = space_.factors() == model::Factors::imperfect;
  if (!imperfect &&
      count_permutations(start.sequence, schedule.iterations + 1) <= schedule.iterations) {
    AnnealedLayer best = start;
    AnnealedLayer state = std::move(start);
    std::sort(state.sequence.begin(), state.sequence.end());
    do {
      if (monitor_.stop_requested()) break;
      state.point = space_.evaluate(allocator.allocate(state.sequence), meter_);
      if (weights_.value(state.point) < weights_.value(best.point)) best = state;
    } while (std::next_permutation(state.sequence.begin(), state.sequence.end()));
    return best;
  }
  if (start.sequence.empty()) return start;
  return anneal(std::move(start), schedule, [&](AnnealedLayer& next) {
    if (imperfect && random_unit(rng_) < kResizedShare) {
      resize_loop(next.sequence, rng_);
    } else if (!swap_loops(next.sequence, rng_)) {
      return false;
    }
    next.point.mapping = allocator.allocate(next.sequence);
    return true;
  });
}

}  // namespace masala::search
