// A found or re-scored design as a file and as tables.
#pragma once

#include <string>

#include "cli/provenance.h"
#include "io/design_json.h"
#include "search/searcher.h"

namespace masala::cli {

// "uJ.cycles" and the like: the unit of an objective's value.
std::string objective_unit(search::Objective objective);

// The file form of a costed design; search record, bound and provenance are left to the caller.
io::DesignFile make_design_file(const search::Problem& problem,
                                const search::Design& design,
                                const std::string& accelerator_sha256);

// Hardware, one row per layer, totals.
std::string design_text(const io::DesignFile& design, const model::Accelerator& accelerator);

// The per-layer table as CSV.
std::string layers_csv(const io::DesignFile& design, const model::Accelerator& accelerator);

}  // namespace masala::cli
