#include "search/moves/best_response.h"

#include "search/moves/neighbourhood.h"

namespace masala::search {

using model::Mapping;

struct BestResponse::Climb {
  LayerSpace space;
  GivenOtherLayers others;
  CostedMapping point;
  double objective;  // with the point
};

BestResponse::BestResponse(const DiscreteSpace& space,
                           EvaluationMeter& meter,
                           const Monitor& monitor,
                           bool pairs)
    : space_(space), meter_(meter), monitor_(monitor), pairs_(pairs) {
  for (const OrderChoice& choice : space.mapspace().choices) {
    most_orders_ += static_cast<std::int64_t>(choice.candidates.size());
  }
}

bool BestResponse::finished(std::int64_t designs) const {
  const std::int64_t reserve =
      designs * static_cast<std::int64_t>(space_.num_layers()) + most_orders_;
  return meter_.limit - meter_.used < reserve || monitor_.stop_requested();
}

// Costs the mapping with every distinct loop order; keeps the best point below the objective.
void BestResponse::try_orders(Climb& climb, Mapping& mapping, CostedMapping& best) const {
  const auto is_better = [&](double energy_pj, double cycles) {
    return climb.others.objective(energy_pj, cycles) < climb.objective * (1.0 - kLeastGain);
  };
  const auto consider = [&] {
    const auto point = climb.space.evaluate_if(is_better, mapping, meter_);
    if (!point) return false;
    climb.objective = climb.others.objective(point->energy_pj, point->cycles);
    best = *point;
    return true;
  };
  bool considered = false;
  for (const OrderChoice& choice : space_.mapspace().choices) {
    model::LevelMapping& level = mapping.levels[choice.level];
    LoopOrder kept = level.order;
    for (std::size_t i = 0; i < choice.candidates.size(); ++i) {
      if (level.temporal[choice.innermost[i]] == 1) continue;  // same traffic as another candidate
      level.order = choice.candidates[i];
      considered = true;
      if (consider()) kept = level.order;
    }
    level.order = kept;
  }
  if (!considered) consider();
}

// Takes the best mapping one move (or a pair of moves) away; false if none is better.
bool BestResponse::take_best_neighbour(Climb& climb, bool pairs) const {
  const Neighbourhood neighbourhood(climb.space);
  const std::vector<FactorMove> moves = neighbourhood.moves(climb.point.mapping);
  CostedMapping best = climb.point;
  const double before = climb.objective;
  const auto consider = [&](Mapping& mapping) {
    if (climb.space.fits(mapping)) try_orders(climb, mapping, best);
  };
  for (std::size_t i = 0; i < moves.size() && !finished(); ++i) {
    Mapping once = climb.point.mapping;
    if (!neighbourhood.apply(moves[i], once)) continue;
    if (!pairs) consider(once);
    for (std::size_t j = i + 1; pairs && j < moves.size() && !finished(); ++j) {
      Mapping twice = once;
      if (neighbourhood.apply(moves[j], twice)) consider(twice);
    }
  }
  if (climb.objective >= before) return false;
  climb.point = best;
  return true;
}

bool BestResponse::improve_layer(DesignState& state, std::size_t layer) const {
  const CostedMapping& point = state.layers[layer];
  Climb climb{{space_, layer, state.machine}, {space_, state, layer}, point, 0.0};
  climb.objective = climb.others.objective(point.energy_pj, point.cycles);
  const double before = climb.objective;
  while (!finished() &&
         (take_best_neighbour(climb, false) || (pairs_ && take_best_neighbour(climb, true)))) {
  }
  if (climb.objective >= before) return false;
  climb.others.replace(climb.point, state);
  return true;
}

void BestResponse::improve(DesignState& state) const {
  // Round after round over the layers, until a whole round changed nothing.
  std::size_t unchanged = 0;
  for (std::size_t i = 0; unchanged < state.layers.size() && !finished();
       i = (i + 1) % state.layers.size()) {
    unchanged = improve_layer(state, i) ? 1 : unchanged + 1;
  }
}

}  // namespace masala::search
