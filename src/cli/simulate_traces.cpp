#include "cli/simulate_traces.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>

#include <fmt/format.h>

#include "cli/console.h"
#include "cli/fixed_values.h"
#include "cli/interrupt.h"
#include "cli/row_progress.h"
#include "cli/row_sink.h"
#include "cli/simulate_timeline.h"
#include "cli/trace_program.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/sha256.h"
#include "io/text.h"
#include "io/trace_csv.h"
#include "simulator/batch.h"
#include "simulator/layer_run.h"

namespace masala::cli {
namespace {

using simulator::ProgramKind;
using Row = std::vector<std::string>;

constexpr int kInterrupted = 1;
constexpr const char* kNoteColumn = "sim.note";
constexpr const char* kMappingColumn = "mapping.mapping";

// The rows of the result without what the simulation adds, and the runs.
struct Plan {
  Row columns;
  std::vector<Row> rows;  // cells that the simulation decides are empty
  std::size_t cycles_at = 0;
  std::size_t sim_at = 0;  // of sim_columns()
  std::vector<std::optional<simulator::LayerRun>> runs;
  std::size_t valid = 0;
};

io::TraceTable read_rows(const SimulateRequest& request,
                         const model::Accelerator& accelerator,
                         ProgramKind kind,
                         io::CsvTable csv) {
  io::TraceOptions options;
  options.fixed = request.fixed;
  options.factors = model::Factors::imperfect;  // drivers clip the last tile of a loop
  options.skip_invalid = request.skip_invalid;
  if (kind == ProgramKind::measured) {
    for (const auto& [key, value] : accelerator.program->measured_hardware) {
      options.checked_with.push_back({key, value});
    }
  }
  return io::parse_traces(std::move(csv), accelerator, options);
}

// Rows that cannot run are problems, or notes with --skip-invalid.
void prepare_runs(const SimulateRequest& request,
                  const model::Accelerator& accelerator,
                  ProgramKind kind,
                  io::TraceTable& traces,
                  Plan& plan) {
  io::Problems problems;
  std::size_t bad_rows = 0;
  for (std::size_t i = 0; i < traces.rows.size(); ++i) {
    plan.runs.emplace_back();
    if (!traces.rows[i]) continue;
    const io::TraceRow& row = *traces.rows[i];
    simulator::PreparedRun prepared = simulator::prepare_run(
        row.mapping, row.layer, accelerator, row.hardware, kind, request.options);
    if (prepared.problems.empty()) {
      plan.runs.back() = std::move(prepared.run);
      ++plan.valid;
      continue;
    }
    ++bad_rows;
    for (const std::string& problem : prepared.problems) {
      problems.add(traces.csv.path, row.line, 0, kMappingColumn, problem);
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
void lay_out_rows(const SimulateRequest& request, const io::TraceTable& traces, Plan& plan) {
  std::vector<std::size_t> kept;
  for (std::size_t c = 0; c < traces.csv.columns.size(); ++c) {
    if (traces.csv.columns[c].rfind("sim.", 0) == 0) continue;
    if (traces.csv.columns[c] == kCyclesColumn) plan.cycles_at = kept.size();
    kept.push_back(c);
    plan.columns.push_back(traces.csv.columns[c]);
  }
  if (!traces.csv.find(kCyclesColumn)) {
    plan.cycles_at = plan.columns.size();
    plan.columns.emplace_back(kCyclesColumn);
  }
  plan.sim_at = plan.columns.size();
  plan.columns.insert(plan.columns.end(), sim_columns().begin(), sim_columns().end());
  const bool with_notes = plan.valid < traces.rows.size();
  if (with_notes) plan.columns.emplace_back(kNoteColumn);
  for (std::size_t i = 0; i < traces.rows.size(); ++i) {
    Row row;
    for (std::size_t c : kept) row.push_back(traces.csv.rows[i][c]);
    row.resize(plan.columns.size());
    row[plan.cycles_at].clear();
    if (plan.runs[i]) {
      const Row cells = sim_cells(plan.runs[i]->program, request.options.cache, std::nullopt);
      std::copy(cells.begin(), cells.end(), row.begin() + static_cast<std::ptrdiff_t>(plan.sim_at));
    } else {
      row.back() = traces.notes[i];
    }
    plan.rows.push_back(std::move(row));
  }
}

Row finished_row(const SimulateRequest& request,
                 const Plan& plan,
                 std::size_t i,
                 const std::optional<simulator::SimulationResult>& result) {
  Row row = plan.rows[i];
  if (!result) return row;
  row[plan.cycles_at] = cycles_cell(*result);
  const Row cells = sim_cells(plan.runs[i]->program, request.options.cache, result);
  std::copy(cells.begin(), cells.end(), row.begin() + static_cast<std::ptrdiff_t>(plan.sim_at));
  return row;
}

// What the rows depend on; threads are not among it.
io::Origin origin_of(const SimulateRequest& request,
                     ProgramKind kind,
                     const std::string& traces_sha256,
                     const std::string& accelerator_path) {
  std::string fixed;
  for (const model::FixedValue& value : request.fixed) {
    fixed += fmt::format("{}{}={}", fixed.empty() ? "" : " ", value.key, value.value);
  }
  return {{"traces_sha256", traces_sha256},
          {"accelerator_sha256", io::sha256_hex(io::read_file(accelerator_path))},
          {"program", std::string(simulator::name(kind))},
          {"cache", std::string(simulator::name(request.options.cache))},
          {"simulator", std::string(simulator::kSimulatorVersion)},
          {"budget_events", std::to_string(request.options.work_budget)},
          {"skip_invalid", request.skip_invalid ? "true" : "false"},
          {"fix", fixed}};
}

std::string rows_text(std::size_t rows) {
  return fmt::format(
      "{} row{}", with_commas(static_cast<std::int64_t>(rows)), rows == 1 ? "" : "s");
}

// The number of rows done.
std::size_t run(const SimulateRequest& request,
                const model::Accelerator& accelerator,
                const Plan& plan,
                RowSink& sink) {
  const bool mixes_with_rows = !request.flags.output && isatty(STDOUT_FILENO) != 0;
  RowProgress progress(
      request.flags.quiet || mixes_with_rows, "rows", sink.resumed(), plan.rows.size());
  simulator::BatchOptions options;
  options.threads = request.flags.threads;
  options.first = sink.resumed();
  const InterruptGuard guard;
  options.stop = &InterruptGuard::flag();
  return simulator::simulate_batch(
      plan.runs,
      simulator::constants_from(accelerator),
      options,
      [&](std::size_t i, const std::optional<simulator::SimulationResult>& result) {
        sink.append(finished_row(request, plan, i, result));
        progress.update(i + 1);
      });
}

}  // namespace

int simulate_traces(const SimulateRequest& request, const std::string& path) {
  if (!request.accelerator) {
    throw UsageError("masala simulate: --accelerator is missing\nSee: masala simulate --help");
  }
  const LoadedAccelerator loaded = load_accelerator(*request.accelerator);
  const model::Accelerator& accelerator = loaded.accelerator;
  check_fixed(request.fixed, accelerator);
  // Read once: it may be a pipe.
  const std::string text = io::read_file(path);
  const std::string traces_sha256 = io::sha256_hex(text);
  io::CsvTable csv = io::parse_csv(
      text, path, request.skip_invalid ? io::RaggedRows::keep : io::RaggedRows::refuse);
  const ChosenProgram chosen =
      request.program ? ChosenProgram{*request.program, "as asked"} : choose_program(csv);
  check_driver(loaded, chosen.kind);
  io::TraceTable traces = read_rows(request, accelerator, chosen.kind, std::move(csv));
  Plan plan;
  prepare_runs(request, accelerator, chosen.kind, traces, plan);
  if (!request.flags.quiet && !request.program) {
    fmt::print(stderr, "program: {} ({})\n", simulator::name(chosen.kind), chosen.why);
  }
  if (request.timeline) return write_timeline(request, accelerator, plan.runs);
  lay_out_rows(request, traces, plan);

  const auto began = std::chrono::steady_clock::now();
  const auto sink = make_row_sink(request.flags,
                                  {plan.columns,
                                   plan.rows,
                                   origin_of(request, chosen.kind, traces_sha256, loaded.path),
                                   request.resume});
  const std::size_t resumed = sink->resumed();
  if (sink->was_complete()) {
    if (!request.flags.quiet) {
      fmt::print(stderr, "{}: complete, nothing to resume\n", *request.flags.output);
    }
    return 0;
  }
  const std::size_t done = run(request, accelerator, plan, *sink);
  if (done < plan.rows.size()) {
    fmt::print(stderr,
               "masala simulate: interrupted after {} of {}: {}\n",
               with_commas(static_cast<std::int64_t>(done)),
               rows_text(plan.rows.size()),
               sink->interrupt());
    return kInterrupted;
  }
  sink->complete();
  if (!request.flags.output) return 0;
  io::Provenance provenance = make_provenance(request.command, {loaded.path});
  provenance.inputs[path] = traces_sha256;
  write_provenance(*request.flags.output, provenance, request.flags.seed);
  if (request.flags.quiet) return 0;
  const std::size_t invalid = plan.rows.size() - plan.valid;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  fmt::print(stderr,
             "{} simulated in {}{}{}\n",
             rows_text(plan.valid),
             seconds_text(seconds),
             resumed == 0 ? "" : fmt::format(", {} of them in the earlier run", resumed),
             invalid == 0 ? "" : fmt::format(", {} invalid (see {})", invalid, kNoteColumn));
  return 0;
}

}  // namespace masala::cli
