// masala sample: mappings worth measuring or simulating.
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/numbers.h"
#include "cli/progress_bar.h"
#include "cli/search_flags.h"
#include "cli/table.h"
#include "masala/app/provenance.h"
#include "masala/app/sample.h"
#include "masala/app/user_text.h"

namespace masala::cli {
namespace {

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
      "  masala sample -a gemmini-rtl -w resnet50 -n 1000 -o rows.csv\n"
      "  masala sample -a gemmini -w bert -w vgg16 --fix pe_dim=32\n"
      "  masala sample -a gemmini-rtl -w unet -n 20 -o rows.csv --emit-c "
      "tiles/\n"
      "  masala sample -a gemmini-rtl -w unet --best 50 --latency hybrid -o near.csv\n"
      "\nOn accelerators with a program section every tile fits half of the scratchpad and\n"
      "accumulator, as the driver needs. The hardware of a row is drawn from the accelerator's\n"
      "ranges. One seed always gives the same rows, and -n only decides how many of them.\n"
      "With --best four rows of a layer share their hardware, the first being the best there.\n");
  return arguments;
}

// --best and what goes with it.
void add_best(const Arguments& arguments, app::SampleRequest& request) {
  request.best = arguments.integer("best", 1, kLongestList);
  if (!request.best) {
    for (const char* flag : {"latency", "model"}) {
      if (arguments.has(flag)) arguments.fail(fmt::format("--{} goes with --best", flag));
    }
    return;
  }
  if (request.factors == model::Factors::imperfect)
    arguments.fail("--best knows perfect factors only; expected --factors perfect with it");
  const std::string usual = app::program_names().front();
  if (request.program.value_or(usual) != usual) {
    arguments.fail(
        fmt::format("--best is for the {0} program; expected --program {0} with it", usual));
  }
  request.latency = latency_choice(arguments, app::kRoofline);
}

app::SampleRequest make_request(const Arguments& arguments) {
  app::SampleRequest request;
  request.run = arguments.run_options();
  request.count = arguments.integer("count", 1, kMostRows).value_or(request.count);
  request.tile_headers = arguments.has("emit-c");
  request.factors = arguments.factors();
  request.fixed = arguments.fixed_values();
  request.program = arguments.program();
  request.workloads = arguments.all("workload");
  if (request.workloads.empty()) arguments.fail("--workload is missing");
  request.accelerator = arguments.required_text("accelerator");
  add_best(arguments, request);
  return request;
}

}  // namespace

int sample_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return kExitOk;
  const CommonFlags flags = arguments.common();
  const app::SampleRequest request = make_request(arguments);
  std::optional<app::OutputFile> output;
  if (flags.output) output.emplace(*flags.output, flags.existing());
  std::unique_ptr<app::OutputFolder> headers;
  if (const auto path = arguments.text("emit-c"))
    headers = std::make_unique<app::OutputFolder>(*path, flags.existing());
  ProgressBar bar(flags.quiet, FirstLine::after_a_second);
  const app::SampleResult result = app::sample(request, bar.monitor());
  const std::string text =
      flags.json() ? to_json(table_of(result.rows.columns, result.rows.rows)).dump(2) + "\n"
                   : app::to_csv(result.rows);
  for (const auto& [name, content] : result.headers) headers->write(name, content);
  if (output) {
    output->write(text);
    output->write_beside(".provenance.json", app::provenance_text(result.provenance, flags.seed));
  } else {
    fmt::print("{}", text);
  }
  bar.note(fmt::format("{} rows of {} layers{}",
                       with_commas(request.count),
                       result.layers,
                       result.repeated == 0
                           ? ""
                           : fmt::format(", {} of them repeat a mapping: some layers have few",
                                         with_commas(static_cast<std::int64_t>(result.repeated)))));
  return kExitOk;
}

}  // namespace masala::cli
