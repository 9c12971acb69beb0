#include "search/methods/layer_annealing.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "search/moves/factor_moves.h"

namespace masala::search {
namespace {

// Of the changes to a sequence with imperfect factors; the others swap loops.
constexpr double kResizedShare = 0.5;

bool same(const model::Mapping& a, const model::Mapping& b) {
  for (int l = 0; l < a.num_levels; ++l) {
    if (a.levels[l].temporal != b.levels[l].temporal) return false;
    if (a.levels[l].spatial != b.levels[l].spatial) return false;
    if (a.levels[l].order != b.levels[l].order) return false;
  }
  return true;
}

// The value below which accepts() would take a state in place of `now`.
double highest_accepted(double now, double temperature, std::mt19937_64& rng) {
  const double rise = 1.0 + temperature * std::log(random_unit(rng));
  return rise > 0.0 ? now / rise : std::numeric_limits<double>::infinity();
}

// A random move of a prime factor, and sometimes a second one, or a new loop order.
void disturb(const DiscreteSpace& space,
             std::size_t layer,
             model::Mapping& mapping,
             std::mt19937_64& rng) {
  constexpr double kReordered = 0.2;
  constexpr double kPairs = 0.5;
  if (!space.mapspace().choices.empty() && random_unit(rng) < kReordered) {
    draw_order(space.mapspace(), mapping, rng);
    return;
  }
  const int count = random_unit(rng) < kPairs ? 2 : 1;
  for (int i = 0; i < count; ++i) {
    const std::vector<FactorMove> moves =
        factor_moves(space.mapspace(), space.layer(layer), space.problem().factors, mapping);
    if (moves.empty()) return;
    apply(moves[random_below(rng, moves.size())],
          space.mapspace(),
          space.layer(layer),
          space.problem().factors,
          mapping);
  }
}

}  // namespace

CostedMapping anneal_factors(const DiscreteSpace& space,
                             std::size_t layer,
                             const model::Machine& machine,
                             const LayerWeights& weights,
                             const AnnealingPlan& plan,
                             const CostedMapping& start,
                             const Monitor& monitor,
                             EvaluationMeter& meter,
                             std::mt19937_64& rng) {
  CostedMapping best = start;
  CostedMapping now = start;
  std::int64_t costed = 0;
  constexpr std::int64_t kTriesPerEvaluation = 4;  // what does not fit is free, but not for ever
  for (std::int64_t tries = 0; tries < kTriesPerEvaluation * plan.iterations; ++tries) {
    if (costed >= plan.iterations || monitor.stop_requested()) break;
    model::Mapping next = now.mapping;
    disturb(space, layer, next, rng);
    if (same(next, now.mapping) || !space.evaluator().fits(next, space.layer(layer), machine))
      continue;
    const double share = static_cast<double>(costed) / static_cast<double>(plan.iterations);
    const double highest = highest_accepted(weights.value(now), temperature(plan, share), rng);
    const auto accepted = [&](double energy_pj, double cycles) {
      return weights.value({{}, cycles, energy_pj}) < highest;
    };
    ++costed;
    const auto point =
        space.evaluator().evaluate_if(accepted, next, space.layer(layer), machine, meter);
    if (!point) continue;
    now = *point;
    if (weights.value(now) < weights.value(best)) best = now;
  }
  return best;
}

LayerWeights layer_weights(const DiscreteSpace& space, const DesignState& state) {
  const Exponents& powers = space.exponents();
  return {powers.energy / state.energy_pj, powers.cycles / state.cycles};
}

double temperature(const AnnealingPlan& plan, double share) {
  return plan.first_temperature * std::pow(plan.last_temperature / plan.first_temperature, share);
}

bool accepts(double now, double next, double temperature, std::mt19937_64& rng) {
  if (next <= now) return true;
  return random_unit(rng) < std::exp((now / next - 1.0) / temperature);
}

AnnealedLayer anneal_layer(const DiscreteSpace& space,
                           std::size_t layer,
                           const model::Machine& machine,
                           const LayerWeights& weights,
                           const AnnealingPlan& plan,
                           const AnnealedLayer& start,
                           const Monitor& monitor,
                           EvaluationMeter& meter,
                           std::mt19937_64& rng) {
  const LoopAllocator allocator(space, layer, machine);
  AnnealedLayer best = start;
  const auto consider = [&](const AnnealedLayer& state) {
    if (weights.value(state.point) < weights.value(best.point)) best = state;
  };
  const bool imperfect = space.problem().factors == model::Factors::imperfect;
  const auto distinct = count_permutations(start.sequence, plan.iterations + 1);
  if (!imperfect && distinct <= plan.iterations) {
    AnnealedLayer state = start;
    std::sort(state.sequence.begin(), state.sequence.end());
    do {
      if (monitor.stop_requested()) break;
      state.point = space.evaluator().evaluate(
          allocator.allocate(state.sequence), space.layer(layer), machine, meter);
      consider(state);
    } while (std::next_permutation(state.sequence.begin(), state.sequence.end()));
    return best;
  }
  if (start.sequence.empty()) return best;
  AnnealedLayer now = start;
  std::int64_t costed = 0;
  // Many swaps change nothing: they are free, but not for ever.
  constexpr std::int64_t kSwapsPerEvaluation = 4;
  for (std::int64_t swap = 0; swap < kSwapsPerEvaluation * plan.iterations; ++swap) {
    if (costed >= plan.iterations || monitor.stop_requested()) break;
    AnnealedLayer next = now;
    if (imperfect && random_unit(rng) < kResizedShare) {
      resize_loop(next.sequence, rng);
    } else if (!swap_loops(next.sequence, rng)) {
      continue;
    }
    const model::Mapping mapping = allocator.allocate(next.sequence);
    if (!same(mapping, now.point.mapping)) {
      const double share = static_cast<double>(costed) / static_cast<double>(plan.iterations);
      next.point = space.evaluator().evaluate(mapping, space.layer(layer), machine, meter);
      ++costed;
      const bool accepted = accepts(
          weights.value(now.point), weights.value(next.point), temperature(plan, share), rng);
      if (!accepted) continue;
    }
    now = std::move(next);
    consider(now);
  }
  return best;
}

}  // namespace masala::search
