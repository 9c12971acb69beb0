#include "app/measured_rows.h"

#include <fmt/format.h>

#include "app/trace_program.h"
#include "masala/io/input_error.h"

namespace masala::app {
namespace {

constexpr const char* kMappingColumn = "mapping.mapping";

std::string joined(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : " | ") + problem;
  return text;
}

}  // namespace

void check_program(const LoadedAccelerator& loaded,
                   const std::string& program,
                   bool skip_invalid,
                   io::TraceTable& traces) {
  io::Problems problems;
  std::size_t bad_rows = 0;
  for (std::size_t i = 0; i < traces.rows.size(); ++i) {
    if (!traces.rows[i]) continue;
    const io::TraceRow& row = *traces.rows[i];
    const auto why = loaded.target->row_problems(
        {row.line, row.layer, row.mapping, row.hardware, 0.0}, loaded.accelerator, program);
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
                  program));
}

MeasuredTable read_measured(const MeasuredTableRequest& request, const LoadedAccelerator& loaded) {
  const model::Accelerator& accelerator = loaded.accelerator;
  io::CsvTable csv = io::read_csv(
      request.path, request.skip_invalid ? io::RaggedRows::keep : io::RaggedRows::refuse);
  MeasuredTable table;
  table.path = request.path;
  const model::Target& target = *loaded.target;
  table.conditions = {target.programs().front(), target.cache_states().front()};
  if (request.program || target.has_driver()) {
    const model::RecognisedProgram chosen = choose_program(request.program, target, csv);
    table.conditions.program = chosen.program;
    table.why = chosen.why;
  }
  if (target.has_driver()) {
    const auto stated = request.cache ? request.cache : cache_of(target, csv);
    table.conditions.cache = stated.value_or(table.conditions.cache);
  }
  io::TraceOptions options;
  options.fixed = request.fixed;
  options.checked_with = target.measured_sizes(accelerator, table.conditions.program);
  options.factors = model::Factors::imperfect;
  options.skip_invalid = request.skip_invalid;
  options.target_column = request.target_column;
  io::TraceTable traces = io::parse_traces(std::move(csv), accelerator, options);
  check_program(loaded, table.conditions.program, request.skip_invalid, traces);
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
