// Where a table goes row by row.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "masala/app/output.h"
#include "masala/io/growing_table.h"

namespace masala::app {

struct RowPlan {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> expected_rows;  // see io::GrowingTable
  io::Origin origin;
};

class RowSink {
 public:
  virtual ~RowSink() = default;

  // Comes first. Returns how many rows of an interrupted run are there already.
  virtual std::size_t start(const RowPlan& plan) = 0;
  virtual void append(const std::vector<std::string>& row) = 0;
  virtual void complete() = 0;  // after the last row
};

// A CSV that survives interruptions: the rows so far are in `<path>.partial`.
class FileSink : public RowSink {
 public:
  FileSink(const OutputFile& file, Existing existing) : file_(file), existing_(existing) {}

  std::size_t start(const RowPlan& plan) override;
  void append(const std::vector<std::string>& row) override { table_->append(row); }
  void complete() override;
  std::string partial_path() const { return table_->partial_path(); }

 private:
  const OutputFile& file_;
  Existing existing_;
  std::unique_ptr<io::GrowingTable> table_;
};

}  // namespace masala::app
