// A design under discrete improvement: hardware, one mapping per layer, and the running totals that
// couple the layers through the objective.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "masala/search/space/problem.h"
#include "search/space/mapspace.h"

namespace masala::search {

using model::CostedMapping;
using model::EvaluationMeter;

struct DesignState {
  model::Hardware hardware;
  model::Machine machine;  // resolve(accelerator, hardware)
  std::vector<CostedMapping> layers;
  double cycles = 0.0;  // totals over all executions
  double energy_pj = 0.0;
  double area_mm2 = 0.0;
  double objective = std::numeric_limits<double>::infinity();  // uJ, cycles, mm2
};

// What a discrete search needs of a problem, prepared once.
class DiscreteSpace {
 public:
  explicit DiscreteSpace(const Problem& problem);

  const Problem& problem() const { return problem_; }
  const Mapspace& mapspace() const { return mapspace_; }
  const model::Evaluator& evaluator() const { return evaluator_; }
  const Exponents& exponents() const { return exponents_; }
  std::size_t num_layers() const { return problem_.workload.layers.size(); }
  const model::Layer& layer(std::size_t i) const { return problem_.workload.layers[i]; }

  // energy^e x cycles^c x area^a; infinite above the area limit.
  double objective(double energy_pj, double cycles, double area_mm2) const;

  // Smallest hardware that runs the mappings under the fixed values; its area is not limited.
  std::optional<model::Hardware> hardware_for(const std::vector<CostedMapping>& layers) const;
  // Every factor outermost: no mapping of a layer needs less of any hardware value. Not costed.
  const std::vector<CostedMapping>& smallest_tiles() const { return smallest_tiles_; }

  // Sums layers that were costed on the hardware.
  DesignState assemble(const model::Hardware& hardware, std::vector<CostedMapping> layers) const;
  // Costs every layer on the hardware (one evaluation each) and sums.
  DesignState make_state(const model::Hardware& hardware,
                         std::vector<CostedMapping> layers,
                         EvaluationMeter& meter) const;

 private:
  Problem problem_;
  Mapspace mapspace_;
  model::Evaluator evaluator_;
  Exponents exponents_;
  std::vector<CostedMapping> smallest_tiles_;
};

std::vector<model::Mapping> mappings_of(const DesignState& state);

}  // namespace masala::search
