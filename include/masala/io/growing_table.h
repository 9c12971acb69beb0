// A CSV that is written row by row and survives interruptions.
//
// Rows go to `<path>.partial`, each as soon as it is known; `<path>.partial.json` says what they
// were made from. complete() turns the partial file into the target. Until then the target, if it
// exists, keeps its old content. What a complete table was made from is looked for in the
// provenance that its writer puts next to it, `<path>.provenance.json`, under `origin`.
#pragma once

#include <cstddef>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace masala::io {

inline constexpr std::string_view kPartialSchema = "masala.partial/1";

// What decides the rows of a table, by name: hashes of inputs, settings.
using Origin = std::map<std::string, std::string>;

class GrowingTable {
 public:
  enum class Start {
    fresh,      // refuses a target or a partial file that exists
    overwrite,  // replaces both
    resume,     // goes on after the rows of a partial file of the same origin, if there is one
  };

  // `expected_rows`: of the complete table, with cells that are not known yet empty. To resume a
  // table of another origin, partial or complete, or with other rows, is refused. A complete table
  // whose provenance has no origin is known by its rows alone.
  GrowingTable(const std::string& path,
               std::vector<std::string> columns,
               const std::vector<std::vector<std::string>>& expected_rows,
               const Origin& origin,
               Start start);

  // Rows that an interrupted run had written. All of them where it was complete already: then
  // there is nothing to append or complete.
  const std::vector<std::vector<std::string>>& resumed() const { return resumed_; }
  bool was_complete() const { return was_complete_; }
  std::string partial_path() const { return path_ + ".partial"; }

  void append(const std::vector<std::string>& row);
  // Removes the provenance of the table that stood there before.
  void complete();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string origin_path() const { return partial_path() + ".json"; }
  std::string provenance_path() const { return path_ + ".provenance.json"; }
  void start_fresh(const Origin& origin);
  void take_partial(const std::vector<std::vector<std::string>>& expected_rows,
                    const Origin& origin);
  void take_complete(const std::vector<std::vector<std::string>>& expected_rows,
                     const Origin& origin);
  std::vector<std::vector<std::string>> read_rows(
      const std::string& path,
      const std::string& text,
      const std::vector<std::vector<std::string>>& expected_rows) const;
  void open(const char* mode);
  void write(const std::string& text);

  std::string path_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> resumed_;
  bool was_complete_ = false;
  std::unique_ptr<std::FILE, CloseFile> file_;
};

}  // namespace masala::io
