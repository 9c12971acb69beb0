#include "search/moves/repair.h"

#include <algorithm>
#include <cmath>

#include "search/moves/neighbourhood.h"
#include "search/space/hardware_space.h"

namespace masala::search {

using model::Mapping;

namespace {

// How far the mapping is from fitting: sum of log ratios over the limits.
double excess(const LayerSpace& space, const Mapping& mapping) {
  const model::Machine& machine = space.machine();
  const auto over = [](std::int64_t need, std::int64_t limit) {
    const double ratio = static_cast<double>(need) / std::max(1.0, static_cast<double>(limit));
    return std::max(0.0, std::log(ratio));
  };
  const model::PerLevel<std::int64_t> needed =
      space.whole().evaluator().words_needed(mapping, space.layer(), machine);
  double sum = 0.0;
  for (int l = 0; l + 1 < machine.num_levels; ++l) {
    sum += over(needed[l], machine.capacity_words[l]);
    for (model::Dim dim : model::kAllDims) {
      sum += over(mapping.levels[l + 1].spatial[dim], machine.spatial_limit[l + 1][dim]);
    }
  }
  return sum;
}

}  // namespace

bool repair(const LayerSpace& space, Mapping& mapping) {
  const Neighbourhood neighbourhood(space);
  double over = excess(space, mapping);
  while (over > 0.0) {
    // The smallest step that reduces the excess: large primes leave last.
    double best_over = over;
    Mapping best = mapping;
    for (const FactorMove& move : neighbourhood.moves(mapping)) {
      // Steps of one would take long, one at a time.
      if (move.kind == FactorMove::Kind::shorter || move.kind == FactorMove::Kind::longer) continue;
      Mapping moved = mapping;
      if (!neighbourhood.apply(move, moved)) continue;
      const double candidate = excess(space, moved);
      const bool better =
          best_over == over ? candidate < over : candidate < over && candidate > best_over;
      if (candidate != 0.0 && !better) continue;
      best_over = candidate;
      best = moved;
      if (candidate == 0.0) break;
    }
    if (best_over >= over) return false;
    mapping = best;
    over = best_over;
  }
  return space.fits(mapping);
}

bool repair(const DiscreteSpace& space,
            const model::Machine& machine,
            std::vector<CostedMapping>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerSpace layer(space, i, machine);
    if (!layer.fits(layers[i].mapping) && !repair(layer, layers[i].mapping)) return false;
  }
  return true;
}

Mapping random_valid_mapping(const LayerSpace& space, std::mt19937_64& rng) {
  constexpr int kTries = 200;
  Mapping mapping;
  for (int tries = 0; tries < kTries; ++tries) {
    mapping = random_mapping(space.mapspace(), space.layer(), space.machine(), rng);
    if (space.fits(mapping)) return mapping;
  }
  return repair(space, mapping) ? mapping : space.smallest_tiles();
}

std::optional<DesignState> repaired_design(const DiscreteSpace& space,
                                           std::vector<CostedMapping> layers,
                                           EvaluationMeter& meter) {
  const Problem& problem = space.problem();
  auto hardware = space.hardware_for(layers);
  if (!hardware || !area_allowed(problem, *hardware)) {
    const auto lowered = shrunk_to_area(
        problem, free_keys(problem), hardware ? *hardware : largest_hardware(problem));
    const bool fits =
        lowered && repair(space, model::resolve(problem.accelerator, *lowered), layers);
    if (!fits) layers = space.smallest_tiles();
    hardware = space.hardware_for(layers);
    if (!hardware || !area_allowed(problem, *hardware)) return std::nullopt;
  }
  return space.make_state(*hardware, std::move(layers), meter);
}

void shrink_hardware(const DiscreteSpace& space, DesignState& state, EvaluationMeter& meter) {
  const auto smallest = space.hardware_for(state.layers);
  if (!smallest || same_hardware(*smallest, state.hardware)) return;
  DesignState shrunk = space.make_state(*smallest, state.layers, meter);
  if (shrunk.objective <= state.objective) state = std::move(shrunk);
}

}  // namespace masala::search
