// Making mappings fit hardware, and hardware fit mappings.
#pragma once

#include <optional>
#include <random>
#include <vector>

#include "search/space/layer_space.h"

namespace masala::search {

// Moves factors outwards until the mapping fits, always by the smallest step that reduces the
// excess over the machine's limits. False where it does not fit in the end; not even the smallest
// tiles may.
bool repair(const LayerSpace& space, model::Mapping& mapping);
// The same for every layer of a design.
bool repair(const DiscreteSpace& space,
            const model::Machine& machine,
            std::vector<CostedMapping>& layers);

// Draws a mapping until one fits; where that is too rare, the last one is repaired. The machine
// must hold the layer's smallest tiles.
model::Mapping random_valid_mapping(const LayerSpace& space, std::mt19937_64& rng);

// A valid design from mappings that may need more hardware than the ranges or the area limit allow:
// the hardware is lowered, and the mappings are repaired to fit it. nullopt where not even the
// smallest tiles do.
std::optional<DesignState> repaired_design(const DiscreteSpace& space,
                                           std::vector<CostedMapping> layers,
                                           EvaluationMeter& meter);

// Takes the smallest hardware that runs the mappings, unless the objective rises with it.
void shrink_hardware(const DiscreteSpace& space, DesignState& state, EvaluationMeter& meter);

}  // namespace masala::search
