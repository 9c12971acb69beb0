// Text tables and number formats for people.
#pragma once

#include <cstdint>
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

 private:
  struct Column {
    std::string title;
    Align align;
  };
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

std::string with_commas(std::int64_t value);  // 1,234,567
std::string with_commas(double value);        // rounded to an integer
std::string significant(double value);        // 4 significant digits, as 2.177e+11 or 12.34
std::string seconds_text(double seconds);     // "0.9 s", "2 min 05 s"

}  // namespace masala::cli
