#include "masala/io/csv.h"

#include <algorithm>
#include <limits>
#include <set>

#include <csv.h>
#include <fmt/format.h>

#include "io/file.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"

namespace masala::io {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// libcsv reports fields and ends of rows but no positions, so it is fed line by line and the rows
// that end in a line started where the previous one had ended.
class CsvReader {
 public:
  explicit CsvReader(const std::string& path) : path_(path) {
    constexpr unsigned char kOptions = CSV_STRICT | CSV_STRICT_FINI;
    if (csv_init(&parser_, kOptions) != 0) throw std::runtime_error("libcsv cannot be set up");
  }
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;
  ~CsvReader() { csv_free(&parser_); }

  void read(std::string_view text) {
    for (line_ = 1; !text.empty(); ++line_) {
      const std::string_view line = text.substr(0, line_length(text));
      if (!in_row_) row_line_ = line_;
      row_ended_ = false;
      const std::size_t parsed = csv_parse(
          &parser_, line.data(), line.size(), &CsvReader::on_field, &CsvReader::on_row, this);
      if (parsed != line.size()) {
        fail(line_, "quote inside a field; expected quotes around whole fields, doubled inside");
      }
      const bool is_blank = line.find_first_not_of(" \t\r\n") == std::string_view::npos;
      in_row_ = !row_ended_ && (in_row_ || !is_blank);
      text.remove_prefix(line.size());
    }
    if (csv_fini(&parser_, &CsvReader::on_field, &CsvReader::on_row, this) != 0) {
      fail(row_line_, "quote never closed; expected a closing quote");
    }
  }

  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;

 private:
  [[noreturn]] void fail(std::size_t line, const std::string& message) const {
    throw InputError(located(path_, {line}, "", message));
  }

  // Up to and with "\n", "\r\n" or a lone "\r".
  static std::size_t line_length(std::string_view text) {
    const std::size_t end = text.find_first_of("\r\n");
    if (end == std::string_view::npos) return text.size();
    const bool is_pair = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
    return end + (is_pair ? 2 : 1);
  }

  static void on_field(void* text, std::size_t size, void* self) {
    auto* reader = static_cast<CsvReader*>(self);
    reader->row_.emplace_back(static_cast<const char*>(text), size);
  }
  static void on_row(int /*terminator*/, void* self) {
    auto* reader = static_cast<CsvReader*>(self);
    const std::size_t width = reader->row_.size();
    reader->rows.push_back(std::move(reader->row_));
    reader->lines.push_back(reader->row_line_);
    reader->row_.clear();
    reader->row_.reserve(width);
    reader->row_ended_ = true;
  }

  const std::string& path_;
  csv_parser parser_{};
  std::size_t line_ = 1;
  std::size_t row_line_ = 1;
  bool in_row_ = false;
  bool row_ended_ = false;
  std::vector<std::string> row_;
};

void check_header(const CsvTable& table, std::size_t line, Problems& problems) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string& column = table.columns[i];
    if (column.empty()) {
      problems.add(table.path, {line}, fmt::format("column {}", i + 1), "no name; expected a name");
    } else if (!seen.insert(column).second) {
      problems.add(table.path,
                   {line},
                   fmt::format("column {}", i + 1),
                   "the name " + shown(column) + " occurs twice; expected distinct names");
    }
  }
}

// A table that other programs separated otherwise has one column, however many it was to have.
void check_separator(const CsvTable& table, std::size_t line) {
  if (table.columns.size() != 1) return;
  const std::pair<char, const char*> others[] = {{';', "';'"}, {'\t', "a tab"}};
  for (const auto& [separator, name] : others) {
    if (table.columns[0].find(separator) == std::string::npos) continue;
    throw InputError(
        located(table.path, {line}, "", fmt::format("the separator is {}; expected ','", name)));
  }
}

void check_widths(CsvTable& table, RaggedRows ragged, Problems& problems) {
  const std::size_t width = table.columns.size();
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const std::size_t found = table.rows[i].size();
    if (found == width) continue;
    if (ragged == RaggedRows::keep) {
      table.ragged[i] = found;
      table.rows[i].resize(width);
    } else {
      problems.add(table.path,
                   {table.lines[i]},
                   "",
                   fmt::format("{} fields; expected {}, as in the header", found, width));
    }
  }
}

bool needs_quotes(std::string_view field, bool is_only_field) {
  // An empty line is no row, and unquoted blanks at the ends are not part of a field.
  if (field.empty()) return is_only_field;
  // At the start of a file it would be taken for the file's own.
  if (field.substr(0, kByteOrderMark.size()) == kByteOrderMark) return true;
  return field.find_first_of(",\"\r\n") != std::string_view::npos || field.front() == ' ' ||
         field.back() == ' ' || field.front() == '\t' || field.back() == '\t';
}

void append_row(const std::vector<std::string>& row, std::string& out) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += ',';
    if (!needs_quotes(row[i], row.size() == 1)) {
      out += row[i];
      continue;
    }
    out += '"';
    for (char c : row[i]) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    out += '"';
  }
  out += '\n';
}

}  // namespace

std::optional<std::size_t> CsvTable::find(std::string_view column) const {
  const auto at = std::find(columns.begin(), columns.end(), column);
  if (at == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(at - columns.begin());
}

CsvTable parse_csv(const std::string& text, const std::string& path, RaggedRows ragged) {
  require_text(text, path);
  std::string_view content = text;
  if (content.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    content.remove_prefix(kByteOrderMark.size());
  }
  CsvReader reader(path);
  reader.read(content);
  if (reader.rows.empty()) {
    throw InputError(located(path, {1}, "", "empty; expected a header and at least one row"));
  }
  CsvTable table;
  table.path = path;
  table.columns = std::move(reader.rows.front());
  const std::size_t header_line = reader.lines.front();
  reader.rows.erase(reader.rows.begin());
  reader.lines.erase(reader.lines.begin());
  table.rows = std::move(reader.rows);
  table.lines = std::move(reader.lines);

  check_separator(table, header_line);
  Problems problems;
  check_header(table, header_line, problems);
  problems.throw_if_any();
  if (table.rows.empty()) {
    throw InputError(located(path, {header_line}, "", "no rows; expected at least one"));
  }
  check_widths(table, ragged, problems);
  problems.throw_if_any();
  return table;
}

CsvTable read_csv(const std::string& path, RaggedRows ragged) {
  return parse_csv(read_file(path), path, ragged);
}

std::string to_csv(const CsvTable& table) {
  std::string out;
  append_row(table.columns, out);
  for (const auto& row : table.rows) append_row(row, out);
  return out;
}

std::string to_csv_line(const std::vector<std::string>& fields) {
  std::string out;
  append_row(fields, out);
  return out;
}

std::size_t complete_rows_length(std::string_view csv) {
  std::size_t length = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    if (csv[i] == '"') is_quoted = !is_quoted;  // a doubled quote changes it twice
    if (csv[i] == '\n' && !is_quoted) length = i + 1;
  }
  return length;
}

}  // namespace masala::io
