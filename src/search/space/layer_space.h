// One layer on one machine: what its mappings need and cost there.
#pragma once

#include <cstddef>
#include <optional>

#include "search/space/discrete_space.h"

namespace masala::search {

// Keeps references to the space and the machine.
class LayerSpace {
 public:
  LayerSpace(const DiscreteSpace& space, std::size_t layer, const model::Machine& machine)
      : space_(space), layer_(space.layer(layer)), machine_(machine) {}

  const DiscreteSpace& whole() const { return space_; }
  const Mapspace& mapspace() const { return space_.mapspace(); }
  const model::Layer& layer() const { return layer_; }
  const model::Machine& machine() const { return machine_; }
  model::Factors factors() const { return space_.problem().factors; }

  // Every factor outermost: no mapping needs less of the machine.
  model::Mapping smallest_tiles() const { return outermost_mapping(mapspace(), layer_); }

  // See model::Evaluator.
  bool fits(const model::Mapping& mapping) const {
    return space_.evaluator().fits(mapping, layer_, machine_);
  }
  CostedMapping evaluate(const model::Mapping& mapping, EvaluationMeter& meter) const {
    return space_.evaluator().evaluate(mapping, layer_, machine_, meter);
  }
  std::optional<CostedMapping> evaluate_if(const model::Evaluator::Acceptance& accepts,
                                           const model::Mapping& mapping,
                                           EvaluationMeter& meter) const {
    return space_.evaluator().evaluate_if(accepts, mapping, layer_, machine_, meter);
  }

 private:
  const DiscreteSpace& space_;
  const model::Layer& layer_;
  const model::Machine& machine_;
};

}  // namespace masala::search
