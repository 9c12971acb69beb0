// Everything that one layer can contribute to an optimum: its mappings, costed at given parameters
// and free sizes, less those that another one dominates.
#pragma once

#include <cstdint>
#include <functional>

#include "search/exact/factor_space.h"
#include "search/exact/order_enumerator.h"
#include "search/exact/parameter_point.h"
#include "search/exact/pareto_front.h"

namespace masala::search {

// Which mapping of a FactorSpace, and which of its orders by their sequence.
struct MappingKey {
  FactorSpace::Splits splits;
  std::uint32_t order = 0;
};

// Coordinates of a point: the step needed on the grid of each size, then cycles, energy at zero
// KiB, and energy per KiB of each size.
using LayerFront = ParetoFront<MappingKey>;
inline std::size_t front_width(std::size_t num_sizes) {
  return 2 * num_sizes + 2;
}

// True when no design with this cost of one execution of the layer can beat the best one known.
using PruneTest = std::function<bool(double energy_pj, double cycles)>;

// Which orders must be costed.
CandidateOrders needed_orders(const model::Evaluator& evaluator);

class LayerEnumerator {
 public:
  LayerEnumerator(const DiscreteSpace& space,
                  const ParameterPoint& point,
                  const model::Layer& layer);

  const FactorSpace& factors() const { return factors_; }
  model::Mapping mapping(const MappingKey& key) const;

  struct Result {
    LayerFront front;
    std::int64_t evaluations = 0;
  };
  // The front of one task of the FactorSpace, or of the part of it that was gone through before a
  // stop. least_energy_pj: of any mapping of the layer.
  Result run(int task,
             double least_energy_pj,
             const PruneTest& prunes,
             const Monitor& monitor) const;

 private:
  struct Run;
  void cost(const model::Mapping& mapping, const MappingKey& key, Run& run) const;
  double lower_bound_cycles(double compute_cycles, double roofline_cycles) const;

  const model::Evaluator& evaluator_;
  const ParameterPoint& point_;
  const model::Layer& layer_;
  FactorSpace factors_;
  OrderEnumerator orders_;
};

}  // namespace masala::search
