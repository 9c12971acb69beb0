#include "cli/simulate_timeline.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "io/file.h"
#include "io/input_error.h"
#include "simulator/network_memory.h"

namespace masala::cli {
namespace {

using nlohmann::ordered_json;
using simulator::LayerRun;
using Runs = std::vector<std::optional<LayerRun>>;

constexpr int kProcess = 1;
constexpr const char* kUnits[] = {"load", "execute", "store"};

// The index of the run to show.
std::size_t chosen_run(const SimulateRequest& request, const Runs& runs) {
  if (!request.row && runs.size() > 1) {
    throw UsageError(fmt::format(
        "masala simulate: --timeline shows one row of the {}; expected --row N to choose it\n"
        "See: masala simulate --help",
        runs.size()));
  }
  const std::size_t row = request.row.value_or(1);
  if (row > runs.size()) {
    throw UsageError(
        fmt::format("masala simulate: --row: got {}; expected 1 to {}\nSee: masala simulate --help",
                    row,
                    runs.size()));
  }
  if (!runs[row - 1]) {
    throw io::InputError(fmt::format("--row {}: the row cannot run; expected a valid one", row));
  }
  return row - 1;
}

ordered_json named(const char* what, int thread, const std::string& name) {
  return {
      {"ph", "M"}, {"name", what}, {"pid", kProcess}, {"tid", thread}, {"args", {{"name", name}}}};
}

ordered_json event(const simulator::BusySpan& span, int thread, std::int64_t tile) {
  return {{"ph", "X"},
          {"name", fmt::format("tile {}", tile)},
          {"cat", kUnits[thread]},
          {"pid", kProcess},
          {"tid", thread},
          {"ts", span.start},
          {"dur", span.end - span.start}};
}

std::string label(const LayerRun& run) {
  return fmt::format("{} {} on {} x {}, {} caches",
                     simulator::name(run.program.kind),
                     run.program.is_matmul ? "matrix multiply" : "convolution",
                     run.program.dim,
                     run.program.dim,
                     simulator::name(run.options.cache));
}

}  // namespace

int write_timeline(const SimulateRequest& request,
                   const model::Accelerator& accelerator,
                   const Runs& runs) {
  const std::size_t chosen = chosen_run(request, runs);
  const std::string& path = *request.timeline;
  io::ensure_new_file(path, request.flags.force);
  const simulator::SimulatorConstants constants = simulator::constants_from(accelerator);
  simulator::NetworkMemory memory(constants);
  const bool carries = request.options.cache == simulator::CacheState::carry;
  for (std::size_t i = 0; carries && i < chosen; ++i) {
    if (runs[i]) simulator::simulate(runs[i]->program, constants, runs[i]->options, &memory);
  }

  LayerRun run = *runs[chosen];
  ordered_json events = ordered_json::array({named("process_name", 0, label(run))});
  for (int unit = 0; unit < 3; ++unit) events.push_back(named("thread_name", unit, kUnits[unit]));
  run.options.on_tile = [&](const simulator::TileTimes& times) {
    const simulator::BusySpan spans[] = {times.load, times.execute, times.store};
    for (int unit = 0; unit < 3; ++unit) {
      if (spans[unit].end > spans[unit].start)
        events.push_back(event(spans[unit], unit, times.tile));
    }
  };
  const simulator::SimulationResult result =
      simulator::simulate(run.program, constants, run.options, &memory);
  ordered_json json;
  json["traceEvents"] = std::move(events);
  json["displayTimeUnit"] = "ns";
  json["otherData"] = {{"cycles", cycles_cell(result)},
                       {"tiles", result.tiles},
                       {"tiles_simulated", result.tiles_simulated},
                       {"unit", "1 us of the trace is 1 cycle"}};
  io::write_file_atomically(path, json.dump() + "\n");
  if (!request.flags.quiet) {
    fmt::print(stderr,
               "{}: {} cycles, {} of {} tiles shown (1 us is 1 cycle)\n",
               path,
               with_commas(result.cycles),
               with_commas(result.tiles_simulated),
               with_commas(result.tiles));
  }
  return 0;
}

}  // namespace masala::cli
