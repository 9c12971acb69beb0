#pragma once

#include <string>

#include "io/csv.h"

namespace masala::cli {

// One object per row. A cell that is a number in JSON's notation becomes one, an empty cell null,
// anything else text.
std::string table_json(const io::CsvTable& table);

}  // namespace masala::cli
