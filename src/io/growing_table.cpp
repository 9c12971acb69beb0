#include "io/growing_table.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "io/csv.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/text.h"

namespace masala::io {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<std::string>>;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

[[noreturn]] void fail_writing(const std::string& path, int error) {
  throw InputError(
      fmt::format("{}: cannot write: {}; expected a writable path, the finished rows "
                  "are kept",
                  path,
                  std::strerror(error)));
}

bool is_row_of(const std::vector<std::string>& row, const std::vector<std::string>& expected) {
  return std::equal(row.begin(),
                    row.end(),
                    expected.begin(),
                    expected.end(),
                    [](const std::string& cell, const std::string& known) {
                      return known.empty() || cell == known;
                    });
}

constexpr const char* kOtherwise = "; expected the table of this run, or --force to start anew";

}  // namespace

GrowingTable::GrowingTable(const std::string& path,
                           std::vector<std::string> columns,
                           const Rows& expected_rows,
                           const Origin& origin,
                           Start start)
    : path_(path), columns_(std::move(columns)) {
  ensure_new_file(path, start != Start::fresh);
  const bool has_partial = exists(partial_path());
  if (start == Start::fresh && has_partial) {
    throw InputError(partial_path() +
                     ": exists, of an interrupted run; expected --resume to go on with it, or "
                     "--force to start anew");
  }
  if (start == Start::resume && (has_partial || exists(path))) {
    go_on(expected_rows, origin);
  } else {
    start_fresh(origin);
  }
}

void GrowingTable::go_on(const Rows& expected_rows, const Origin& origin) {
  if (!exists(partial_path())) {
    const std::string text = read_file(path_);
    resumed_ = read_rows(path_, text, expected_rows);
    was_complete_ =
        resumed_.size() == expected_rows.size() && complete_rows_length(text) == text.size();
    if (was_complete_) return;
    throw InputError(path_ + ": exists, without a partial file; expected the table of this run" +
                     ", or --force to replace it");
  }
  check_origin(origin);
  const std::string text = read_file(partial_path());
  const std::size_t length = complete_rows_length(text);
  if (length == 0) return start_fresh(origin);
  resumed_ = read_rows(partial_path(), text.substr(0, length), expected_rows);
  std::error_code error;
  fs::resize_file(partial_path(), length, error);
  if (error) fail_writing(partial_path(), error.value());
  open("ab");
}

void GrowingTable::start_fresh(const Origin& origin) {
  nlohmann::ordered_json json;
  json["schema"] = kPartialSchema;
  json["made_from"] = origin;
  write_file_atomically(origin_path(), json.dump(2) + "\n");
  open("wb");
  write(to_csv_line(columns_));
}

void GrowingTable::check_origin(const Origin& origin) const {
  nlohmann::json json;
  constexpr bool kThrows = false;
  if (exists(origin_path()))
    json = nlohmann::json::parse(read_file(origin_path()), nullptr, kThrows);
  if (!json.is_object() || json.value("schema", "") != kPartialSchema ||
      !json["made_from"].is_object()) {
    throw InputError(
        fmt::format("{}: missing or damaged; expected it next to the partial table, "
                    "or --force to start anew",
                    origin_path()));
  }
  for (const auto& [key, value] : origin) {
    const auto& before = json["made_from"][key];
    if (before == value) continue;
    throw InputError(fmt::format(
        "{}: made_from.{}: got {}; expected {} as in this run, or --force to start anew",
        origin_path(),
        key,
        before.is_string() ? shown(before.get<std::string>()) : before.dump(),
        shown(value)));
  }
}

// The rows of an earlier run, if they are rows of this one.
Rows GrowingTable::read_rows(const std::string& path,
                             const std::string& text,
                             const Rows& expected_rows) const {
  const std::string header = to_csv_line(columns_);
  if (text.compare(0, header.size(), header) != 0) {
    throw InputError(located(path, 1, 0, "", std::string("another header") + kOtherwise));
  }
  if (text.size() == header.size()) return {};
  CsvTable table = parse_csv(text, path);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (i < expected_rows.size() && is_row_of(table.rows[i], expected_rows[i])) continue;
    throw InputError(
        located(path, table.lines[i], 0, "", std::string("a row of another input") + kOtherwise));
  }
  return std::move(table.rows);
}

void GrowingTable::open(const char* mode) {
  file_.reset(std::fopen(partial_path().c_str(), mode));
  if (!file_) fail_writing(partial_path(), errno);
}

void GrowingTable::write(const std::string& text) {
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() &&
                          std::fflush(file_.get()) == 0;
  if (!is_written) fail_writing(partial_path(), errno);
}

void GrowingTable::append(const std::vector<std::string>& row) {
  write(to_csv_line(row));
}

void GrowingTable::complete() {
  ::fsync(::fileno(file_.get()));  // best effort: not every file system can
  file_.reset();
  std::error_code error;
  fs::rename(partial_path(), path_, error);
  if (error) fail_writing(path_, error.value());
  fs::remove(origin_path(), error);
}

}  // namespace masala::io
