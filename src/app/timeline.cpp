#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/sim_columns.h"
#include "masala/app/simulate.h"

namespace masala::app {
namespace {

using nlohmann::ordered_json;

constexpr int kProcess = 1;

ordered_json named(const char* what, int thread, const std::string& name) {
  return {
      {"ph", "M"}, {"name", what}, {"pid", kProcess}, {"tid", thread}, {"args", {{"name", name}}}};
}

ordered_json event(const model::BusySpan& span,
                   const std::string& unit,
                   int thread,
                   std::int64_t tile) {
  return {{"ph", "X"},
          {"name", fmt::format("tile {}", tile)},
          {"cat", unit},
          {"pid", kProcess},
          {"tid", thread},
          {"ts", span.start},
          {"dur", span.end - span.start}};
}

}  // namespace

Timeline timeline_of(const targets::LayerRuns& runs,
                     std::size_t chosen,
                     const model::Simulator& simulator,
                     const model::SimulateOptions& options,
                     const Monitor& monitor) {
  const std::vector<std::string>& units = simulator.units();
  const auto memory = simulator.carried_memory(options.cache);
  for (std::size_t i = 0; memory && i < chosen; ++i) {
    if (runs[i]) simulator.run(*runs[i], options, memory.get(), monitor);
  }
  const std::string label = fmt::format("{}, {} caches", runs[chosen]->label(), options.cache);
  ordered_json events = ordered_json::array({named("process_name", 0, label)});
  const auto num_units = static_cast<int>(units.size());
  for (int u = 0; u < num_units; ++u)
    events.push_back(named("thread_name", u, units[static_cast<std::size_t>(u)]));
  model::SimulateOptions watched = options;
  watched.on_tile = [&](const model::TileTimes& times) {
    for (int u = 0; u < num_units; ++u) {
      const model::BusySpan& span = times.units[static_cast<std::size_t>(u)];
      if (span.end > span.start)
        events.push_back(event(span, units[static_cast<std::size_t>(u)], u, times.tile));
    }
  };
  const model::SimulationResult result =
      simulator.run(*runs[chosen], watched, memory.get(), monitor);
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
