// Text tables and number formats for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace masala::cli {

enum class Align { left, right };

// Columns as wide as their content, two blanks apart, header underlined.
class TextTable {
 public:
  void add_column(const std::string& title, Align align = Align::right);
  void add_row(std::vector<std::string> cells);
  std::string str() const;
  std::size_t width() const;  // of the widest possible line

 private:
  struct Column {
    std::string title;
    Align align;
  };
  std::vector<std::size_t> widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

std::string with_commas(std::int64_t value);  // 1,234,567
// Rounded to an integer or a number of decimals.
std::string with_commas(double value, int decimals = 0);
// Decimals for a column of numbers: four digits of its largest, two of its smallest.
int column_decimals(const std::vector<double>& values);
std::string significant(double value);     // 4 significant digits, as 2.177e+11 or 12.34
std::string seconds_text(double seconds);  // "0.9 s", "2 min 05 s"

// Columns of the terminal that stdout is, or nullopt.
std::optional<std::size_t> terminal_columns();

}  // namespace masala::cli
