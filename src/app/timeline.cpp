#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/sim_columns.h"
#include "app/simulate.h"
#include "simulator/network_memory.h"

namespace masala::app {
namespace {

using nlohmann::ordered_json;
using simulator::LayerRun;

constexpr int kProcess = 1;
constexpr const char* kUnits[] = {"load", "execute", "store"};

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

Timeline timeline_of(const Runs& runs,
                     std::size_t chosen,
                     const model::Accelerator& accelerator,
                     const Monitor& monitor) {
  const simulator::SimulatorConstants constants = simulator::constants_from(accelerator);
  simulator::NetworkMemory memory(constants);
  LayerRun run = *runs[chosen];
  const bool carries = run.options.cache == simulator::CacheState::carry;
  for (std::size_t i = 0; carries && i < chosen; ++i) {
    if (runs[i])
      simulator::simulate(runs[i]->program, constants, runs[i]->options, &memory, monitor);
  }
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
      simulator::simulate(run.program, constants, run.options, &memory, monitor);
  ordered_json json;
  json["traceEvents"] = std::move(events);
  json["displayTimeUnit"] = "ns";
  json["otherData"] = {{"cycles", cycles_cell(result)},
                       {"tiles", result.tiles},
                       {"tiles_simulated", result.tiles_simulated},
                       {"unit", "1 us of the trace is 1 cycle"}};
  return {json.dump() + "\n", result.cycles, result.tiles, result.tiles_simulated};
}

}  // namespace masala::app
