#include "cli/table_json.h"

#include <nlohmann/json.hpp>

namespace masala::cli {
namespace {

using nlohmann::ordered_json;

ordered_json cell_json(const std::string& cell) {
  if (cell.empty()) return nullptr;
  constexpr bool kThrows = false;
  ordered_json number = ordered_json::parse(cell, nullptr, kThrows);
  return number.is_number() ? number : ordered_json(cell);
}

}  // namespace

std::string table_json(const io::CsvTable& table) {
  ordered_json rows = ordered_json::array();
  for (const auto& cells : table.rows) {
    ordered_json row = ordered_json::object();
    for (std::size_t c = 0; c < cells.size(); ++c) row[table.columns[c]] = cell_json(cells[c]);
    rows.push_back(std::move(row));
  }
  return rows.dump(2) + "\n";
}

}  // namespace masala::cli
