#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace masala::cli {
namespace {

// Columns a UTF-8 text takes on a terminal, for the characters we print.
std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// A decimal number with commas between the thousands before its point.
std::string grouped(std::string number) {
  const std::size_t first = number[0] == '-' ? 1 : 0;
  for (std::size_t at = std::min(number.find('.'), number.size()); at > first + 3; at -= 3)
    number.insert(at - 3, ",");
  return number;
}

}  // namespace

void TextTable::add_column(const std::string& title, Align align) {
  columns_.push_back({title, align});
}

void TextTable::add_row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = display_width(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[c]));
    widths.push_back(width);
  }
  return widths;
}

std::size_t TextTable::width() const {
  const std::vector<std::size_t> each = widths();
  const std::size_t gaps = each.empty() ? 0 : 2 * (each.size() - 1);
  return std::accumulate(each.begin(), each.end(), gaps);
}

std::string TextTable::str() const {
  const std::vector<std::size_t> widths = this->widths();
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string padding(widths[c] - display_width(cells[c]), ' ');
      if (c > 0) text += "  ";
      text += columns_[c].align == Align::right ? padding + cells[c] : cells[c] + padding;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
  };
  std::string text = line(titles);
  text += std::string(width(), '-') + "\n";
  for (const auto& row : rows_) text += line(row);
  return text;
}

std::string with_commas(std::int64_t value) {
  return grouped(std::to_string(value));
}

std::string with_commas(double value, int decimals) {
  return grouped(fmt::format("{:.{}f}", value, decimals));
}

int column_decimals(const std::vector<double>& values) {
  constexpr int kMostDecimals = 6;
  int decimals = 0;
  const auto show = [&](double value, int digits) {
    if (value > 0.0)
      decimals = std::max(decimals, digits - 1 - static_cast<int>(std::floor(std::log10(value))));
  };
  if (!values.empty()) {
    show(*std::max_element(values.begin(), values.end()), 4);
    show(*std::min_element(values.begin(), values.end()), 2);
  }
  return std::min(decimals, kMostDecimals);
}

std::string significant(double value) {
  return fmt::format("{:.4g}", value);
}

std::string seconds_text(double seconds) {
  if (seconds < 60.0) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

std::optional<std::size_t> terminal_columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

}  // namespace masala::cli
