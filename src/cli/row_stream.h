// Rows to where the flags say: a file that survives interruptions, stdout or a pipe, or JSON.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/arguments.h"
#include "masala/app/row_sink.h"

namespace masala::cli {

class RowOutput {
 public:
  RowOutput(const CommonFlags& flags, bool resume);
  RowOutput(const RowOutput&) = delete;
  RowOutput& operator=(const RowOutput&) = delete;
  ~RowOutput();

  app::RowSink& sink() { return *sink_; }
  // The file that it goes to; null for stdout.
  const app::OutputFile* file() const { return file_ ? &*file_ : nullptr; }
  // Keeps the rows so far; returns what to tell the user about them.
  std::string interrupt();

 private:
  std::optional<app::OutputFile> file_;
  std::unique_ptr<app::RowSink> sink_;
};

}  // namespace masala::cli
