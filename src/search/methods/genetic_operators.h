// How the genetic search makes a design from two others: crossover, mutation and repair.
#pragma once

#include <random>

#include "search/space/hardware_cube.h"
#include "search/space/layer_space.h"

namespace masala::search {

// A design, and the hardware that its mappings were made to fit. The design's own hardware is the
// smallest that they need, as buffers are sized by the mappings in DiGamma.
struct Individual {
  model::Hardware room;
  DesignState design;
};

struct MutationRates {
  double hardware = 0.3;           // chance that the room changes
  double hardware_distance = 0.2;  // in the cube of logarithms
  double layers = 2.0;             // mutated layers of a design, on average
};

class GeneticOperators {
 public:
  GeneticOperators(const DiscreteSpace& space, const Monitor& monitor)
      : space_(space), monitor_(monitor), cube_(space) {}

  // Random hardware and valid mappings; nullopt where no hardware is allowed, or when stopped.
  std::optional<Individual> random_individual(std::mt19937_64& rng, EvaluationMeter& meter) const;

  // Every hardware value and every layer comes from one of the parents, layers rather from the one
  // where they cost less; then mutation and repair. What a parent had costed on the same hardware
  // is not costed again.
  Individual child(const Individual& mother,
                   const Individual& father,
                   const MutationRates& rates,
                   std::mt19937_64& rng,
                   EvaluationMeter& meter) const;

 private:
  struct Gene;  // a layer's mapping and where it was costed

  model::Hardware inherit_hardware(const Individual& mother,
                                   const Individual& father,
                                   const MutationRates& rates,
                                   std::mt19937_64& rng) const;
  std::vector<Gene> inherit_layers(const Individual& mother,
                                   const Individual& father,
                                   std::mt19937_64& rng) const;
  void mutate(model::Mapping& mapping, std::size_t layer, std::mt19937_64& rng) const;
  void move_factor(model::Mapping& mapping, std::size_t layer, std::mt19937_64& rng) const;
  Individual make_individual(const model::Hardware& room,
                             std::vector<Gene> genes,
                             EvaluationMeter& meter) const;

  const DiscreteSpace& space_;
  const Monitor& monitor_;
  HardwareCube cube_;
};

}  // namespace masala::search
