// Simulated layers of a network, for people.
#pragma once

#include <string>

#include "app/simulate.h"
#include "cli/table.h"

namespace masala::cli {

// One row per layer.
Table network_table(const app::PreparedNetwork& network, const app::LayerResults& results);

std::string network_text(const app::PreparedNetwork& network, const app::LayerResults& results);

}  // namespace masala::cli
