#include "search/moves/refinement.h"

#include <algorithm>
#include <cmath>

#include "search/moves/factor_moves.h"
#include "search/space/hardware_space.h"

namespace masala::search {

using model::Dim;
using model::kAllDims;
using model::Mapping;

namespace {

bool contains(const std::vector<model::Hardware>& tried, const model::Hardware& hardware) {
  return std::any_of(tried.begin(), tried.end(), [&](const model::Hardware& other) {
    return same_hardware(hardware, other);
  });
}

// A gain below this share of the objective is rounding noise.
constexpr double kLeastGain = 1e-9;

}  // namespace

struct Refiner::Coupling {
  std::size_t layer = 0;
  const model::Machine* machine = nullptr;
  double other_energy_pj = 0.0;
  double other_cycles = 0.0;
  double executions = 1.0;
  double area_mm2 = 0.0;

  double value(const DiscreteSpace& space, double energy_pj, double cycles) const {
    return space.objective(
        other_energy_pj + executions * energy_pj, other_cycles + executions * cycles, area_mm2);
  }
};

Refiner::Refiner(const DiscreteSpace& space,
                 EvaluationMeter& meter,
                 const Monitor& monitor,
                 RefinementMoves moves)
    : space_(space), meter_(meter), monitor_(monitor), moves_(moves) {
  for (const OrderChoice& choice : space.mapspace().choices) {
    most_orders_ += static_cast<std::int64_t>(choice.candidates.size());
  }
}

bool Refiner::finished(std::int64_t designs) const {
  const std::int64_t reserve =
      designs * static_cast<std::int64_t>(space_.num_layers()) + most_orders_;
  return meter_.limit - meter_.used < reserve || monitor_.stop_requested();
}

// Costs the mapping with every distinct loop order; keeps the best point below `value`.
void Refiner::try_orders(const Coupling& coupling,
                         Mapping& mapping,
                         CostedMapping& best,
                         double& value) const {
  const auto is_better = [&](double energy_pj, double cycles) {
    return coupling.value(space_, energy_pj, cycles) < value * (1.0 - kLeastGain);
  };
  const auto consider = [&] {
    const auto point = space_.evaluator().evaluate_if(
        is_better, mapping, space_.layer(coupling.layer), *coupling.machine, meter_);
    if (!point) return false;
    value = coupling.value(space_, point->energy_pj, point->cycles);
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

// Takes the best mapping one move (or a pair of opposite moves) away; false if none is better.
bool Refiner::best_neighbour(const Coupling& coupling,
                             CostedMapping& point,
                             double& value,
                             bool pairs) const {
  const model::Layer& layer = space_.layer(coupling.layer);
  const model::Factors factors = space_.problem().factors;
  const std::vector<FactorMove> moves =
      factor_moves(space_.mapspace(), layer, factors, point.mapping);
  CostedMapping best = point;
  const double before = value;
  const auto consider = [&](Mapping& mapping) {
    if (space_.evaluator().fits(mapping, layer, *coupling.machine))
      try_orders(coupling, mapping, best, value);
  };
  for (std::size_t i = 0; i < moves.size() && !finished(); ++i) {
    Mapping once = point.mapping;
    if (!apply(moves[i], space_.mapspace(), layer, factors, once)) continue;
    if (!pairs) consider(once);
    for (std::size_t j = i + 1; pairs && j < moves.size() && !finished(); ++j) {
      Mapping twice = once;
      if (apply(moves[j], space_.mapspace(), layer, factors, twice)) consider(twice);
    }
  }
  if (value >= before) return false;
  point = best;
  return true;
}

bool Refiner::respond_layer(DesignState& state, std::size_t layer) const {
  CostedMapping point = state.layers[layer];
  Coupling coupling;
  coupling.layer = layer;
  coupling.machine = &state.machine;
  coupling.executions = static_cast<double>(space_.layer(layer).executions());
  coupling.other_energy_pj = state.energy_pj - coupling.executions * point.energy_pj;
  coupling.other_cycles = state.cycles - coupling.executions * point.cycles;
  coupling.area_mm2 = state.area_mm2;
  double value = coupling.value(space_, point.energy_pj, point.cycles);
  const double before = value;
  while (!finished() && (best_neighbour(coupling, point, value, false) ||
                         (moves_.pairs && best_neighbour(coupling, point, value, true)))) {
  }
  if (value >= before) return false;
  state.layers[layer] = point;
  state.energy_pj = coupling.other_energy_pj + coupling.executions * point.energy_pj;
  state.cycles = coupling.other_cycles + coupling.executions * point.cycles;
  state.objective = space_.objective(state.energy_pj, state.cycles, state.area_mm2);
  return true;
}

void Refiner::respond(DesignState& state) const {
  if (shake_) shake_(state);
  // Round after round over the layers, until a whole round changed nothing.
  std::size_t unchanged = 0;
  for (std::size_t i = 0; unchanged < state.layers.size() && !finished();
       i = (i + 1) % state.layers.size()) {
    unchanged = respond_layer(state, i) ? 1 : unchanged + 1;
  }
}

bool Refiner::fit_layer(Mapping& mapping, std::size_t layer, const model::Machine& machine) const {
  // How far the mapping is from fitting: sum of log ratios over the limits.
  const auto excess = [&](const Mapping& m) {
    double sum = 0.0;
    const model::PerLevel<std::int64_t> needed =
        space_.evaluator().words_needed(m, space_.layer(layer), machine);
    for (int l = 0; l + 1 < machine.num_levels; ++l) {
      const double ratio = static_cast<double>(needed[l]) /
                           std::max(1.0, static_cast<double>(machine.capacity_words[l]));
      sum += std::max(0.0, std::log(ratio));
      for (Dim dim : kAllDims) {
        const double unrolled = static_cast<double>(m.levels[l + 1].spatial[dim]);
        const double limit = static_cast<double>(machine.spatial_limit[l + 1][dim]);
        sum += std::max(0.0, std::log(unrolled / limit));
      }
    }
    return sum;
  };
  const model::Factors factors = space_.problem().factors;
  double over = excess(mapping);
  while (over > 0.0) {
    // The smallest step that reduces the excess: large primes leave last.
    double best_over = over;
    FactorMove best;
    for (const FactorMove& move :
         factor_moves(space_.mapspace(), space_.layer(layer), factors, mapping)) {
      // Steps of one would take long, one at a time.
      if (move.kind == FactorMove::Kind::shorter || move.kind == FactorMove::Kind::longer) continue;
      Mapping moved = mapping;
      if (!apply(move, space_.mapspace(), space_.layer(layer), factors, moved)) continue;
      const double candidate = excess(moved);
      const bool better =
          best_over == over ? candidate < over : candidate < over && candidate > best_over;
      if (candidate == 0.0 || better) {
        best_over = candidate;
        best = move;
        if (candidate == 0.0) break;
      }
    }
    if (best_over >= over) return false;
    apply(best, space_.mapspace(), space_.layer(layer), factors, mapping);
    over = best_over;
  }
  return space_.evaluator().fits(mapping, space_.layer(layer), machine);
}

bool Refiner::fit(std::vector<CostedMapping>& layers, const model::Machine& machine) const {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (space_.evaluator().fits(layers[i].mapping, space_.layer(i), machine)) continue;
    if (!fit_layer(layers[i].mapping, i, machine)) return false;
  }
  return true;
}

void Refiner::tighten(DesignState& state) const {
  const auto smallest = space_.hardware_for(state.layers);
  if (!smallest) return;
  if (smallest->parameters == state.hardware.parameters && smallest->kib == state.hardware.kib)
    return;
  DesignState tight = space_.make_state(*smallest, state.layers, meter_);
  if (tight.objective <= state.objective) state = std::move(tight);
}

bool Refiner::try_hardware(DesignState& best, const model::Hardware& hardware) const {
  const model::Accelerator& accelerator = space_.problem().accelerator;
  std::vector<CostedMapping> layers = best.layers;
  const model::Machine machine = model::resolve(accelerator, hardware);
  if (!fit(layers, machine) || finished(2)) return false;
  DesignState state = space_.make_state(hardware, std::move(layers), meter_);
  respond(state);
  tighten(state);
  if (!(state.objective < best.objective * (1.0 - kLeastGain))) return false;
  best = std::move(state);
  if (on_improvement_) on_improvement_(best);
  return true;
}

// The hardware with one value scaled (to the grid), and others lowered if its area is too large;
// nullopt where there is none.
std::optional<model::Hardware> Refiner::scaled(const model::Hardware& hardware,
                                               const std::string& key,
                                               double scale) const {
  const Problem& problem = space_.problem();
  const model::Range& range = *model::hardware_range(problem.accelerator, key);
  const double now = *model::hardware_value(problem.accelerator, hardware, key);
  const auto next = range.round_up(std::min(now * scale, static_cast<double>(range.max)));
  if (!next || static_cast<double>(*next) == now) return std::nullopt;
  model::Hardware changed = hardware;
  model::set_hardware_value(problem.accelerator, changed, key, static_cast<double>(*next));
  std::vector<std::string> others = free_keys(problem);
  others.erase(std::remove(others.begin(), others.end(), key), others.end());
  return shrunk_to_area(problem, others, std::move(changed));
}

void Refiner::settle(DesignState& state) const {
  respond(state);
  tighten(state);
  if (on_improvement_) on_improvement_(state);
}

// One hardware value at a time; those in `tried` are left out, which are forgotten on success.
bool Refiner::try_each(DesignState& state, std::vector<model::Hardware>& tried) const {
  // Scales to try, coarse to fine.
  constexpr double kScales[] = {2.0, 0.5, 1.5, 0.67, 1.25, 0.8, 1.12, 0.9, 1.05, 0.95};
  bool improved = false;
  for (double scale : kScales) {
    for (const std::string& key : free_keys(space_.problem())) {
      if (finished()) return improved;
      const auto hardware = scaled(state.hardware, key, scale);
      if (!hardware || contains(tried, *hardware)) continue;
      tried.push_back(*hardware);
      if (!try_hardware(state, *hardware)) continue;
      improved = true;
      tried.clear();
    }
  }
  return improved;
}

// On grids of powers of two, what one value gives up may serve another, and there may be nothing
// better in between: one value falls and another rises, until an exchange helps.
bool Refiner::try_exchanges(DesignState& state, std::vector<model::Hardware>& tried) const {
  struct Exchange {
    double falls;
    double rises;
  };
  constexpr Exchange kExchanges[] = {{0.5, 2.0}, {0.25, 4.0}, {0.5, 4.0}, {0.25, 2.0}};
  std::vector<std::string> keys = free_keys(space_.problem());
  const auto is_fine = [&](const std::string& key) {
    return !model::hardware_range(space_.problem().accelerator, key)->powers_of_two;
  };
  keys.erase(std::remove_if(keys.begin(), keys.end(), is_fine), keys.end());
  for (const Exchange& exchange : kExchanges) {
    for (const std::string& falling : keys) {
      const auto smaller = scaled(state.hardware, falling, exchange.falls);
      for (const std::string& rising : keys) {
        if (!smaller || falling == rising || finished()) continue;
        const auto hardware = scaled(*smaller, rising, exchange.rises);
        if (!hardware || contains(tried, *hardware)) continue;
        tried.push_back(*hardware);
        if (!try_hardware(state, *hardware)) continue;
        tried.clear();
        return true;
      }
    }
  }
  return false;
}

void Refiner::improve(DesignState& state) const {
  settle(state);
  std::vector<model::Hardware> tried;  // from the present design; coarse grids have few values
  bool improved = moves_.hardware;
  while (improved && !finished()) {
    improved = try_each(state, tried) || (shake_ && try_exchanges(state, tried));
  }
}

}  // namespace masala::search
