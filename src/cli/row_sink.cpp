#include "cli/row_sink.h"

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "cli/table_json.h"
#include "io/csv.h"
#include "io/file.h"
#include "io/input_error.h"

namespace masala::cli {
namespace {

using Row = std::vector<std::string>;

class FileSink : public RowSink {
 public:
  FileSink(const CommonFlags& flags, const SinkRequest& request)
      : table_(*flags.output,
               request.columns,
               request.expected_rows,
               request.origin,
               start(flags, request)) {}

  std::size_t resumed() const override { return table_.resumed().size(); }
  bool was_complete() const override { return table_.was_complete(); }
  void append(const Row& row) override { table_.append(row); }
  void complete() override { table_.complete(); }
  std::string interrupt() override {
    return fmt::format("the finished rows are in {}; the same command with --resume goes on",
                       table_.partial_path());
  }

 private:
  using Start = io::GrowingTable::Start;
  static Start start(const CommonFlags& flags, const SinkRequest& request) {
    if (request.resume) return Start::resume;
    return flags.force ? Start::overwrite : Start::fresh;
  }

  io::GrowingTable table_;
};

// Stdout, or a pipe or device.
class StreamSink : public RowSink {
 public:
  StreamSink(std::FILE* stream, const std::string& name, const Row& columns)
      : stream_(stream), name_(name) {
    append(columns);
  }
  StreamSink(const StreamSink&) = delete;
  StreamSink& operator=(const StreamSink&) = delete;
  ~StreamSink() override {
    if (stream_ != stdout) std::fclose(stream_);
  }

  // Flushed, so that whatever reads it has every finished row.
  void append(const Row& row) override {
    const std::string line = io::to_csv_line(row);
    if (std::fwrite(line.data(), 1, line.size(), stream_) == line.size() &&
        std::fflush(stream_) == 0) {
      return;
    }
    throw io::InputError(name_ + ": cannot write; expected a writable stream");
  }

 private:
  std::FILE* stream_;
  std::string name_;
};

class JsonSink : public RowSink {
 public:
  JsonSink(const CommonFlags& flags, const Row& columns) : output_(flags.output) {
    if (output_) io::ensure_new_file(*output_, flags.force);
    table_.columns = columns;
  }

  void append(const Row& row) override { table_.rows.push_back(row); }
  void complete() override {
    const std::string text = table_json(table_);
    if (output_) {
      io::write_file_atomically(*output_, text);
    } else {
      fmt::print("{}", text);
    }
  }
  std::string interrupt() override {
    complete();
    return RowSink::interrupt();
  }

 private:
  std::optional<std::string> output_;
  io::CsvTable table_;
};

}  // namespace

std::unique_ptr<RowSink> make_row_sink(const CommonFlags& flags, const SinkRequest& request) {
  if (flags.format == Format::json) return std::make_unique<JsonSink>(flags, request.columns);
  if (!flags.output) return std::make_unique<StreamSink>(stdout, "stdout", request.columns);
  std::error_code ignored;
  const auto status = std::filesystem::status(*flags.output, ignored);
  const bool is_stream = std::filesystem::exists(status) &&
                         !std::filesystem::is_regular_file(status) &&
                         !std::filesystem::is_directory(status);
  if (!is_stream) return std::make_unique<FileSink>(flags, request);
  std::FILE* stream = std::fopen(flags.output->c_str(), "w");
  if (stream == nullptr) {
    throw io::InputError(*flags.output + ": cannot write; expected a writable stream");
  }
  return std::make_unique<StreamSink>(stream, *flags.output, request.columns);
}

}  // namespace masala::cli
