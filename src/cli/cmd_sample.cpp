// masala sample: mappings worth measuring or simulating.
#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/fixed_values.h"
#include "cli/latency_flags.h"
#include "cli/provenance.h"
#include "cli/simulate_request.h"
#include "cli/table_json.h"
#include "cli/tile_header.h"
#include "io/csv.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/trace_writer.h"
#include "search/best_sampler.h"
#include "search/mapping_sampler.h"
#include "simulator/driver_words.h"
#include "simulator/layer_run.h"

namespace masala::cli {
namespace {

using simulator::ProgramKind;

constexpr std::int64_t kDefaultCount = 100;
constexpr std::int64_t kMostRows = 10'000'000;
constexpr std::int64_t kLongestList = 100'000;

Arguments declare_flags() {
  Arguments arguments(
      "sample",
      "Draws random valid mappings of a workload's layers on random hardware, to be measured on\n"
      "RTL or FireSim, or fed to masala simulate. Rows go round the layers. Every other\n"
      "row of a layer is dense, as searches find them: full array, tiles that fill the buffers; "
      "the\n"
      "others spread from small tiles to large ones. Innermost loops take turns.\n");
  arguments.add("Problem",
                "w,workload",
                "built-in name or YAML file; repeats (layers of one shape are taken once)",
                "W");
  arguments.add(
      "Problem", "a,accelerator", "built-in name or YAML file (masala info accelerators)", "A");
  arguments.add("Problem", "fix", "keep a hardware value, as pe_dim=16; repeats", "KEY=VALUE");
  arguments.add("Problem",
                "program",
                "driver that shall run them: clean, or measured, that of the FireSim measurements "
                "(clean)",
                "P");
  arguments.add(
      "Problem",
      "factors",
      "perfect: tiles divide the layer; imperfect: most do not, the last one of a loop is "
      "clipped (perfect)",
      "KIND");
  arguments.add("Best mappings",
                "best",
                "draw among the K best mappings of each layer on random hardware, by energy and "
                "cycles",
                "K");
  arguments.add("Best mappings", "latency", "latency model that tells which (roofline)", "TIER");
  arguments.add("Best mappings",
                "model",
                "trained model, for the others than roofline (the built-in one of Gemmini)",
                "FILE");
  arguments.add("Output", "n,count", "rows (100)", "N");
  arguments.add("Output", "o,output", "file for the CSV (stdout)", "FILE");
  arguments.add("Output",
                "emit-c",
                "folder for a C header per workload with the tile sizes as arguments of Gemmini's "
                "tiled_conv and tiled_matmul",
                "DIR");
  arguments.set_footer(
      "\nExamples:\n"
      "  masala sample --accelerator gemmini-rtl --workload resnet50 -n 1000 -o rows.csv\n"
      "  masala sample --accelerator gemmini --workload bert --workload vgg16 --fix pe_dim=32\n"
      "  masala sample --accelerator gemmini-rtl --workload unet -n 20 -o rows.csv --emit-c "
      "tiles/\n"
      "  masala sample -a gemmini-rtl -w unet -n 200 --best 50 --latency hybrid -o near.csv\n"
      "\nOn accelerators with a program section every tile fits half of the scratchpad and\n"
      "accumulator, as the driver needs. The hardware of a row is drawn from the accelerator's\n"
      "ranges. One seed always gives the same rows, and -n only decides how many of them.\n"
      "With --best four rows of a layer share their hardware, the first being the best there.\n");
  return arguments;
}

struct Request {
  Words command;
  CommonFlags flags;
  LoadedAccelerator loaded;
  std::vector<LoadedWorkload> workloads;
  std::vector<model::FixedValue> fixed;
  std::optional<ProgramKind> program;  // nullopt: an accelerator without a driver
  model::Factors factors = model::Factors::perfect;
  std::int64_t count = kDefaultCount;
  std::optional<std::int64_t> best;
  LoadedLatency latency;  // that tells the best
  std::optional<std::string> headers;

  std::vector<model::Layer> layers;      // of distinct shapes
  std::vector<std::size_t> workload_of;  // of each layer
};

void collect_layers(Request& request) {
  for (std::size_t w = 0; w < request.workloads.size(); ++w) {
    for (const model::Layer& layer : request.workloads[w].workload.layers) {
      const bool is_known =
          std::any_of(request.layers.begin(), request.layers.end(), [&](const auto& known) {
            return model::same_shape(known, layer);
          });
      if (is_known) continue;
      request.layers.push_back(layer);
      request.workload_of.push_back(w);
    }
  }
}

// --best and what goes with it.
void add_best(const Arguments& arguments, Request& request) {
  request.best = arguments.integer("best", 1, kLongestList);
  if (!request.best) {
    for (const char* flag : {"latency", "model"}) {
      if (arguments.has(flag)) arguments.fail(fmt::format("--{} goes with --best", flag));
    }
    return;
  }
  if (request.factors == model::Factors::imperfect)
    arguments.fail("--best knows perfect factors only; expected --factors perfect with it");
  if (request.program == ProgramKind::measured)
    arguments.fail("--best is for the clean program; expected --program clean with it");
  const std::string tier = arguments.choice("latency", latency_tiers()).value_or("roofline");
  if (tier == "roofline" && arguments.has("model")) {
    arguments.fail("--model goes with a latency model that was trained; expected --latency too");
  }
  if (request.program && !simulator::driver_words(request.loaded.accelerator)) {
    throw io::InputError(
        fmt::format("{}: levels: --best cannot tell which tiles the driver runs where memories are "
                    "not double-buffered; expected another accelerator, as gemmini-rtl",
                    request.loaded.path));
  }
  request.latency = load_latency(arguments, request.loaded.accelerator, tier);
}

Request make_request(const Arguments& arguments, const Words& words) {
  Request request;
  request.command = {"sample"};
  request.command.insert(request.command.end(), words.begin(), words.end());
  request.flags = arguments.common();
  request.count = arguments.integer("count", 1, kMostRows).value_or(kDefaultCount);
  request.headers = arguments.text("emit-c");
  request.factors = arguments.factors();
  request.fixed = arguments.fixed_values();
  request.program = program_flag(arguments, "sample");
  const std::vector<std::string> names = arguments.all("workload");
  if (names.empty()) {
    throw UsageError("masala sample: --workload is missing\nSee: masala sample --help");
  }
  request.loaded = load_accelerator(arguments.required_text("accelerator"));
  for (const std::string& name : names) request.workloads.push_back(load_workload(name));
  check_fixed(request.fixed, request.loaded.accelerator);
  const bool needs_driver = request.program || request.headers;
  if (needs_driver || request.loaded.accelerator.program) {
    request.program = request.program.value_or(ProgramKind::clean);
    check_driver(request.loaded, *request.program);
  }
  add_best(arguments, request);
  collect_layers(request);
  return request;
}

simulator::PreparedRun prepared_run(const Request& request,
                                    const model::Mapping& mapping,
                                    const model::Layer& layer,
                                    const model::Hardware& hardware) {
  return simulator::prepare_run(
      mapping, layer, request.loaded.accelerator, hardware, *request.program, {});
}

// Chips that were measured have arrays of powers of two, and 128 stands for another in their
// tables.
void restrict_to_measured_arrays(model::Accelerator& accelerator) {
  constexpr std::int64_t kLargest = 64;
  for (model::Parameter& parameter : accelerator.parameters) {
    model::Range& range = parameter.range;
    if (parameter.name != "pe_dim" || range.is_fixed()) continue;
    std::int64_t min = 1;
    while (min < range.min) min *= 2;
    if (min > std::min(range.max, kLargest)) continue;
    range = {min, std::min(range.max, kLargest), 1, true, min};
  }
}

std::vector<search::SampledMapping> draw_best(const Request& request) {
  search::BestSampleRequest sample;
  sample.problem.accelerator = request.loaded.accelerator;
  sample.problem.fixed = request.fixed;
  sample.problem.latency = request.latency.model;
  sample.problem.driver_need = simulator::driver_words(request.loaded.accelerator);
  sample.layers = request.layers;
  sample.best = static_cast<std::size_t>(*request.best);
  sample.count = request.count;
  sample.seed = request.flags.seed;
  sample.threads = request.flags.threads;
  return search::sample_best(sample);
}

std::vector<search::SampledMapping> draw_any(const Request& request) {
  search::SampleRequest sample;
  sample.accelerator = request.loaded.accelerator;
  sample.fixed = request.fixed;
  sample.layers = request.layers;
  sample.factors = request.factors;
  sample.count = request.count;
  sample.seed = request.flags.seed;
  sample.threads = request.flags.threads;
  if (request.program == ProgramKind::measured) {
    restrict_to_measured_arrays(sample.accelerator);
    for (const auto& [key, value] : request.loaded.accelerator.program->measured_hardware) {
      sample.checked_with.push_back({key, value});
    }
  }
  if (request.program) {
    sample.run_problems = [&](const model::Mapping& mapping,
                              const model::Layer& layer,
                              const model::Hardware& hardware) {
      simulator::PreparedRun prepared = prepared_run(request, mapping, layer, hardware);
      // A wrapped counter makes a run a hundred times longer and says nothing else.
      if (prepared.problems.empty() && simulator::wraps(prepared.run.program)) {
        prepared.problems.emplace_back("a tile lies wholly in the padding");
      }
      return prepared.problems;
    };
  }
  return search::sample_mappings(sample);
}

std::vector<search::SampledMapping> draw(const Request& request) {
  try {
    return request.best ? draw_best(request) : draw_any(request);
  } catch (const std::invalid_argument& error) {
    throw io::InputError(error.what());
  }
}

io::CsvTable to_table(const Request& request, const std::vector<search::SampledMapping>& rows) {
  const model::Accelerator& accelerator = request.loaded.accelerator;
  io::CsvTable table;
  table.columns = {"sample.workload", "sample.layer"};
  if (request.program) table.columns.emplace_back("sample.program");
  const std::vector<std::string> columns = io::trace_columns(accelerator);
  table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  for (const search::SampledMapping& row : rows) {
    const model::Layer& layer = request.layers[row.layer];
    const std::size_t workload = request.workload_of[row.layer];
    std::vector<std::string> cells = {request.workloads[workload].workload.name, layer.name};
    if (request.program) cells.emplace_back(simulator::name(*request.program));
    for (std::string& cell : io::trace_cells(row.mapping, layer, row.hardware, accelerator)) {
      cells.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

// File name -> content, a header per workload.
std::map<std::string, std::string> tile_headers(const Request& request,
                                                const std::vector<search::SampledMapping>& rows) {
  std::map<std::string, std::string> headers;
  for (std::size_t w = 0; w < request.workloads.size(); ++w) {
    std::vector<NamedProgram> programs;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (request.workload_of[rows[i].layer] != w) continue;
      const model::Layer& layer = request.layers[rows[i].layer];
      programs.push_back(
          {layer.name,
           i + 1,
           prepared_run(request, rows[i].mapping, layer, rows[i].hardware).run.program});
    }
    const std::string& name = request.workloads[w].workload.name;
    if (!programs.empty()) headers[c_identifier(name) + ".h"] = tile_header(name, programs);
  }
  return headers;
}

}  // namespace

int sample_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return 0;
  const Request request = make_request(arguments, words);
  if (request.flags.output) io::ensure_new_file(*request.flags.output, request.flags.force);
  if (request.headers) io::prepare_output_directory(*request.headers, request.flags.force);
  const std::vector<search::SampledMapping> rows = draw(request);
  const io::CsvTable table = to_table(request, rows);
  const std::string text =
      request.flags.format == Format::json ? table_json(table) : io::to_csv(table);
  if (request.headers) {
    for (const auto& [name, content] : tile_headers(request, rows)) {
      io::write_file_atomically(*request.headers + "/" + name, content);
    }
  }
  if (!request.flags.output) {
    fmt::print("{}", text);
  } else {
    io::write_file_atomically(*request.flags.output, text);
    std::vector<std::string> inputs = {request.loaded.path};
    for (const LoadedWorkload& workload : request.workloads) inputs.push_back(workload.path);
    if (request.latency.path) inputs.push_back(*request.latency.path);
    write_provenance(
        *request.flags.output, make_provenance(request.command, inputs), request.flags.seed);
  }
  const auto repeated =
      std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.is_repeated; });
  if (!request.flags.quiet) {
    fmt::print(stderr,
               "{} rows of {} layers{}\n",
               with_commas(request.count),
               request.layers.size(),
               repeated == 0 ? ""
                             : fmt::format(", {} of them repeat a mapping: some layers have few",
                                           with_commas(static_cast<std::int64_t>(repeated))));
  }
  return 0;
}

}  // namespace masala::cli
