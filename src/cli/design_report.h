// A found or re-scored design as a file and as tables.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/provenance.h"
#include "io/design_json.h"
#include "search/searcher.h"

namespace masala::cli {

// The file form of a costed design; search record, bound and provenance are left to the caller.
io::DesignFile make_design_file(const search::Problem& problem,
                                const search::Design& design,
                                const std::string& accelerator_sha256);

// MACs of each layer over those that every PE working in every cycle would have done.
std::vector<double> pe_utilisation(const io::DesignFile& design,
                                   const model::Accelerator& accelerator);

// Standard deviation of a layer's predicted cycles in percent, with "!" where the model
// extrapolates; empty without a latency model.
std::string spread_text(const io::LayerResult& result);
// What the cycles are and what "!" means; empty without a latency model.
std::string confidence_note(const io::DesignFile& design);

// Hardware, one row per layer, totals. The mappings are left out where the table would be wider
// than `columns`.
std::string design_text(const io::DesignFile& design,
                        const model::Accelerator& accelerator,
                        std::optional<std::size_t> columns);

// The per-layer table as CSV.
std::string layers_csv(const io::DesignFile& design, const model::Accelerator& accelerator);

}  // namespace masala::cli
