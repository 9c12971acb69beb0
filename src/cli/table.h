// One table, shown where people look and where programs look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace masala::cli {

// Nothing, text, or a number.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double>;

// Nothing for NaN and infinity.
Cell number_or_nothing(double value);

// How people see the numbers of a column; text stays as it is.
struct Format {
  enum class Kind { grouped, fixed, significant };
  Kind kind = Kind::significant;
  int decimals = 0;
  double scale = 1.0;  // 100 for a share in percent

  static Format grouped(int decimals = 0) { return {Kind::grouped, decimals, 1.0}; }  // 1,234
  static Format fixed(int decimals) { return {Kind::fixed, decimals, 1.0}; }
  static Format percent(int decimals = 1) { return {Kind::fixed, decimals, 100.0}; }
  static Format significant() { return {}; }  // 2.177e+11 or 12.34
};

enum class Align { left, right };

struct Column {
  std::string key;    // in JSON and CSV; empty: programs do not need it
  std::string title;  // for people, with the unit behind it; empty: they do not need it
  std::string unit;
  Format format;
  Align align = Align::right;
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  // as wide as columns

  // Without the column of that key.
  Table without(const std::string& key) const;
};

// A table of text. A cell that is a number in JSON's notation becomes one, an empty one nothing.
Table table_of(const std::vector<std::string>& columns,
               const std::vector<std::vector<std::string>>& rows);

// For people, columns as wide as their content, two blanks apart, header underlined.
std::string to_text(const Table& table);
std::size_t text_width(const Table& table);  // of the widest possible line
// The same as an HTML table.
std::string to_html(const Table& table);

// For programs: numbers in full. One object per row; a cell with nothing in it is null.
nlohmann::ordered_json to_json(const Table& table);
std::string to_csv(const Table& table);

}  // namespace masala::cli
