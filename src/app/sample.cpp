#include "masala/app/sample.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "app/driver.h"
#include "app/file_names.h"
#include "app/measured_rows.h"
#include "io/trace_writer.h"
#include "masala/app/provenance.h"
#include "masala/io/input_error.h"
#include "search/sampling/best_sampler.h"
#include "search/sampling/mapping_sampler.h"

namespace masala::app {
namespace {

// A request with everything loaded.
struct Sampling {
  const SampleRequest& request;
  const Monitor& monitor;
  LoadedAccelerator loaded;
  std::vector<LoadedWorkload> workloads;
  std::optional<std::string> program;    // empty: an accelerator without a driver
  LoadedLatency latency;                 // that tells the best
  std::vector<model::Layer> layers;      // of distinct shapes
  std::vector<std::size_t> workload_of;  // of each layer
};

void collect_layers(Sampling& sampling) {
  for (std::size_t w = 0; w < sampling.workloads.size(); ++w) {
    for (const model::Layer& layer : sampling.workloads[w].workload.layers) {
      const bool is_known =
          std::any_of(sampling.layers.begin(), sampling.layers.end(), [&](const auto& known) {
            return model::same_shape(known, layer);
          });
      if (is_known) continue;
      sampling.layers.push_back(layer);
      sampling.workload_of.push_back(w);
    }
  }
}

Sampling load(const SampleRequest& request, const Monitor& monitor) {
  Sampling sampling{request, monitor, load_accelerator(request.accelerator), {}, {}, {}, {}, {}};
  const model::Accelerator& accelerator = sampling.loaded.accelerator;
  for (const std::string& name : request.workloads)
    sampling.workloads.push_back(load_workload(name, monitor));
  check_fixed(request.fixed, accelerator);
  if (request.program || request.tile_headers || accelerator.program) {
    check_driver(sampling.loaded, request.program.value_or(""));
    sampling.program = request.program.value_or(sampling.loaded.target->programs().front());
  }
  if (request.best) {
    if (sampling.program && !sampling.loaded.target->driver_words(accelerator)) {
      throw io::InputError(fmt::format(
          "{}: levels: --best cannot tell which tiles the driver runs where memories are not "
          "double-buffered; expected another accelerator, as gemmini-rtl",
          sampling.loaded.path));
    }
    sampling.latency = load_latency(request.latency, sampling.loaded);
  }
  collect_layers(sampling);
  return sampling;
}

std::vector<search::SampledMapping> draw_best(const Sampling& sampling) {
  search::BestSampleRequest sample;
  sample.problem.accelerator = sampling.loaded.accelerator;
  sample.problem.fixed = sampling.request.fixed;
  sample.problem.latency = sampling.latency.model;
  sample.problem.driver_words = sampling.loaded.target->driver_words(sampling.loaded.accelerator);
  sample.layers = sampling.layers;
  sample.best = static_cast<std::size_t>(*sampling.request.best);
  sample.count = sampling.request.count;
  sample.seed = sampling.request.run.seed;
  sample.threads = sampling.request.run.threads;
  return search::sample_best(sample, sampling.monitor);
}

std::vector<search::SampledMapping> draw_any(const Sampling& sampling) {
  search::MappingSampleRequest sample;
  sample.accelerator = sampling.loaded.accelerator;
  sample.fixed = sampling.request.fixed;
  sample.layers = sampling.layers;
  sample.factors = sampling.request.factors;
  sample.count = sampling.request.count;
  sample.seed = sampling.request.run.seed;
  sample.threads = sampling.request.run.threads;
  const model::Target& target = *sampling.loaded.target;
  if (sampling.program) {
    target.restrict_to_measured(*sampling.program, sample.accelerator);
    sample.checked_with = target.measured_sizes(sampling.loaded.accelerator, *sampling.program);
    sample.run_problems = [&](const model::Mapping& mapping,
                              const model::Layer& layer,
                              const model::Hardware& hardware) {
      const model::Accelerator& accelerator = sampling.loaded.accelerator;
      std::vector<std::string> problems =
          target.prepare(mapping, layer, accelerator, hardware, *sampling.program).problems;
      if (!problems.empty()) return problems;
      const std::string artefact =
          target.artefact({0, layer, mapping, hardware, 0.0}, accelerator, *sampling.program);
      if (!artefact.empty()) problems.push_back(artefact);
      return problems;
    };
  }
  return search::sample_mappings(sample, sampling.monitor);
}

std::vector<search::SampledMapping> draw(const Sampling& sampling) {
  try {
    return sampling.request.best ? draw_best(sampling) : draw_any(sampling);
  } catch (const std::invalid_argument& error) {
    throw io::InputError(error.what());
  }
}

io::CsvTable to_table(const Sampling& sampling, const std::vector<search::SampledMapping>& rows) {
  const model::Accelerator& accelerator = sampling.loaded.accelerator;
  io::CsvTable table;
  table.columns = {"sample.workload", "sample.layer"};
  if (sampling.program) table.columns.emplace_back("sample.program");
  const std::vector<std::string> columns = io::trace_columns(accelerator);
  table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  for (const search::SampledMapping& row : rows) {
    const model::Layer& layer = sampling.layers[row.layer];
    const std::size_t workload = sampling.workload_of[row.layer];
    std::vector<std::string> cells = {sampling.workloads[workload].workload.name, layer.name};
    if (sampling.program) cells.push_back(*sampling.program);
    for (std::string& cell : io::trace_cells(row.mapping, layer, row.hardware, accelerator)) {
      cells.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

// File name -> content, a header per workload.
std::map<std::string, std::string> tile_headers(const Sampling& sampling,
                                                const std::vector<search::SampledMapping>& rows) {
  std::vector<std::string> names;
  for (const LoadedWorkload& workload : sampling.workloads) names.push_back(workload.workload.name);
  const std::vector<std::string> identifiers = distinct_c_identifiers(names);
  std::map<std::string, std::string> headers;
  for (std::size_t w = 0; w < names.size(); ++w) {
    std::vector<model::ExportedRun> runs;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (sampling.workload_of[rows[i].layer] != w) continue;
      const model::Layer& layer = sampling.layers[rows[i].layer];
      runs.push_back({layer.name,
                      i + 1,
                      sampling.loaded.target
                          ->prepare(rows[i].mapping,
                                    layer,
                                    sampling.loaded.accelerator,
                                    rows[i].hardware,
                                    *sampling.program)
                          .run});
    }
    if (runs.empty()) continue;
    headers[identifiers[w] + ".h"] =
        sampling.loaded.target->tile_header(names[w], identifiers[w], runs);
  }
  return headers;
}

}  // namespace

SampleResult sample(const SampleRequest& request, const Monitor& monitor) {
  const Sampling sampling = load(request, monitor);
  const std::vector<search::SampledMapping> rows = draw(sampling);
  SampleResult result;
  result.rows = to_table(sampling, rows);
  result.layers = sampling.layers.size();
  result.repeated = static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.is_repeated; }));
  if (request.tile_headers) result.headers = tile_headers(sampling, rows);
  std::vector<std::string> inputs = {sampling.loaded.path};
  for (const LoadedWorkload& workload : sampling.workloads) inputs.push_back(workload.path);
  if (sampling.latency.path) inputs.push_back(*sampling.latency.path);
  result.provenance = make_provenance(request.run.command, inputs);
  return result;
}

}  // namespace masala::app
