// Where a table goes row by row: stdout, a file that survives interruptions, a pipe, or JSON.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "io/growing_table.h"

namespace masala::cli {

class RowSink {
 public:
  virtual ~RowSink() = default;

  // Rows of an interrupted run, which are there already.
  virtual std::size_t resumed() const { return 0; }
  virtual bool was_complete() const { return false; }

  virtual void append(const std::vector<std::string>& row) = 0;
  virtual void complete() {}
  // Keeps the rows so far; returns what to tell the user about them.
  virtual std::string interrupt() { return "the finished rows were written"; }
};

struct SinkRequest {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> expected_rows;  // see io::GrowingTable
  io::Origin origin;
  bool resume = false;
};

std::unique_ptr<RowSink> make_row_sink(const CommonFlags& flags, const SinkRequest& request);

}  // namespace masala::cli
