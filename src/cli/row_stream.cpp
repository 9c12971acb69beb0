#include "cli/row_stream.h"

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/table.h"
#include "masala/app/user_text.h"

namespace masala::cli {
namespace {

using Row = std::vector<std::string>;

// Stdout, or a pipe or device.
class StreamSink : public app::RowSink {
 public:
  // An empty name: stdout.
  explicit StreamSink(const std::string& name) : name_(name.empty() ? "stdout" : name) {
    if (!name.empty()) stream_ = std::fopen(name.c_str(), "w");
    if (stream_ == nullptr) fail();
  }
  StreamSink(const StreamSink&) = delete;
  StreamSink& operator=(const StreamSink&) = delete;
  ~StreamSink() override {
    if (stream_ != stdout) std::fclose(stream_);
  }

  std::size_t start(const app::RowPlan& plan) override {
    append(plan.columns);
    return 0;
  }
  // Flushed, so that whatever reads it has every finished row.
  void append(const Row& row) override {
    const std::string line = app::to_csv_line(row);
    const bool is_written = std::fwrite(line.data(), 1, line.size(), stream_) == line.size() &&
                            std::fflush(stream_) == 0;
    if (!is_written) fail();
  }
  void complete() override {}

 private:
  [[noreturn]] void fail() const {
    throw app::InputError(name_ + ": cannot write; expected a writable stream");
  }

  std::FILE* stream_ = stdout;
  std::string name_;
};

// All at the end, as JSON: to the file, or to stdout.
class JsonSink : public app::RowSink {
 public:
  explicit JsonSink(const app::OutputFile* file) : file_(file) {}

  std::size_t start(const app::RowPlan& plan) override {
    columns_ = plan.columns;
    return 0;
  }
  void append(const Row& row) override { rows_.push_back(row); }
  void complete() override {
    const std::string text = to_json(table_of(columns_, rows_)).dump(2) + "\n";
    if (file_ != nullptr) {
      file_->write(text);
    } else {
      fmt::print("{}", text);
    }
  }

 private:
  const app::OutputFile* file_;
  Row columns_;
  std::vector<Row> rows_;
};

bool is_stream(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
         !std::filesystem::is_directory(status);
}

app::Existing existing_of(const CommonFlags& flags, bool resume) {
  return resume ? app::Existing::resume : flags.existing();
}

}  // namespace

RowOutput::RowOutput(const CommonFlags& flags, bool resume) {
  if (flags.output) file_.emplace(*flags.output, existing_of(flags, resume));
  if (flags.json()) {
    sink_ = std::make_unique<JsonSink>(file());
  } else if (!flags.output) {
    sink_ = std::make_unique<StreamSink>("");
  } else if (is_stream(*flags.output)) {
    sink_ = std::make_unique<StreamSink>(*flags.output);
  } else {
    sink_ = std::make_unique<app::FileSink>(*file_, existing_of(flags, resume));
  }
}

RowOutput::~RowOutput() = default;

std::string RowOutput::interrupt() {
  if (const auto* growing = dynamic_cast<app::FileSink*>(sink_.get())) {
    return fmt::format("the finished rows are in {}; the same command with --resume goes on",
                       growing->partial_path());
  }
  if (dynamic_cast<JsonSink*>(sink_.get()) != nullptr) sink_->complete();
  return "the finished rows were written";
}

}  // namespace masala::cli
