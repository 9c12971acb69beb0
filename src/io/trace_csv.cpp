#include "masala/io/trace_csv.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/hardware_values.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"
#include "masala/targets/targets.h"

namespace masala::io {
namespace {

using model::Accelerator;
using model::Dim;
using model::Hardware;
using model::Layer;
using model::Level;

constexpr std::int64_t kMaxWords = std::int64_t{1} << 40;
constexpr std::string_view kMappingColumn = "mapping.mapping";

// A column that the table may lack.
struct Column {
  std::string name;
  std::optional<std::size_t> index;
};

// How a column states the size of a level.
enum class SizeUnit { kib, entries, depth };
struct SizeColumn {
  Column column;
  SizeUnit unit = SizeUnit::kib;
};

// What is wrong with a row, by column.
struct RowProblem {
  std::string column;
  std::string message;
};

bool holds_several_words(const model::Scaled& block) {
  return block.parameter >= 0 || block.factor > 1.0;
}

// Reads the rows of one table; columns are looked up once.
class TraceReader {
 public:
  TraceReader(const CsvTable& csv, const Accelerator& accelerator, const TraceOptions& options)
      : csv_(csv), accelerator_(accelerator), options_(options), base_(base_hardware()) {
    mapping_ = required(std::string(kMappingColumn));
    for (Dim dim : model::kAllDims) {
      bounds_[dim] = required("prob." + std::string(model::name(dim)));
    }
    for (const Extent& extent : kExtents) extents_.push_back(optional(extent.column));
    if (options.target_column) target_ = required_target(*options.target_column);
    for (const auto& parameter : accelerator.parameters) {
      // The name that measured tables give the array's width.
      const std::string column = "arch." + parameter.name;
      const std::string alias = targets::trace_column(parameter.name);
      parameters_.push_back({optional(column), optional(alias == column ? "" : alias)});
    }
    for (int l = 0; l < accelerator.num_levels(); ++l) sizes_.push_back(size_columns(l));
    missing_.throw_if_any();
  }

  std::optional<TraceRow> read(std::size_t row, std::vector<RowProblem>& problems) {
    cells_ = &csv_.rows[row];
    problems_ = &problems;
    if (const auto ragged = csv_.ragged.find(row); ragged != csv_.ragged.end()) {
      problems.push_back(
          {"",
           fmt::format(
               "{} fields; expected {}, as in the header", ragged->second, csv_.columns.size())});
      return std::nullopt;
    }
    TraceRow trace;
    trace.line = csv_.lines[row];
    trace.layer = read_layer();
    trace.hardware = read_hardware();
    if (options_.target_column) trace.measured_cycles = read_measured();
    if (problems.empty()) read_mapping(trace);
    if (!problems.empty()) return std::nullopt;
    return trace;
  }

 private:
  // Columns of a layer beside its bounds: 1 where missing.
  struct Extent {
    const char* column;
    std::int64_t Layer::*member;
  };
  static constexpr Extent kExtents[] = {
      {"prob.Wstride", &Layer::stride_w},
      {"prob.Hstride", &Layer::stride_h},
      {"prob.Wdilation", &Layer::dilation_w},
      {"prob.Hdilation", &Layer::dilation_h},
      {"prob.groups", &Layer::groups},
  };

  Hardware base_hardware() const {
    Hardware hardware = model::default_hardware(accelerator_);
    set_fixed_values(accelerator_, options_.fixed, hardware);
    return hardware;
  }

  Column optional(const std::string& name) const {
    return {name, name.empty() ? std::nullopt : csv_.find(name)};
  }

  Column required(const std::string& name) {
    const Column column = optional(name);
    if (!column.index) {
      missing_.add(csv_.path,
                   1,
                   0,
                   name,
                   "column missing; expected it in the header" + did_you_mean(name, csv_.columns));
    }
    return column;
  }

  Column required_target(const std::string& name) {
    const Column column = optional(name);
    if (column.index) return column;
    std::string hint = did_you_mean(name, csv_.columns);
    if (const auto others = columns_like_cycles(); hint.empty() && !others.empty()) {
      hint = fmt::format(
          ", or another one by --target COLUMN or --against COLUMN (named like "
          "cycles: {})",
          fmt::join(others, ", "));
    }
    missing_.add(csv_.path, 1, 0, name, "column missing; expected it in the header" + hint);
    return column;
  }

  // Columns that are named after cycles and hold a number in the first row, predictions aside.
  std::vector<std::string> columns_like_cycles() const {
    std::vector<std::string> found;
    if (csv_.rows.empty()) return found;
    for (std::size_t i = 0; i < csv_.columns.size(); ++i) {
      const bool is_named = contains_but_for_case(csv_.columns[i], "cycle") &&
                            csv_.columns[i].rfind("masala.", 0) != 0;
      const auto value = parse_number(csv_.rows.front()[i]);
      if (is_named && value && *value > 0.0) found.push_back(csv_.columns[i]);
    }
    return found;
  }

  // In the order of precedence. A size is stated as words (entries) where an access moves several,
  // as rows (depth) where it moves one.
  std::vector<SizeColumn> size_columns(int l) const {
    const Level& level = accelerator_.levels[static_cast<std::size_t>(l)];
    if (!level.is_sized()) return {};
    const SizeColumn kib{optional("arch." + level.name + "_kib"), SizeUnit::kib};
    const SizeColumn entries{optional(fmt::format("arch.mem{}_entries", l)), SizeUnit::entries};
    const SizeColumn depth{optional(fmt::format("arch.mem{}_depth", l)), SizeUnit::depth};
    if (holds_several_words(level.block_words)) return {kib, entries, depth};
    return {kib, depth, entries};
  }

  // Empty where the column is missing or the cell is.
  std::string_view cell(const Column& column) const {
    return column.index ? std::string_view((*cells_)[*column.index]) : std::string_view();
  }

  void fail(const Column& column, std::string message) {
    problems_->push_back({column.name, std::move(message)});
  }

  std::int64_t integer(const Column& column, std::int64_t max) {
    const std::string_view text = cell(column);
    const auto value = parse_integer(text);
    if (value && *value >= 1 && *value <= max) return *value;
    const std::string got = text.empty() ? "empty" : "got " + shown(text);
    fail(column, fmt::format("{}; expected an integer from 1 to {}", got, max));
    return 1;
  }

  std::optional<double> positive_number(const Column& column, double max) {
    const std::string_view text = cell(column);
    const auto value = parse_number(text);
    if (value && *value > 0.0 && *value <= max) return value;
    const std::string got = text.empty() ? "empty" : "got " + shown(text);
    const bool is_limited = max < std::numeric_limits<double>::max();
    fail(
        column,
        got + "; expected a number > 0" + (is_limited ? fmt::format(", at most {:.0f}", max) : ""));
    return std::nullopt;
  }

  Layer read_layer() {
    Layer layer;
    for (Dim dim : model::kAllDims) layer.bounds[dim] = integer(bounds_[dim], model::kMaxBound);
    for (std::size_t i = 0; i < extents_.size(); ++i) {
      if (!cell(extents_[i]).empty()) {
        layer.*kExtents[i].member = integer(extents_[i], model::kMaxBound);
      }
    }
    if (!problems_->empty()) return layer;
    for (std::string& problem : model::problems(layer)) {
      problems_->push_back({"prob", std::move(problem)});
    }
    return layer;
  }

  Hardware read_hardware() {
    Hardware hardware = base_;
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
      for (const Column& column : parameters_[p]) {
        if (cell(column).empty()) continue;
        hardware.parameters[p] = integer(column, kMaxHardwareValue);
        break;
      }
    }
    for (std::size_t l = 0; l < sizes_.size(); ++l) {
      for (const SizeColumn& size : sizes_[l]) {
        if (cell(size.column).empty()) continue;
        hardware.kib[l] = read_kib(size, accelerator_.levels[l], hardware);
        break;
      }
    }
    return hardware;
  }

  // KiB of all instances together; the columns in words are per instance.
  double read_kib(const SizeColumn& size, const Level& level, const Hardware& hardware) {
    constexpr auto kMaxKib = static_cast<double>(kMaxHardwareValue);
    if (size.unit == SizeUnit::kib) return positive_number(size.column, kMaxKib).value_or(1.0);
    double words = static_cast<double>(integer(size.column, kMaxWords));
    if (size.unit == SizeUnit::depth) words *= level.block_words.value(hardware.parameters);
    const double kib =
        words * level.word_bits / 8.0 * level.instances.value(hardware.parameters) / 1024.0;
    if (kib <= kMaxKib) return kib;
    fail(size.column,
         fmt::format("{} KiB in all instances; expected at most {:.0f}", kib, kMaxKib));
    return 1.0;
  }

  std::optional<double> read_measured() {
    return positive_number(target_, std::numeric_limits<double>::max());
  }

  void read_mapping(TraceRow& trace) {
    model::ParsedMapping parsed = model::parse_mapping(cell(mapping_), accelerator_);
    for (std::string& problem : parsed.problems) fail(mapping_, std::move(problem));
    if (!parsed.problems.empty()) return;
    trace.mapping = parsed.mapping;
    Hardware checked = trace.hardware;
    set_fixed_values(accelerator_, options_.checked_with, checked);
    const model::Machine machine = model::resolve(accelerator_, checked);
    for (std::string& problem :
         model::problems(trace.mapping, trace.layer, accelerator_, machine, options_.factors)) {
      fail(mapping_, std::move(problem));
    }
  }

  const CsvTable& csv_;
  const Accelerator& accelerator_;
  const TraceOptions& options_;
  Hardware base_;
  Problems missing_;
  Column mapping_;
  model::PerDim<Column> bounds_;
  std::vector<Column> extents_;
  Column target_;
  std::vector<std::array<Column, 2>> parameters_;
  std::vector<std::vector<SizeColumn>> sizes_;

  // Of the row being read.
  const std::vector<std::string>* cells_ = nullptr;
  std::vector<RowProblem>* problems_ = nullptr;
};

std::string note_of(const std::vector<RowProblem>& problems) {
  std::string note;
  for (const RowProblem& problem : problems) {
    if (!note.empty()) note += " | ";
    note += problem.column.empty() ? problem.message : problem.column + ": " + problem.message;
  }
  return note;
}

}  // namespace

std::size_t TraceTable::num_valid() const {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.has_value(); }));
}

TraceTable parse_traces(CsvTable csv, const Accelerator& accelerator, const TraceOptions& options) {
  TraceTable table;
  table.csv = std::move(csv);
  TraceReader reader(table.csv, accelerator, options);
  Problems problems;
  std::vector<RowProblem> row_problems;
  std::size_t bad_rows = 0;
  table.rows.reserve(table.csv.rows.size());
  table.notes.reserve(table.csv.rows.size());
  for (std::size_t i = 0; i < table.csv.rows.size(); ++i) {
    row_problems.clear();
    table.rows.push_back(reader.read(i, row_problems));
    table.notes.push_back(note_of(row_problems));
    if (row_problems.empty()) continue;
    ++bad_rows;
    for (const RowProblem& problem : row_problems) {
      problems.add(table.csv.path, table.csv.lines[i], 0, problem.column, problem.message);
    }
  }
  if (!options.skip_invalid) {
    problems.throw_if_any(
        fmt::format("{}: {} of {} rows bad, none loaded; expected valid rows, or --skip-invalid",
                    table.csv.path,
                    bad_rows,
                    table.csv.rows.size()));
  }
  return table;
}

TraceTable read_traces(const std::string& path,
                       const Accelerator& accelerator,
                       const TraceOptions& options) {
  const RaggedRows ragged = options.skip_invalid ? RaggedRows::keep : RaggedRows::refuse;
  return parse_traces(read_csv(path, ragged), accelerator, options);
}

}  // namespace masala::io
