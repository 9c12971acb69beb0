// Exact counts of mappings whose factors multiply to more than a bound (ceil tiling): edge tiles
// count as large as they are. The rules are those of traffic.h with clipped tiles; docs/model.md,
// "Imperfect factors", states them. At perfect factors every count equals the ones of traffic.h.
//
// count_traffic(), words_filled() and cost_of() call these where they are needed.
#pragma once

#include <cstdint>

#include "model/accelerator.h"
#include "model/ceil_tiling.h"
#include "model/layer.h"
#include "model/mapping.h"
#include "model/traffic.h"

namespace masala::model {

Traffic count_imperfect_traffic(const Mapping& mapping, const Layer& layer, const Machine& machine);

// The counts of `level` alone, for its first instance.
Traffic count_first_instance(const Mapping& mapping,
                             const Layer& layer,
                             const Machine& machine,
                             int level);

// As words_filled() of traffic.h, over all instances of `through` or for its first one.
std::int64_t imperfect_words_filled(Operand operand,
                                    const Mapping& mapping,
                                    const Layer& layer,
                                    int num_levels,
                                    int level,
                                    int through,
                                    Instances instances);

// Steps of the temporal loops at which some PE has work.
std::int64_t imperfect_compute_cycles(const Mapping& mapping, const Layer& layer);

}  // namespace masala::model
