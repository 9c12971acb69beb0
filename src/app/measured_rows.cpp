#include "app/measured_rows.h"

#include <fmt/format.h>

#include "app/trace_program.h"
#include "io/input_error.h"

namespace masala::app {
namespace {

constexpr const char* kMappingColumn = "mapping.mapping";

std::string joined(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : " | ") + problem;
  return text;
}

}  // namespace

std::vector<model::FixedValue> measured_sizes(const model::Accelerator& accelerator,
                                              simulator::ProgramKind program) {
  std::vector<model::FixedValue> sizes;
  if (program == simulator::ProgramKind::measured && accelerator.program) {
    for (const auto& [key, value] : accelerator.program->measured_hardware)
      sizes.push_back({key, value});
  }
  return sizes;
}

void check_program(const model::Accelerator& accelerator,
                   simulator::ProgramKind program,
                   bool skip_invalid,
                   io::TraceTable& traces) {
  io::Problems problems;
  std::size_t bad_rows = 0;
  for (std::size_t i = 0; i < traces.rows.size(); ++i) {
    if (!traces.rows[i]) continue;
    const io::TraceRow& row = *traces.rows[i];
    const auto why = learned::row_problems(
        {row.line, row.layer, row.mapping, row.hardware, 0.0}, accelerator, program);
    if (why.empty()) continue;
    ++bad_rows;
    for (const std::string& problem : why)
      problems.add(traces.csv.path, {row.line}, kMappingColumn, problem);
    traces.notes[i] = joined(why);
    traces.rows[i].reset();
  }
  if (skip_invalid) return;
  problems.throw_if_any(
      fmt::format("{}: {} of {} rows cannot have run with the {} program; expected rows that can, "
                  "another --program, or --skip-invalid",
                  traces.csv.path,
                  bad_rows,
                  traces.rows.size(),
                  simulator::name(program)));
}

MeasuredTable read_measured(const MeasuredTableRequest& request, const LoadedAccelerator& loaded) {
  const model::Accelerator& accelerator = loaded.accelerator;
  io::CsvTable csv = io::read_csv(
      request.path, request.skip_invalid ? io::RaggedRows::keep : io::RaggedRows::refuse);
  MeasuredTable table;
  table.path = request.path;
  if (request.program || learned::has_gemmini_driver(accelerator)) {
    const ChosenProgram chosen = choose_program(request.program, csv);
    table.program = chosen.kind;
    table.why = chosen.why;
  }
  if (learned::has_gemmini_driver(accelerator))
    table.cache = request.cache ? *request.cache : cache_of(csv).value_or(table.cache);
  io::TraceOptions options;
  options.fixed = request.fixed;
  options.checked_with = measured_sizes(accelerator, table.program);
  options.factors = model::Factors::imperfect;
  options.skip_invalid = request.skip_invalid;
  options.target_column = request.target_column;
  io::TraceTable traces = io::parse_traces(std::move(csv), accelerator, options);
  check_program(accelerator, table.program, request.skip_invalid, traces);
  for (std::size_t i = 0; i < traces.rows.size(); ++i) {
    if (traces.rows[i]) {
      const io::TraceRow& row = *traces.rows[i];
      table.rows.push_back({row.line, row.layer, row.mapping, row.hardware, *row.measured_cycles});
    } else {
      table.skipped.push_back({traces.csv.lines[i], traces.notes[i]});
    }
  }
  return table;
}

}  // namespace masala::app
