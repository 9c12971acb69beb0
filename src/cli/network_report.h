// Simulated layers of a network, for people.
#pragma once

#include <string>

#include "cli/table.h"
#include "masala/app/simulate.h"

namespace masala::cli {

// One row per layer.
Table network_table(const app::PreparedNetwork& network, const app::LayerResults& results);

std::string network_text(const app::PreparedNetwork& network, const app::LayerResults& results);

}  // namespace masala::cli
