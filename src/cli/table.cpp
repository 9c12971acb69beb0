#include "cli/table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/html_text.h"
#include "cli/numbers.h"
#include "masala/app/user_text.h"

namespace masala::cli {
namespace {

using Cells = std::vector<std::string>;

// Columns a UTF-8 text takes on a terminal, for the characters we print.
std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string number_text(double value, const Format& format) {
  const double scaled = format.scale * value;
  switch (format.kind) {
    case Format::Kind::grouped: return with_commas(scaled, format.decimals);
    case Format::Kind::fixed: return fmt::format("{:.{}f}", scaled, format.decimals);
    case Format::Kind::significant: break;
  }
  return significant(scaled);
}

std::string text_for_people(const Cell& cell, const Format& format) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return with_commas(*integer);
  if (const auto* number = std::get_if<double>(&cell)) return number_text(*number, format);
  return "-";
}

std::string text_for_programs(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&cell)) return fmt::format("{}", *number);
  return "";
}

// What a cell of a table of text means.
Cell cell_of(const std::string& text) {
  if (text.empty()) return {};
  constexpr bool kThrows = false;
  const auto number = nlohmann::json::parse(text, nullptr, kThrows);
  if (number.is_number()) {
    const bool fits = number.is_number_integer() &&
                      (!number.is_number_unsigned() ||
                       number.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max());
    return fits ? Cell(number.get<std::int64_t>()) : Cell(number.get<double>());
  }
  return text;
}

// What people see of a table.
struct Sheet {
  Cells titles;
  std::vector<Align> aligns;
  std::vector<Cells> rows;
};

Sheet sheet_of(const Table& table) {
  Sheet sheet;
  sheet.rows.resize(table.rows.size());
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const Column& column = table.columns[c];
    if (column.title.empty()) continue;
    sheet.titles.push_back(column.title + (column.unit.empty() ? "" : " ") + column.unit);
    sheet.aligns.push_back(column.align);
    for (std::size_t r = 0; r < table.rows.size(); ++r)
      sheet.rows[r].push_back(text_for_people(table.rows[r][c], column.format));
  }
  return sheet;
}

std::vector<std::size_t> widths_of(const Sheet& sheet) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < sheet.titles.size(); ++c) {
    std::size_t width = display_width(sheet.titles[c]);
    for (const Cells& row : sheet.rows) width = std::max(width, display_width(row[c]));
    widths.push_back(width);
  }
  return widths;
}

std::size_t line_width(const std::vector<std::size_t>& widths) {
  const std::size_t gaps = widths.empty() ? 0 : 2 * (widths.size() - 1);
  return std::accumulate(widths.begin(), widths.end(), gaps);
}

}  // namespace

Cell number_or_nothing(double value) {
  Cell cell;
  if (std::isfinite(value)) cell = value;
  return cell;
}

Table table_of(const std::vector<std::string>& columns,
               const std::vector<std::vector<std::string>>& rows) {
  Table table;
  for (const std::string& column : columns)
    table.columns.push_back({column, column, "", {}, Align::left});
  for (const std::vector<std::string>& cells : rows) {
    std::vector<Cell>& row = table.rows.emplace_back();
    for (const std::string& cell : cells) row.push_back(cell_of(cell));
  }
  return table;
}

Table Table::without(const std::string& key) const {
  Table out = *this;
  for (std::size_t c = out.columns.size(); c-- > 0;) {
    if (out.columns[c].key != key) continue;
    const auto at = static_cast<std::ptrdiff_t>(c);
    out.columns.erase(out.columns.begin() + at);
    for (auto& row : out.rows) row.erase(row.begin() + at);
  }
  return out;
}

std::string to_text(const Table& table) {
  const Sheet sheet = sheet_of(table);
  const std::vector<std::size_t> widths = widths_of(sheet);
  const auto line = [&](const Cells& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c > 0) text += "  ";
      const std::string padding(widths[c] - display_width(cells[c]), ' ');
      text += sheet.aligns[c] == Align::right ? padding + cells[c] : cells[c] + padding;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
  };
  std::string text = line(sheet.titles);
  text += std::string(line_width(widths), '-') + "\n";
  for (const Cells& row : sheet.rows) text += line(row);
  return text;
}

std::size_t text_width(const Table& table) {
  return line_width(widths_of(sheet_of(table)));
}

std::string to_html(const Table& table) {
  const Sheet sheet = sheet_of(table);
  std::string html = "<div class=\"scroll\"><table>\n";
  const auto line = [&](const Cells& cells, const char* tag) {
    html += "<tr>";
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const bool left = sheet.aligns[c] == Align::left;
      html +=
          fmt::format("<{0}{1}>{2}</{0}>", tag, left ? " class=\"left\"" : "", html_text(cells[c]));
    }
    html += "</tr>\n";
  };
  line(sheet.titles, "th");
  for (const Cells& row : sheet.rows) line(row, "td");
  return html + "</table></div>\n";
}

nlohmann::ordered_json to_json(const Table& table) {
  using nlohmann::ordered_json;
  ordered_json rows = ordered_json::array();
  for (const std::vector<Cell>& cells : table.rows) {
    ordered_json row = ordered_json::object();
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string& key = table.columns[c].key;
      if (key.empty()) continue;
      ordered_json& value = row[key] = nullptr;
      if (const auto* text = std::get_if<std::string>(&cells[c])) value = *text;
      if (const auto* integer = std::get_if<std::int64_t>(&cells[c])) value = *integer;
      if (const auto* number = std::get_if<double>(&cells[c])) value = *number;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string to_csv(const Table& table) {
  std::vector<std::vector<std::string>> lines(table.rows.size() + 1);
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::string& key = table.columns[c].key;
    if (key.empty()) continue;
    lines[0].push_back(key);
    for (std::size_t r = 0; r < table.rows.size(); ++r)
      lines[r + 1].push_back(text_for_programs(table.rows[r][c]));
  }
  std::string csv;
  for (const std::vector<std::string>& line : lines) csv += app::to_csv_line(line);
  return csv;
}

}  // namespace masala::cli
