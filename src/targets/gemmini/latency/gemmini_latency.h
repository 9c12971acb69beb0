// Gemmini's analytical latency: counters of its units and constants, for a driver program and what
// the caches hold at the start.
#pragma once

#include <memory>
#include <vector>

#include "masala/model/latency_base.h"
#include "masala/model/measured_row.h"
#include "masala/model/monitor.h"
#include "targets/gemmini/program/cache_state.h"
#include "targets/gemmini/program/driver_program.h"

namespace masala::gemmini {

// The batched form is of the clean program; it needs the accelerator's levels to be Gemmini's.
// Throws std::invalid_argument where the accelerator has no pe_dim. `constants` are in the order of
// calibration_constants().
std::shared_ptr<const model::LatencyBase> latency_base(const model::Accelerator& accelerator,
                                                       const std::vector<double>& constants,
                                                       ProgramKind program,
                                                       CacheState cache);

// The same of measured rows, as a function of the constants.
std::unique_ptr<const model::CycleFormula> cycle_formula(
    const std::vector<model::MeasuredRow>& rows,
    const model::Accelerator& accelerator,
    ProgramKind program,
    CacheState cache,
    const model::Monitor& monitor);

}  // namespace masala::gemmini
