// Local search over whole designs: best responses of the layers, and hardware moves.
#pragma once

#include <functional>
#include <string>

#include "search/moves/best_response.h"

namespace masala::search {

// What it tries.
struct RefinementMoves {
  bool pairs = true;     // two prime factors at once, where moving a single one does not help
  bool hardware = true;  // other sizes and parameters
};

// Deterministic; stops at the meter's limit or when asked to.
class Refiner {
 public:
  using Callback = std::function<void(const DesignState& best)>;
  using LayerSearch = std::function<void(DesignState& state)>;

  Refiner(const DiscreteSpace& space,
          EvaluationMeter& meter,
          const Monitor& monitor,
          RefinementMoves moves = {});

  // Called on every improvement that improve() accepts.
  void on_improvement(Callback callback) { on_improvement_ = std::move(callback); }
  // Called before the layers respond, on every hardware point: may find better mappings. With it,
  // improve() tries exchanges between two hardware values as well.
  void search_layers_with(LayerSearch search) { search_layers_ = std::move(search); }

  // The layers respond, then the hardware shrinks to what the mappings use.
  void improve_mappings(DesignState& state) const;
  // The same, then with other buffer sizes and array sizes: every layer is repaired to fit, and the
  // design improves there; a better objective is kept.
  void improve(DesignState& state) const;

 private:
  void respond(DesignState& state) const;
  std::optional<model::Hardware> scaled(const model::Hardware& hardware,
                                        const std::string& key,
                                        double scale) const;
  bool try_hardware(DesignState& best, const model::Hardware& hardware) const;
  bool try_each(DesignState& state, std::vector<model::Hardware>& tried) const;
  bool try_exchanges(DesignState& state, std::vector<model::Hardware>& tried) const;

  const DiscreteSpace& space_;
  EvaluationMeter& meter_;
  RefinementMoves moves_;
  BestResponse response_;
  Callback on_improvement_;
  LayerSearch search_layers_;
};

}  // namespace masala::search
