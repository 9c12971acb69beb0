#include <algorithm>

#include <fmt/format.h>

#include "app/driver.h"
#include "app/measured_rows.h"
#include "app/sim_columns.h"
#include "app/trace_program.h"
#include "io/file.h"
#include "io/sha256.h"
#include "masala/app/latency.h"
#include "masala/app/provenance.h"
#include "masala/app/simulate.h"
#include "masala/io/input_error.h"
#include "masala/io/trace_csv.h"

namespace masala::app {
namespace {

using Row = std::vector<std::string>;

constexpr const char* kNoteColumn = "sim.note";
constexpr const char* kMappingColumn = "mapping.mapping";

io::TraceTable read_rows(const SimulateRowsRequest& request,
                         const PreparedRows& prepared,
                         io::CsvTable csv) {
  const model::Accelerator& accelerator = prepared.loaded.accelerator;
  io::TraceOptions options;
  options.fixed = request.settings.fixed;
  options.factors = request.settings.factors;
  options.skip_invalid = request.skip_invalid;
  options.checked_with =
      prepared.loaded.target->measured_sizes(accelerator, prepared.conditions.program);
  return io::parse_traces(std::move(csv), accelerator, options);
}

// Rows that cannot run are problems, or notes with --skip-invalid.
void prepare_runs(const SimulateRowsRequest& request, io::TraceTable& traces, PreparedRows& out) {
  io::Problems problems;
  std::size_t bad_rows = 0;
  for (std::size_t i = 0; i < traces.rows.size(); ++i) {
    out.runs.emplace_back();
    if (!traces.rows[i]) continue;
    const io::TraceRow& row = *traces.rows[i];
    model::PreparedRun prepared = out.loaded.target->prepare(
        row.mapping, row.layer, out.loaded.accelerator, row.hardware, out.conditions.program);
    if (prepared.problems.empty()) {
      out.runs.back() = std::move(prepared.run);
      ++out.valid;
      continue;
    }
    ++bad_rows;
    for (const std::string& problem : prepared.problems) {
      problems.add(traces.csv.path, {row.line}, kMappingColumn, problem);
      std::string& note = traces.notes[i];
      note += fmt::format("{}{}: {}", note.empty() ? "" : " | ", kMappingColumn, problem);
    }
  }
  if (request.skip_invalid) return;
  problems.throw_if_any(fmt::format(
      "{}: {} of {} rows cannot run, none simulated; expected tiles that fit, or --skip-invalid",
      traces.csv.path,
      bad_rows,
      traces.rows.size()));
}

// Columns that an earlier simulation left are replaced, not repeated.
void lay_out_rows(const io::TraceTable& traces, PreparedRows& out) {
  Row& columns = out.plan.columns;
  std::vector<std::size_t> kept;
  for (std::size_t c = 0; c < traces.csv.columns.size(); ++c) {
    if (traces.csv.columns[c].rfind("sim.", 0) == 0) continue;
    if (traces.csv.columns[c] == kCyclesColumn) out.cycles_at = kept.size();
    kept.push_back(c);
    columns.push_back(traces.csv.columns[c]);
  }
  if (!traces.csv.find(kCyclesColumn)) {
    out.cycles_at = columns.size();
    columns.emplace_back(kCyclesColumn);
  }
  out.sim_at = columns.size();
  const Row added = sim_columns(*out.simulator);
  columns.insert(columns.end(), added.begin(), added.end());
  const bool with_notes = out.valid < traces.rows.size();
  if (with_notes) columns.emplace_back(kNoteColumn);
  for (std::size_t i = 0; i < traces.rows.size(); ++i) {
    Row row;
    for (std::size_t c : kept) row.push_back(traces.csv.rows[i][c]);
    row.resize(columns.size());
    row[out.cycles_at].clear();
    if (out.runs[i]) {
      const Row cells = sim_cells(*out.simulator, out.conditions, *out.runs[i], std::nullopt);
      std::copy(cells.begin(), cells.end(), row.begin() + static_cast<std::ptrdiff_t>(out.sim_at));
    } else {
      row.back() = traces.notes[i];
    }
    out.plan.expected_rows.push_back(std::move(row));
  }
}

Row finished_row(const PreparedRows& prepared,
                 std::size_t i,
                 const std::optional<model::SimulationResult>& result) {
  Row row = prepared.plan.expected_rows[i];
  if (!result) return row;
  row[prepared.cycles_at] = cycles_cell(*result);
  const Row cells = sim_cells(*prepared.simulator, prepared.conditions, *prepared.runs[i], result);
  std::copy(cells.begin(), cells.end(), row.begin() + static_cast<std::ptrdiff_t>(prepared.sim_at));
  return row;
}

// What the rows depend on; threads are not among it.
io::Origin origin_of(const SimulateRowsRequest& request,
                     const PreparedRows& prepared,
                     const std::string& traces_sha256) {
  std::string fixed;
  for (const model::FixedValue& value : request.settings.fixed) {
    fixed += fmt::format("{}{}={}", fixed.empty() ? "" : " ", value.key, value.value);
  }
  return {
      {"traces_sha256", traces_sha256},
      {"accelerator_sha256", io::sha256_hex(io::read_file(prepared.loaded.path))},
      {"program", prepared.conditions.program},
      {"cache", prepared.conditions.cache},
      {"simulator", std::string(prepared.simulator->version())},
      {"budget_events", std::to_string(request.settings.work_budget)},
      {"factors", request.settings.factors == model::Factors::perfect ? "perfect" : "imperfect"},
      {"skip_invalid", request.skip_invalid ? "true" : "false"},
      {"fix", fixed}};
}

}  // namespace

PreparedRows prepare_rows(const SimulateRowsRequest& request) {
  PreparedRows out;
  out.loaded = load_accelerator(request.accelerator);
  const model::Accelerator& accelerator = out.loaded.accelerator;
  check_fixed(request.settings.fixed, accelerator);
  // Read once: it may be a pipe.
  const std::string text = io::read_file(request.traces);
  const std::string traces_sha256 = io::sha256_hex(text);
  io::CsvTable csv = io::parse_csv(
      text, request.traces, request.skip_invalid ? io::RaggedRows::keep : io::RaggedRows::refuse);
  check_driver(out.loaded, request.settings.program.value_or(""));
  const model::Target& target = *out.loaded.target;
  const model::RecognisedProgram chosen = choose_program(request.settings.program, target, csv);
  out.conditions = {chosen.program, request.settings.cache.value_or(target.cache_states().front())};
  out.why = chosen.why;
  check_driver(out.loaded, chosen.program);
  out.simulator = target.make_simulator(accelerator);
  io::TraceTable traces = read_rows(request, out, std::move(csv));
  prepare_runs(request, traces, out);
  lay_out_rows(traces, out);
  out.plan.origin = origin_of(request, out, traces_sha256);
  out.provenance = make_provenance(request.run.command, {out.loaded.path});
  out.provenance.inputs[request.traces] = traces_sha256;
  return out;
}

RowsDone simulate_rows(const SimulateRowsRequest& request,
                       const PreparedRows& prepared,
                       RowSink& sink,
                       const Monitor& monitor) {
  RowsDone done;
  const std::size_t total = prepared.runs.size();
  done.resumed = sink.start(prepared.plan);
  targets::BatchOptions options;
  options.simulate = options_of(request.settings, prepared.conditions);
  options.threads = request.run.threads;
  options.first = done.resumed;
  done.rows = targets::simulate_batch(
      prepared.runs,
      *prepared.simulator,
      options,
      [&](std::size_t i, const std::optional<model::SimulationResult>& result) {
        sink.append(finished_row(prepared, i, result));
        if (!monitor.report) return;
        const double left = static_cast<double>(total - done.resumed);
        monitor.report({"simulating",
                        static_cast<double>(i + 1 - done.resumed) / left,
                        static_cast<std::int64_t>(i + 1),
                        "rows",
                        std::nullopt,
                        ""});
      },
      monitor);
  if (done.rows == total) sink.complete();
  return done;
}

}  // namespace masala::app
