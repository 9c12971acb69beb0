#include "cli/listing.h"

#include <fmt/format.h>

namespace masala::cli {

using nlohmann::ordered_json;

std::string Listing::table() const {
  TextTable table;
  for (const auto& [title, align] : columns) table.add_column(title, align);
  for (const ordered_json& row : rows) {
    std::vector<std::string> cells;
    for (const auto& [title, align] : columns) {
      const ordered_json& value = row.at(title);
      if (value.is_string()) {
        cells.push_back(value.get<std::string>());
      } else if (value.is_number_integer()) {
        cells.push_back(with_commas(value.get<std::int64_t>()));
      } else {
        cells.push_back(significant(value.get<double>()));
      }
    }
    table.add_row(std::move(cells));
  }
  return table.str();
}

void Listing::print(Format format) const {
  if (format == Format::json) {
    fmt::print("{}\n", ordered_json(rows).dump(2));
  } else {
    fmt::print("{}", table());
  }
}

}  // namespace masala::cli
