// Numbers as people read them, and the terminal they read on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace masala::cli {

std::string with_commas(std::int64_t value);  // 1,234,567
// Rounded to an integer or a number of decimals.
std::string with_commas(double value, int decimals = 0);
// Decimals for a column of numbers: four digits of its largest, two of its smallest.
int column_decimals(const std::vector<double>& values);
std::string significant(double value);     // 4 significant digits, as 2.177e+11 or 12.34
std::string seconds_text(double seconds);  // "0.9 s", "2 min 05 s"

// Columns of the terminal that the descriptor is, or nullopt.
std::optional<std::size_t> terminal_columns(int descriptor);

}  // namespace masala::cli
