// A found or re-scored design for people.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli/table.h"
#include "masala/app/search.h"

namespace masala::cli {

// One row per layer.
Table design_table(const io::DesignFile& design, const model::Accelerator& accelerator);

// What the cycles are and what "!" means; empty without a latency model.
std::string confidence_note(const io::DesignFile& design);

// Hardware, one row per layer, totals. The mappings are left out where the table would be wider
// than `columns`.
std::string design_text(const io::DesignFile& design,
                        const model::Accelerator& accelerator,
                        std::optional<std::size_t> columns);

}  // namespace masala::cli
