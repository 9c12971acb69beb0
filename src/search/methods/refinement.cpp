#include "search/methods/refinement.h"

#include <algorithm>

#include "search/moves/repair.h"
#include "search/space/hardware_space.h"

namespace masala::search {
namespace {

// Whether the hardware is new; remembers it.
bool is_new(const model::Hardware& hardware, std::vector<model::Hardware>& tried) {
  for (const model::Hardware& other : tried) {
    if (same_hardware(hardware, other)) return false;
  }
  tried.push_back(hardware);
  return true;
}

}  // namespace

Refiner::Refiner(const DiscreteSpace& space,
                 EvaluationMeter& meter,
                 const Monitor& monitor,
                 RefinementMoves moves)
    : space_(space), meter_(meter), moves_(moves), response_(space, meter, monitor, moves.pairs) {}

void Refiner::respond(DesignState& state) const {
  if (search_layers_) search_layers_(state);
  response_.improve(state);
}

void Refiner::improve_mappings(DesignState& state) const {
  respond(state);
  shrink_hardware(space_, state, meter_);
  if (on_improvement_) on_improvement_(state);
}

bool Refiner::try_hardware(DesignState& best, const model::Hardware& hardware) const {
  const model::Accelerator& accelerator = space_.problem().accelerator;
  std::vector<CostedMapping> layers = best.layers;
  const model::Machine machine = model::resolve(accelerator, hardware);
  if (!repair(space_, machine, layers) || response_.finished(2)) return false;
  DesignState state = space_.make_state(hardware, std::move(layers), meter_);
  respond(state);
  shrink_hardware(space_, state, meter_);
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

// One hardware value at a time; those in `tried` are left out, which are forgotten on success.
bool Refiner::try_each(DesignState& state, std::vector<model::Hardware>& tried) const {
  // Scales to try, coarse to fine.
  constexpr double kScales[] = {2.0, 0.5, 1.5, 0.67, 1.25, 0.8, 1.12, 0.9, 1.05, 0.95};
  bool improved = false;
  for (double scale : kScales) {
    for (const std::string& key : free_keys(space_.problem())) {
      if (response_.finished()) return improved;
      const auto hardware = scaled(state.hardware, key, scale);
      if (!hardware || !is_new(*hardware, tried)) continue;
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
        if (!smaller || falling == rising || response_.finished()) continue;
        const auto hardware = scaled(*smaller, rising, exchange.rises);
        if (!hardware || !is_new(*hardware, tried)) continue;
        if (!try_hardware(state, *hardware)) continue;
        tried.clear();
        return true;
      }
    }
  }
  return false;
}

void Refiner::improve(DesignState& state) const {
  improve_mappings(state);
  std::vector<model::Hardware> tried;  // from the present design; coarse grids have few values
  bool improved = moves_.hardware;
  while (improved && !response_.finished()) {
    improved = try_each(state, tried) || (search_layers_ && try_exchanges(state, tried));
  }
}

}  // namespace masala::search
