#include "masala/io/growing_table.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "io/file.h"
#include "masala/io/csv.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"

namespace masala::io {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<std::string>>;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

[[noreturn]] void fail_growing(const std::string& path, int error) {
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
constexpr const char* kMadeFrom = "made_from";  // in the file next to a partial table
constexpr const char* kOrigin = "origin";       // in the provenance of a complete one

// The content of a file of JSON, where it has one.
std::optional<nlohmann::json> read_object(const std::string& path) {
  constexpr bool kThrows = false;
  if (!exists(path)) return std::nullopt;
  nlohmann::json json = nlohmann::json::parse(read_file(path), nullptr, kThrows);
  if (!json.is_object()) return std::nullopt;
  return json;
}

std::string shown_value(const nlohmann::json& origin, const std::string& key) {
  if (!origin.contains(key)) return "nothing";
  return origin[key].is_string() ? shown(origin[key].get<std::string>()) : origin[key].dump();
}

// Reports every setting and input that differs from those of this run.
void check_origin(const std::string& path,
                  const std::string& key,
                  const nlohmann::json& before,
                  const Origin& now) {
  Problems problems;
  const nlohmann::json expected = now;
  nlohmann::json all = before;
  all.update(expected);
  for (const auto& entry : all.items()) {
    const std::string& name = entry.key();
    if (before.contains(name) && expected.contains(name) && before[name] == expected[name])
      continue;
    problems.add(path,
                 {},
                 key + "." + name,
                 fmt::format("got {}; expected {} as in this run, or --force to start anew",
                             shown_value(before, name),
                             shown_value(expected, name)));
  }
  problems.throw_if_any();
}

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
  if (start == Start::resume && has_partial) {
    take_partial(expected_rows, origin);
  } else if (start == Start::resume && exists(path)) {
    take_complete(expected_rows, origin);
  } else {
    start_fresh(origin);
  }
}

void GrowingTable::take_complete(const Rows& expected_rows, const Origin& origin) {
  const auto provenance = read_object(provenance_path());
  if (provenance && provenance->contains(kOrigin) && (*provenance)[kOrigin].is_object()) {
    check_origin(provenance_path(), kOrigin, (*provenance)[kOrigin], origin);
  }
  const std::string text = read_file(path_);
  resumed_ = read_rows(path_, text, expected_rows);
  was_complete_ =
      resumed_.size() == expected_rows.size() && complete_rows_length(text) == text.size();
  if (was_complete_) return;
  throw InputError(path_ + ": exists, without a partial file; expected the table of this run" +
                   ", or --force to replace it");
}

void GrowingTable::take_partial(const Rows& expected_rows, const Origin& origin) {
  const auto written = read_object(origin_path());
  const bool is_sound = written && written->contains("schema") &&
                        (*written)["schema"] == kPartialSchema && written->contains(kMadeFrom) &&
                        (*written)[kMadeFrom].is_object();
  if (!is_sound) {
    throw InputError(
        fmt::format("{}: missing or damaged; expected it next to the partial table, "
                    "or --force to start anew",
                    origin_path()));
  }
  check_origin(origin_path(), kMadeFrom, (*written)[kMadeFrom], origin);
  const std::string text = read_file(partial_path());
  const std::size_t length = complete_rows_length(text);
  if (length == 0) return start_fresh(origin);
  resumed_ = read_rows(partial_path(), text.substr(0, length), expected_rows);
  std::error_code error;
  fs::resize_file(partial_path(), length, error);
  if (error) fail_growing(partial_path(), error.value());
  open("ab");
}

void GrowingTable::start_fresh(const Origin& origin) {
  nlohmann::ordered_json json;
  json["schema"] = kPartialSchema;
  json[kMadeFrom] = origin;
  write_file_atomically(origin_path(), json.dump(2) + "\n");
  open("wb");
  write(to_csv_line(columns_));
}

// The rows of an earlier run, if they are rows of this one.
Rows GrowingTable::read_rows(const std::string& path,
                             const std::string& text,
                             const Rows& expected_rows) const {
  const std::string header = to_csv_line(columns_);
  if (text.compare(0, header.size(), header) != 0) {
    throw InputError(located(path, {1}, "", std::string("another header") + kOtherwise));
  }
  if (text.size() == header.size()) return {};
  CsvTable table;
  try {
    table = parse_csv(text, path);
  } catch (const InputError& error) {
    throw InputError(std::string(error.what()) + "\n" + path + ": damaged" + kOtherwise);
  }
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (i < expected_rows.size() && is_row_of(table.rows[i], expected_rows[i])) continue;
    throw InputError(
        located(path, {table.lines[i]}, "", std::string("a row of another input") + kOtherwise));
  }
  return std::move(table.rows);
}

void GrowingTable::open(const char* mode) {
  file_.reset(std::fopen(partial_path().c_str(), mode));
  if (!file_) fail_growing(partial_path(), errno);
}

void GrowingTable::write(const std::string& text) {
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() &&
                          std::fflush(file_.get()) == 0;
  if (!is_written) fail_growing(partial_path(), errno);
}

void GrowingTable::append(const std::vector<std::string>& row) {
  write(to_csv_line(row));
}

void GrowingTable::complete() {
  ::fsync(::fileno(file_.get()));  // best effort: not every file system can
  file_.reset();
  std::error_code error;
  fs::remove(provenance_path(), error);
  fs::rename(partial_path(), path_, error);
  if (error) fail_growing(path_, error.value());
  fs::remove(origin_path(), error);
}

}  // namespace masala::io
