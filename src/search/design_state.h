// A design under discrete improvement: hardware, one mapping per layer, and the running totals that
// couple the layers through the objective.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "search/mapspace.h"
#include "search/searcher.h"

namespace masala::search {

// Counts evaluations: one layer's mapping with one choice of loop orders, costed on one hardware.
struct EvaluationMeter {
  std::int64_t used = 0;
  std::int64_t limit = std::numeric_limits<std::int64_t>::max();

  bool exhausted() const { return used >= limit; }
};

// Of one execution.
struct LayerPoint {
  model::Mapping mapping;
  double cycles = 0.0;  // as the search weighs them: with the problem's caution
  double energy_pj = 0.0;
};

struct DesignState {
  model::Hardware hardware;
  model::Machine machine;  // resolve(accelerator, hardware)
  std::vector<LayerPoint> layers;
  double cycles = 0.0;  // totals over all executions
  double energy_pj = 0.0;
  double area_mm2 = 0.0;
  double objective = std::numeric_limits<double>::infinity();  // uJ, cycles, mm2
};

// What a discrete search needs of a problem, prepared once.
class DiscreteSpace {
 public:
  explicit DiscreteSpace(const Problem& problem);
  // With an objective that has no name.
  DiscreteSpace(const Problem& problem, const Exponents& exponents);

  const Problem& problem() const { return problem_; }
  const Mapspace& mapspace() const { return mapspace_; }
  const Exponents& exponents() const { return exponents_; }
  std::size_t num_layers() const { return problem_.workload.layers.size(); }
  const model::Layer& layer(std::size_t i) const { return problem_.workload.layers[i]; }
  const model::PerDim<std::vector<std::int64_t>>& distinct_primes(std::size_t i) const {
    return primes_[i];
  }

  // energy^e x cycles^c x area^a; infinite above the area limit.
  double objective(double energy_pj, double cycles, double area_mm2) const;

  // Words per instance of every level that running the mapping takes: those of its tiles, or of the
  // driver where it needs more.
  model::PerLevel<std::int64_t> words_needed(const model::Mapping& mapping,
                                             std::size_t layer,
                                             const model::Machine& machine) const;
  bool fits(const model::Mapping& mapping, std::size_t layer, const model::Machine& machine) const;

  // Costs one mapping; counts one evaluation.
  LayerPoint cost(const model::Mapping& mapping,
                  std::size_t layer,
                  const model::Machine& machine,
                  EvaluationMeter& meter) const;
  // Whether a point of this energy and of at least these cycles may still be of use.
  using Promise = std::function<bool(double energy_pj, double least_cycles)>;
  // The same, but ends early where there is no promise: a latency model takes many times as long as
  // counting traffic, and most neighbours of a good mapping cannot be better whatever it says.
  // Counts one evaluation either way.
  std::optional<LayerPoint> cost_if(const Promise& promises,
                                    const model::Mapping& mapping,
                                    std::size_t layer,
                                    const model::Machine& machine,
                                    EvaluationMeter& meter) const;

  // Smallest hardware that runs the mappings under the fixed values; its area is not limited.
  std::optional<model::Hardware> hardware_for(const std::vector<LayerPoint>& layers) const;
  // Every factor outermost: no mapping of a layer needs less of any hardware value. Not costed.
  const std::vector<LayerPoint>& smallest_tiles() const { return smallest_tiles_; }

  // Sums layers that were costed on the hardware.
  DesignState assemble(const model::Hardware& hardware, std::vector<LayerPoint> layers) const;
  // Costs every layer on the hardware (one evaluation each) and sums.
  DesignState make_state(const model::Hardware& hardware,
                         std::vector<LayerPoint> layers,
                         EvaluationMeter& meter) const;

 private:
  Problem problem_;
  Mapspace mapspace_;
  Exponents exponents_;
  std::vector<model::PerDim<std::vector<std::int64_t>>> primes_;  // of each layer's bounds
  std::vector<LayerPoint> smallest_tiles_;
};

std::vector<model::Mapping> mappings_of(const DesignState& state);

}  // namespace masala::search
