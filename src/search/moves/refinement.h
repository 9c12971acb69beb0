// Discrete refinement of integer designs: per-layer best response, then hardware moves.
#pragma once

#include "search/space/discrete_space.h"

namespace masala::search {

// What hill climbing tries.
struct RefinementMoves {
  bool pairs = true;     // two prime factors at once, where moving a single one does not help
  bool hardware = true;  // other sizes and parameters
};

// Hill climbing over integer designs. Deterministic; stops at the meter's limit or when asked to.
//
// respond(): each layer in turn takes the best mapping in its neighbourhood (a prime factor moved
// between two slots, pairs of opposite moves when no single one helps, every loop order) that fits
// the hardware, given the totals of the others, until none improves.
// settle(): the layers respond, then the hardware shrinks to what the mappings use.
// improve(): settles, then tries other buffer sizes and array sizes; every layer is made to fit and
// the design settles there; a better objective is kept.
// The moves say which of these it may make.
class Refiner {
 public:
  using Callback = std::function<void(const DesignState& best)>;

  Refiner(const DiscreteSpace& space,
          EvaluationMeter& meter,
          const Monitor& monitor,
          RefinementMoves moves = {});

  // Called on every improvement that improve() accepts.
  void on_improvement(Callback callback) { on_improvement_ = std::move(callback); }
  // Called before the layers respond, on every hardware point: may find better mappings. With it,
  // improve() tries exchanges between two hardware values as well.
  using Shake = std::function<void(DesignState& state)>;
  void shake_with(Shake shake) { shake_ = std::move(shake); }

  void respond(DesignState& state) const;
  void settle(DesignState& state) const;
  // Moves factors outwards until the layer, or every layer, fits. False when not even the smallest
  // tiles do.
  bool fit_layer(model::Mapping& mapping, std::size_t layer, const model::Machine& machine) const;
  bool fit(std::vector<CostedMapping>& layers, const model::Machine& machine) const;
  // Shrinks the hardware to what the mappings use.
  void tighten(DesignState& state) const;
  void improve(DesignState& state) const;

 private:
  struct Coupling;  // the other layers' totals, as one layer sees them
  bool respond_layer(DesignState& state, std::size_t layer) const;
  bool best_neighbour(const Coupling& coupling,
                      CostedMapping& point,
                      double& value,
                      bool pairs) const;
  void try_orders(const Coupling& coupling,
                  model::Mapping& mapping,
                  CostedMapping& best,
                  double& value) const;
  std::optional<model::Hardware> scaled(const model::Hardware& hardware,
                                        const std::string& key,
                                        double scale) const;
  bool try_hardware(DesignState& best, const model::Hardware& hardware) const;
  bool try_each(DesignState& state, std::vector<model::Hardware>& tried) const;
  bool try_exchanges(DesignState& state, std::vector<model::Hardware>& tried) const;
  // True when `designs` more re-costings of the whole design and one try of all orders would pass
  // the limit, or on request.
  bool finished(std::int64_t designs = 1) const;

  const DiscreteSpace& space_;
  EvaluationMeter& meter_;
  const Monitor& monitor_;
  RefinementMoves moves_;
  Callback on_improvement_;
  Shake shake_;
  std::int64_t most_orders_ = 1;  // evaluations of one mapping with every loop order, at most
};

}  // namespace masala::search
