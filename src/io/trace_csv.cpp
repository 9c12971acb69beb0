#include "masala/io/trace_csv.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/hardware_values.h"
#include "io/layer_fields.h"
#include "io/trace_columns.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"
#include "masala/targets/targets.h"

namespace masala::io {
namespace {

using model::Accelerator;
using model::Hardware;
using model::Layer;
using model::Level;

// A column that the table may lack.
struct Column {
  std::string name;
  std::optional<std::size_t> index;
};
struct SizeColumn {
  Column column;
  SizeUnit unit = SizeUnit::kib;
};

// What is wrong with a row, by column.
struct RowProblem {
  std::string column;
  std::string message;
};

// Reads the rows of one table; columns are looked up once.
class TraceReader {
 public:
  TraceReader(const CsvTable& csv, const Accelerator& accelerator, const TraceOptions& options)
      : csv_(csv),
        accelerator_(accelerator),
        options_(options),
        base_(model::default_hardware(accelerator)) {
    set_fixed_values(accelerator, options.fixed, base_);
    mapping_ = required(std::string(kMappingColumn));
    for (const LayerSize& size : kLayerSizes) {
      const std::string name = fmt::format("{}{}", kLayerColumns, size.key);
      layer_.push_back(size.is_bound() ? required(name) : optional(name));
    }
    if (options.target_column) target_ = required(*options.target_column, columns_like_cycles());
    for (const auto& parameter : accelerator.parameters) {
      parameters_.push_back(
          {optional(parameter_column(parameter)), optional(targets::trace_column(parameter.name))});
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
    read_layer(trace.layer);
    trace.hardware = read_hardware();
    if (options_.target_column) {
      trace.measured_cycles = positive_number(target_, std::numeric_limits<double>::max());
    }
    if (problems.empty()) read_mapping(trace);
    if (!problems.empty()) return std::nullopt;
    return trace;
  }

 private:
  Column optional(const std::string& name) const { return {name, csv_.find(name)}; }

  // `others`: what to say where no column has nearly this name.
  Column required(const std::string& name, const std::string& others = "") {
    const Column column = optional(name);
    if (!column.index) {
      const std::string hint = did_you_mean(name, csv_.columns);
      missing_.add(csv_.path,
                   {1},
                   name,
                   "column missing; expected it in the header" + (hint.empty() ? others : hint));
    }
    return column;
  }

  // Columns that are named after cycles and hold a number in the first row, predictions aside.
  std::string columns_like_cycles() const {
    std::vector<std::string> found;
    for (std::size_t i = 0; !csv_.rows.empty() && i < csv_.columns.size(); ++i) {
      const bool is_named = contains_but_for_case(csv_.columns[i], "cycle") &&
                            csv_.columns[i].rfind("masala.", 0) != 0;
      const auto value = parse_number(csv_.rows.front()[i]);
      if (is_named && value && *value > 0.0) found.push_back(csv_.columns[i]);
    }
    if (found.empty()) return "";
    return fmt::format(
        ", or another one by --target COLUMN or --against COLUMN (named like cycles: {})",
        fmt::join(found, ", "));
  }

  // In the order of precedence. A size is stated as words (entries) where an access moves several,
  // as rows (depth) where it moves one.
  std::vector<SizeColumn> size_columns(int l) const {
    const Level& level = accelerator_.levels[static_cast<std::size_t>(l)];
    if (!level.is_sized()) return {};
    const auto column = [&](SizeUnit unit) {
      return SizeColumn{optional(size_column(accelerator_, l, unit)), unit};
    };
    const bool moves_several = level.block_words.parameter >= 0 || level.block_words.factor > 1.0;
    return {column(SizeUnit::kib),
            column(moves_several ? SizeUnit::entries : SizeUnit::depth),
            column(moves_several ? SizeUnit::depth : SizeUnit::entries)};
  }

  // Empty where the column is missing or the cell is.
  std::string_view cell(const Column& column) const {
    return column.index ? std::string_view((*cells_)[*column.index]) : std::string_view();
  }

  void fail(const Column& column, std::string message) {
    problems_->push_back({column.name, std::move(message)});
  }
  void expected(const Column& column, const std::string& what) {
    const std::string_view text = cell(column);
    fail(column, (text.empty() ? "empty" : "got " + shown(text)) + "; expected " + what);
  }

  std::int64_t integer(const Column& column, std::int64_t max) {
    const auto value = parse_integer(cell(column));
    if (value && *value >= 1 && *value <= max) return *value;
    expected(column, fmt::format("an integer from 1 to {}", max));
    return 1;
  }

  std::optional<double> positive_number(const Column& column, double max) {
    const auto value = parse_number(cell(column));
    if (value && *value > 0.0 && *value <= max) return value;
    const bool is_limited = max < std::numeric_limits<double>::max();
    expected(column,
             is_limited ? fmt::format("a number > 0, at most {:.0f}", max) : "a number > 0");
    return std::nullopt;
  }

  void read_layer(Layer& layer) {
    for (std::size_t i = 0; i < layer_.size(); ++i) {
      const LayerSize& size = kLayerSizes[i];
      if (!size.is_bound() && cell(layer_[i]).empty()) continue;
      size(layer) = integer(layer_[i], model::kMaxBound);
    }
    if (!problems_->empty()) return;
    for (std::string& problem : model::problems(layer)) {
      problems_->push_back({"prob", std::move(problem)});
    }
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

  void read_mapping(TraceRow& trace) {
    model::ParsedMapping parsed = model::parse_mapping(cell(mapping_), accelerator_);
    trace.mapping = parsed.mapping;
    if (parsed.problems.empty()) {
      Hardware checked = trace.hardware;
      set_fixed_values(accelerator_, options_.checked_with, checked);
      const model::Machine machine = model::resolve(accelerator_, checked);
      parsed.problems =
          model::problems(trace.mapping, trace.layer, accelerator_, machine, options_.factors);
    }
    for (std::string& problem : parsed.problems) fail(mapping_, std::move(problem));
  }

  const CsvTable& csv_;
  const Accelerator& accelerator_;
  const TraceOptions& options_;
  Hardware base_;
  Problems missing_;
  Column mapping_;
  std::vector<Column> layer_;  // of kLayerSizes
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
      problems.add(table.csv.path, {table.csv.lines[i]}, problem.column, problem.message);
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

std::vector<FieldDescription> describe_traces() {
  const std::string size = integer_type(1, model::kMaxBound);
  const std::string value = integer_type(1, kMaxHardwareValue);
  const std::string words = integer_type(1, kMaxWords);
  const std::string other = "`--fix`, or the accelerator's default";
  std::vector<FieldDescription> columns = {
      {std::string(kMappingColumn), "text", "required", "[mapping text](#mapping-text)"}};
  for (const LayerSize& column : kLayerSizes) {
    columns.push_back({fmt::format("{}{}", kLayerColumns, column.key),
                       size,
                       column.is_bound() ? "required" : "`1`",
                       column.meaning});
  }
  const FieldDescription hardware[] = {
      {"arch.<parameter>", value, other, "value of a parameter"},
      {"arch.meshX", value, other, "in Gemmini's tables, the width of the array"},
      {"arch.<level>_kib", "number > 0", other, "size of a sized level, all instances together"},
      {"arch.mem<l>_entries",
       words,
       other,
       "the same in words of one instance; `l` counts levels from 0, innermost"},
      {"arch.mem<l>_depth",
       words,
       other,
       "the same in rows of `block_words` words of one instance"},
  };
  columns.insert(columns.end(), std::begin(hardware), std::end(hardware));
  return columns;
}

}  // namespace masala::io
