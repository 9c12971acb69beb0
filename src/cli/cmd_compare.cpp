// masala compare: what a better latency model buys, on equal terms.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/compare_judge.h"
#include "cli/compare_page.h"
#include "cli/compare_report.h"
#include "cli/compare_request.h"
#include "cli/compare_search.h"
#include "cli/interrupt.h"
#include "cli/search_flags.h"
#include "cli/simulate_request.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/text.h"
#include "simulator/driver_words.h"

namespace masala::cli {
namespace {

constexpr int kInterrupted = 1;
constexpr const char* kDefaultModels = "roofline,calibrated,hybrid";
constexpr const char* kRoofline = "roofline";

Arguments declare_flags() {
  Arguments arguments(
      "compare",
      "Searches each workload once per latency model, with the same ranges, budget and seed, adds\n"
      "Gemmini's own tiler on its default hardware, and lets one judge count the cycles of all\n"
      "designs: the built-in simulator, or a table of measurements.\n");
  arguments.add("Problem", "w,workload", "built-in name or YAML file; repeats", "W");
  arguments.add("Problem", "a,accelerator", "built-in name or YAML file, as gemmini-rtl", "A");
  add_problem_flags(arguments);
  arguments.add(
      "Model", "latency", "latency models, comma-separated (roofline,calibrated,hybrid)", "TIERS");
  add_model_flags(arguments);
  add_search_flags(arguments);
  arguments.add("Judge", "program", "driver that runs the designs: clean (clean)", "P");
  arguments.add("Judge",
                "cache",
                "caches before a layer: carry (what the layers before left), inputs, warm, llc or "
                "cold (carry)",
                "STATE");
  arguments.add("Judge",
                "judge",
                "measured cycles (target.gemmini_cycle) by shape, hardware and mapping, instead of "
                "the simulator",
                "CSV");
  arguments.add("Output",
                "o,output",
                "folder for compare.json, report.html, layers.csv and the designs (none)",
                "DIR");
  arguments.add("Output", "resume", "take designs that an interrupted run has left in the folder");
  arguments.set_footer(
      "\nExamples:\n"
      "  masala compare --workload resnet50 --accelerator gemmini-rtl --model model.masala -o "
      "out/\n"
      "  masala compare -w bert -w unet -a gemmini-rtl --latency roofline --format json\n"
      "  masala compare -w bert -a gemmini-rtl --latency roofline --judge measured.csv -o out/ "
      "--resume\n"
      "\nWith carry, a layer finds the caches as the layers before it left them, its own inputs\n"
      "written last. Each layer is simulated once and counts as often as the network executes "
      "it.\n");
  return arguments;
}

std::vector<std::string> tiers_flag(const Arguments& arguments) {
  std::vector<std::string> tiers;
  std::istringstream list(arguments.text("latency").value_or(kDefaultModels));
  for (std::string tier; std::getline(list, tier, ',');) {
    const std::vector<std::string>& known = latency_tiers();
    if (std::find(known.begin(), known.end(), tier) == known.end()) {
      arguments.fail(fmt::format("--latency: got {}; expected {} with commas between them{}",
                                 io::shown(tier),
                                 "some of roofline, calibrated, hybrid, dnn",
                                 io::did_you_mean(tier, known)));
    }
    if (std::find(tiers.begin(), tiers.end(), tier) != tiers.end()) {
      arguments.fail(fmt::format("--latency: {} given twice; expected each model once", tier));
    }
    tiers.push_back(tier);
  }
  return tiers;
}

void check_combination(const Arguments& arguments, const CompareRequest& request) {
  if (arguments.has("judge") && arguments.has("cache")) {
    arguments.fail("--cache goes with the simulator; measured cycles are as they are");
  }
  if (request.resume && !request.flags.output) arguments.fail("--resume goes with --output");
  if (request.resume && request.flags.force) {
    arguments.fail("--resume and --force exclude each other");
  }
}

// Every design must be one that the driver can run, half of each memory at a time.
void check_machine(const LoadedAccelerator& loaded) {
  check_driver(loaded, simulator::ProgramKind::clean);
  if (simulator::driver_words(loaded.accelerator)) return;
  throw io::InputError(
      loaded.path +
      ": levels: scratchpad and accumulator are not double-buffered; expected double_buffered: "
      "true for both, as the driver fills one half while it works on the other (see gemmini-rtl)");
}

void load_workloads(const Arguments& arguments, CompareRequest& request) {
  request.workload_words = arguments.all("workload");
  if (request.workload_words.empty()) arguments.fail("--workload is missing");
  for (const std::string& word : request.workload_words) {
    LoadedWorkload loaded = load_workload(word);
    for (const LoadedWorkload& other : request.workloads) {
      if (other.workload.name != loaded.workload.name) continue;
      throw io::InputError(fmt::format("{}: name: {} is the name of {} too; expected another",
                                       loaded.path,
                                       io::shown(loaded.workload.name),
                                       other.path));
    }
    request.workloads.push_back(std::move(loaded));
  }
}

void check_problems(const CompareRequest& request) {
  std::vector<std::string> wrong;
  for (std::size_t w = 0; w < request.workloads.size(); ++w) {
    for (const std::string& problem :
         search::problems(*request.method, problem_of(request, w, 0), request.options)) {
      if (std::find(wrong.begin(), wrong.end(), problem) == wrong.end()) wrong.push_back(problem);
    }
  }
  if (!wrong.empty()) throw io::InputError(wrong);
}

CompareRequest make_request(const Arguments& arguments, const Words& words) {
  CompareRequest request;
  request.command = {"compare"};
  request.command.insert(request.command.end(), words.begin(), words.end());
  request.flags = arguments.common();
  request.method = &search_method(arguments);
  request.problem = search_problem(arguments);
  request.options = search_options(arguments, request.flags);
  const std::vector<std::string> tiers = tiers_flag(arguments);
  const bool uses_model = tiers != std::vector<std::string>{kRoofline};
  if (!uses_model && arguments.has("model")) {
    arguments.fail("--model goes with a latency model that was trained; expected --latency too");
  }
  request.caution = caution_flag(arguments, uses_model);
  arguments.choice("program", {"clean"});
  request.simulate.cache = cache_flag(arguments).value_or(simulator::CacheState::carry);
  request.judge_path = arguments.text("judge");
  request.resume = arguments.has("resume");
  check_combination(arguments, request);

  request.accelerator_word = arguments.required_text("accelerator");
  request.loaded = load_accelerator(request.accelerator_word);
  load_workloads(arguments, request);
  check_machine(request.loaded);
  request.problem.accelerator = request.loaded.accelerator;
  request.problem.driver_need = simulator::driver_words(request.loaded.accelerator);
  for (const std::string& tier : tiers) {
    request.models.push_back(load_latency(arguments, request.loaded.accelerator, tier));
  }
  check_problems(request);
  return request;
}

// The rows to measure are written before a judge is asked who may not know all of them.
void judge_by_table(const CompareRequest& request,
                    const MeasuredCycles& measured,
                    compare::Comparison& comparison) {
  if (!request.flags.output) return measured.judge(comparison, "");
  const std::string rows = *request.flags.output + "/layers.csv";
  const std::string hint =
      fmt::format("all rows are in {}; expected their cycles in --judge, then --resume", rows);
  try {
    measured.judge(comparison, hint);
  } catch (const io::InputError&) {
    io::write_file_atomically(rows, io::to_csv(compare_table(request, comparison)));
    throw;
  }
}

void write_output(const CompareRequest& request, const compare::Comparison& comparison) {
  const std::string& directory = *request.flags.output;
  io::write_file_atomically(directory + "/layers.csv",
                            io::to_csv(compare_table(request, comparison)));
  io::write_file_atomically(directory + "/compare.json",
                            compare_json(request, comparison).dump(2) + "\n");
  io::write_file_atomically(directory + "/report.html", compare_page(request, comparison));
}

// A folder made for nothing goes again: remove() leaves one with content alone.
std::optional<compare::Comparison> find_designs_into(const CompareRequest& request,
                                                     const std::atomic<bool>& stop) {
  if (!request.flags.output) return find_designs(request, stop);
  const std::string& directory = *request.flags.output;
  std::error_code ignored;
  const bool is_new = !std::filesystem::exists(directory, ignored);
  io::prepare_output_directory(directory, request.flags.force || request.resume);
  try {
    return find_designs(request, stop);
  } catch (const io::InputError&) {
    if (is_new) std::filesystem::remove(directory, ignored);
    throw;
  }
}

int report_interruption(const CompareRequest& request) {
  if (request.flags.output) {
    fmt::print(
        stderr,
        "masala compare: interrupted; the designs found so far are in {}, --resume goes on\n",
        *request.flags.output);
  } else {
    fmt::print(stderr, "masala compare: interrupted, nothing written\n");
  }
  return kInterrupted;
}

}  // namespace

int compare_command(const Words& words) {
  Arguments arguments = declare_flags();
  if (!arguments.parse(words)) return 0;
  const CompareRequest request = make_request(arguments, words);
  std::optional<MeasuredCycles> measured;
  if (request.judge_path) measured.emplace(*request.judge_path, request.loaded.accelerator);
  const InterruptGuard guard;
  const std::atomic<bool>& stop = InterruptGuard::flag();
  std::optional<compare::Comparison> comparison = find_designs_into(request, stop);
  if (!comparison) return report_interruption(request);
  if (measured) {
    judge_by_table(request, *measured, *comparison);
  } else if (!judge_by_simulator(request, *comparison, stop)) {
    return report_interruption(request);
  }
  if (request.flags.output) write_output(request, *comparison);
  if (request.flags.format == Format::json) {
    fmt::print("{}\n", compare_json(request, *comparison).dump(2));
    return 0;
  }
  fmt::print("{}", compare_text(request, *comparison));
  if (request.flags.output) {
    fmt::print("written {0}/report.html, {0}/compare.json, {0}/layers.csv and a design per model\n",
               *request.flags.output);
  }
  return 0;
}

}  // namespace masala::cli
