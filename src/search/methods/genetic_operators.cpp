#include "search/methods/genetic_operators.h"

#include <algorithm>

#include "search/moves/acceptance.h"
#include "search/moves/repair.h"
#include "search/space/hardware_draw.h"
#include "search/space/hardware_space.h"

namespace masala::search {

using model::Dim;
using model::kAllDims;
using model::Mapping;

namespace {

// Chance that a layer comes from the parent where it costs less.
constexpr double kBetterLayer = 0.9;
constexpr double kReorder = 0.3;  // else a factor moves
constexpr std::uint64_t kMostChanges = 3;

bool happens(double chance, std::mt19937_64& rng) {
  return random_unit(rng) < chance;
}

}  // namespace

struct GeneticOperators::Gene {
  CostedMapping point;
  const model::Hardware* costed_on = nullptr;  // nullptr: to be costed
};

std::optional<Individual> GeneticOperators::random_individual(std::mt19937_64& rng,
                                                              EvaluationMeter& meter) const {
  const auto room = draw_hardware(space_, rng);
  if (!room) return std::nullopt;
  const model::Machine machine = model::resolve(space_.problem().accelerator, *room);
  std::vector<Gene> genes;
  for (std::size_t i = 0; i < space_.num_layers(); ++i) {
    if (monitor_.stop_requested()) return std::nullopt;
    const LayerSpace layer(space_, i, machine);
    genes.push_back({{random_valid_mapping(layer, rng), 0.0, 0.0}, nullptr});
  }
  return make_individual(*room, std::move(genes), meter);
}

Individual GeneticOperators::child(const Individual& mother,
                                   const Individual& father,
                                   const MutationRates& rates,
                                   std::mt19937_64& rng,
                                   EvaluationMeter& meter) const {
  const model::Hardware room = inherit_hardware(mother, father, rates, rng);
  std::vector<Gene> genes = inherit_layers(mother, father, rng);
  const double chance = rates.layers / static_cast<double>(genes.size());
  for (std::size_t i = 0; i < genes.size(); ++i) {
    if (!happens(chance, rng)) continue;
    mutate(genes[i].point.mapping, i, rng);
    genes[i].costed_on = nullptr;
  }
  return make_individual(room, std::move(genes), meter);
}

// Each free value is the mother's or the father's. Mixtures that no layer can use fall back to the
// mother's.
model::Hardware GeneticOperators::inherit_hardware(const Individual& mother,
                                                   const Individual& father,
                                                   const MutationRates& rates,
                                                   std::mt19937_64& rng) const {
  std::vector<double> place = cube_.place(mother.room);
  const std::vector<double> other = cube_.place(father.room);
  for (std::size_t i = 0; i < place.size(); ++i) {
    if (happens(0.5, rng)) place[i] = other[i];
  }
  model::Hardware room = cube_.at(place);
  if (!is_usable(space_, room)) room = mother.room;
  if (!happens(rates.hardware, rng)) return room;
  return cube_.neighbour(room, rates.hardware_distance, rng).value_or(room);
}

std::vector<GeneticOperators::Gene> GeneticOperators::inherit_layers(const Individual& mother,
                                                                     const Individual& father,
                                                                     std::mt19937_64& rng) const {
  const LayerWeights weights = layer_weights(space_, mother.design);
  std::vector<Gene> genes;
  for (std::size_t i = 0; i < space_.num_layers(); ++i) {
    const CostedMapping& hers = mother.design.layers[i];
    const CostedMapping& his = father.design.layers[i];
    const bool is_hers_better = weights.value(hers) <= weights.value(his);
    const bool takes_hers = is_hers_better == happens(kBetterLayer, rng);
    const Individual& parent = takes_hers ? mother : father;
    genes.push_back({parent.design.layers[i], &parent.design.hardware});
  }
  return genes;
}

void GeneticOperators::mutate(Mapping& mapping, std::size_t layer, std::mt19937_64& rng) const {
  // One change or several: single moves alone stop at the first local optimum.
  const std::uint64_t changes = 1 + random_below(rng, kMostChanges);
  for (std::uint64_t n = 0; n < changes; ++n) {
    if (happens(kReorder, rng)) {
      draw_order(space_.mapspace(), mapping, rng);
    } else {
      move_factor(mapping, layer, rng);
    }
  }
}

// A prime factor goes from one slot to another: inwards, tiles grow; outwards, they shrink.
void GeneticOperators::move_factor(Mapping& mapping,
                                   std::size_t layer,
                                   std::mt19937_64& rng) const {
  struct Place {
    Dim dim;
    FactorSlot slot;
    std::int64_t prime;
  };
  std::vector<Place> places;
  for (Dim dim : kAllDims) {
    std::vector<std::int64_t> primes = prime_factors(space_.layer(layer).bounds[dim]);
    primes.erase(std::unique(primes.begin(), primes.end()), primes.end());
    for (std::int64_t prime : primes) {
      for (FactorSlot slot : space_.mapspace().slots[dim]) {
        if (factor_at(mapping, dim, slot) % prime == 0) places.push_back({dim, slot, prime});
      }
    }
  }
  if (places.empty()) return;
  const Place from = places[random_below(rng, places.size())];
  const std::vector<FactorSlot>& slots = space_.mapspace().slots[from.dim];
  factor_at(mapping, from.dim, from.slot) /= from.prime;
  factor_at(mapping, from.dim, slots[random_below(rng, slots.size())]) *= from.prime;
}

// Mappings that do not fit are repaired, not thrown away.
Individual GeneticOperators::make_individual(const model::Hardware& room,
                                             std::vector<Gene> genes,
                                             EvaluationMeter& meter) const {
  const model::Accelerator& accelerator = space_.problem().accelerator;
  const model::Machine machine = model::resolve(accelerator, room);
  std::vector<CostedMapping> points;
  for (std::size_t i = 0; i < genes.size(); ++i) {
    Mapping& mapping = genes[i].point.mapping;
    const LayerSpace layer(space_, i, machine);
    if (!layer.fits(mapping)) {
      if (!repair(layer, mapping)) mapping = layer.smallest_tiles();
      genes[i].costed_on = nullptr;
    }
    points.push_back(genes[i].point);
  }
  const model::Hardware smallest = space_.hardware_for(points).value_or(room);
  const model::Hardware hardware = area_allowed(space_.problem(), smallest) ? smallest : room;
  const model::Machine own = model::resolve(accelerator, hardware);
  for (std::size_t i = 0; i < genes.size(); ++i) {
    const bool is_known = genes[i].costed_on && same_hardware(*genes[i].costed_on, hardware);
    if (!is_known) points[i] = LayerSpace(space_, i, own).evaluate(points[i].mapping, meter);
  }
  return {room, space_.assemble(hardware, std::move(points))};
}

}  // namespace masala::search
