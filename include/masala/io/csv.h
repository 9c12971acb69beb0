// Comma-separated tables with a header line.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masala::io {

struct CsvTable {
  std::string path;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // as wide as columns
  std::vector<std::size_t> lines;              // where each row starts, 1-based
  std::map<std::size_t, std::size_t> ragged;  // index of a row -> its fields, where too many or few

  std::optional<std::size_t> find(std::string_view column) const;
};

// What to do with rows of another width than the header: refuse the table, or keep them padded or
// cut, and listed in `ragged`.
enum class RaggedRows { refuse, keep };

CsvTable read_csv(const std::string& path, RaggedRows ragged = RaggedRows::refuse);
// `path` names the text in messages.
CsvTable parse_csv(const std::string& text,
                   const std::string& path,
                   RaggedRows ragged = RaggedRows::refuse);

// Quotes where needed; parse_csv(to_csv(t)) has the columns and rows of t.
std::string to_csv(const CsvTable& table);
// One row or the header, with its line end.
std::string to_csv_line(const std::vector<std::string>& fields);

// Bytes up to and with the last row that is complete, that is whose line end is there.
std::size_t complete_rows_length(std::string_view csv);

}  // namespace masala::io
