// Shared by the fuzz targets.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "masala/io/accelerator_yaml.h"
#include "masala/io/input_error.h"
#include "masala/model/accelerator.h"
#include "masala/model/cost.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"
#include "masala/model/traffic.h"

namespace masala::fuzz {

// A property that must hold whatever the input; its failure is a finding.
inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", property);
  std::abort();
}

inline const model::Accelerator& gemmini() {
  static const model::Accelerator accelerator =
      io::read_accelerator(MASALA_DATA "/accelerators/gemmini.yaml");
  return accelerator;
}

// Runs `read` on untrusted text: it succeeds, or refuses with an InputError that says something.
template <class Read>
void read_or_refuse(Read read) {
  try {
    read();
  } catch (const io::InputError& error) {
    require(error.what()[0] != '\0', "an error has a message");
  }
}

inline bool same(const model::Mapping& a, const model::Mapping& b) {
  if (a.num_levels != b.num_levels) return false;
  for (int level = 0; level < a.num_levels; ++level) {
    const model::LevelMapping& left = a.levels[level];
    const model::LevelMapping& right = b.levels[level];
    const bool is_same = left.temporal == right.temporal && left.spatial == right.spatial &&
                         left.order == right.order;
    if (!is_same) return false;
  }
  return true;
}

// Costs a mapping that was found valid: every number is finite and no count is negative.
inline void require_costable(const model::Mapping& mapping,
                             const model::Layer& layer,
                             const model::Machine& machine) {
  const model::Traffic traffic = model::count_traffic(mapping, layer, machine);
  for (int level = 0; level < machine.num_levels; ++level) {
    for (model::Operand operand : model::kAllOperands) {
      require(traffic.reads[level][operand] >= 0, "reads >= 0");
      require(traffic.fills[level][operand] >= 0, "fills >= 0");
      require(traffic.updates[level][operand] >= 0, "updates >= 0");
    }
  }
  const model::LayerCost cost = model::cost_of(traffic, mapping, layer, machine);
  require(cost.compute_cycles >= 1, "at least one cycle");
  require(cost.cycles >= static_cast<double>(cost.compute_cycles), "cycles cover the MACs");
  require(std::isfinite(cost.cycles) && std::isfinite(cost.energy_pj), "finite costs");
}

}  // namespace masala::fuzz
