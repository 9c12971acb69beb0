// What each ingredient of the gradient method is worth: searches without it, one at a time.
//
//   gradient_ablation OUTPUT_DIRECTORY [--seeds N] [--own-seeds N] [--threads N] [--optimum]
//
// Every variant searches every network on gemmini, with the array fixed at 16 x 16 and free, once
// per seed within 2,000 samples and once by the method's own stopping rule, which takes ten times
// as long: hence a number of seeds of its own. Written: ablation.csv, a row per search. Printed: a
// table per stopping rule of the geometric mean over networks and seeds of the EDP over that of the
// whole method, or, with --optimum, over the certified optimum, which the program computes first
// (some minutes).
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <cxxopts.hpp>

#include "bench_problem.h"
#include "io/csv.h"
#include "io/file.h"
#include "search/searcher.h"

namespace {

using namespace masala;  // NOLINT: a program, not a header
using search::GradientOptions;
using search::OrderSearch;

constexpr const char* kNetworks[] = {"bert", "resnet50", "retinanet", "unet"};
constexpr std::int64_t kBudgetSamples = 2000;  // evaluations per layer
constexpr const char* kWhole = "the whole method";

struct Setting {
  bool is_array_free = false;
  bool has_budget = false;
};

struct Variant {
  std::string name;
  GradientOptions options;
  int starts = 0;  // 0: as the method has it
};

struct Run {
  std::string variant;
  std::string network;
  Setting setting;
  int seed = 0;
  std::int64_t evaluations = 0;
  double seconds = 0.0;
  double edp_uj_cycles = 0.0;
};

// Several variants of one base, each without one of its ingredients.
class VariantList {
 public:
  using Change = void (*)(Variant&);

  // The base itself.
  void start(const std::string& name, const GradientOptions& base) {
    prefix_ = variants_.empty() ? "" : name + ", ";
    base_ = base;
    variants_.push_back({name, base});
  }
  void add(const std::string& name, Change change) {
    variants_.push_back({prefix_ + name, base_});
    change(variants_.back());
  }
  const std::vector<Variant>& variants() const { return variants_; }

 private:
  std::string prefix_;
  GradientOptions base_;
  std::vector<Variant> variants_;
};

void add_descents(VariantList& list) {
  list.add("orders none", [](Variant& v) { v.options.orders = OrderSearch::none; });
  list.add("orders iterate", [](Variant& v) { v.options.orders = OrderSearch::iterate; });
  list.add("orders softmax", [](Variant& v) { v.options.orders = OrderSearch::softmax; });
  list.add("1 start", [](Variant& v) { v.starts = 1; });
  list.add("8 starts", [](Variant& v) { v.starts = 8; });
  list.add("rounded at the end only", [](Variant& v) { v.options.rounding = false; });
  list.add("constant rate", [](Variant& v) { v.options.cooling = false; });
  list.add("no descent", [](Variant& v) { v.options.descent = false; });
}

void add_moves(VariantList& list) {
  list.add("no pairs of moves", [](Variant& v) { v.options.moves.pairs = false; });
  list.add("no hardware moves", [](Variant& v) { v.options.moves.hardware = false; });
}

// Annealing hides what comes before it and leaves little to what comes after, so that the
// refinement is also varied without it, and the descent without either.
std::vector<Variant> all_variants() {
  VariantList list;
  list.start(kWhole, {});
  add_descents(list);
  list.add("no refinement", [](Variant& v) { v.options.refinement = false; });
  add_moves(list);

  GradientOptions climbing;
  climbing.annealing = false;
  list.start("no annealing", climbing);
  list.add("no descent", [](Variant& v) { v.options.descent = false; });
  add_moves(list);

  GradientOptions descent = climbing;
  descent.refinement = false;
  list.start("descent alone", descent);
  add_descents(list);
  return list.variants();
}

search::Problem make_problem(const char* network, Setting setting) {
  search::Problem problem = bench::make_problem(network);
  if (setting.is_array_free) problem.fixed.clear();
  return problem;
}

search::SearchOptions make_options(const Variant& variant,
                                   Setting setting,
                                   std::size_t layers,
                                   int threads) {
  search::SearchOptions options;
  options.gradient = variant.options;
  options.starts = variant.starts;
  options.threads = threads;
  if (setting.has_budget) options.budget = kBudgetSamples * static_cast<std::int64_t>(layers);
  return options;
}

struct Request {
  std::string directory;
  int seeds = 5;
  int own_seeds = 5;
  int threads = 1;
  bool wants_optimum = false;

  int seeds_of(bool has_budget) const { return has_budget ? seeds : own_seeds; }
};

void add_runs(const Variant& variant,
              bool has_budget,
              const Request& request,
              std::vector<Run>& runs) {
  for (const char* network : kNetworks) {
    for (bool is_array_free : {false, true}) {
      const Setting setting = {is_array_free, has_budget};
      const search::Problem problem = make_problem(network, setting);
      search::SearchOptions options =
          make_options(variant, setting, problem.workload.layers.size(), request.threads);
      for (int seed = 0; seed < request.seeds_of(has_budget); ++seed) {
        options.seed = static_cast<std::uint64_t>(seed);
        const search::SearchSummary found =
            search::find_method("gradient")->run(problem, options, {});
        runs.push_back({variant.name,
                        network,
                        setting,
                        seed,
                        found.evaluations,
                        found.seconds,
                        found.best->objective});
      }
    }
  }
}

// What EDPs are divided by, per network and array.
using Reference = std::map<std::pair<std::string, bool>, double>;

Reference certified_optima(int threads) {
  Reference optima;
  for (const char* network : kNetworks) {
    for (bool is_array_free : {false, true}) {
      search::SearchOptions options;
      options.threads = threads;
      const search::Problem problem = make_problem(network, {is_array_free, false});
      optima[{network, is_array_free}] =
          *search::find_method("exact")->run(problem, options, {}).bound;
    }
    fmt::print(stderr, "optimum of {} known\n", network);
  }
  return optima;
}

// Of the whole method with the same end, geometric mean over seeds.
Reference whole_method(const std::vector<Run>& runs, bool has_budget, int seeds) {
  Reference logs;
  for (const Run& run : runs) {
    if (run.variant != kWhole || run.setting.has_budget != has_budget) continue;
    logs[{run.network, run.setting.is_array_free}] += std::log(run.edp_uj_cycles) / seeds;
  }
  for (auto& [key, value] : logs) value = std::exp(value);
  return logs;
}

// Geometric mean over networks and seeds, with its standard error over seeds.
std::string ratio_text(const std::vector<Run>& runs,
                       const std::string& variant,
                       Setting setting,
                       int seeds,
                       const Reference& reference) {
  std::vector<double> logs(static_cast<std::size_t>(seeds), 0.0);  // mean over networks
  for (const Run& run : runs) {
    if (run.variant != variant || run.setting.is_array_free != setting.is_array_free ||
        run.setting.has_budget != setting.has_budget)
      continue;
    const double ratio = run.edp_uj_cycles / reference.at({run.network, setting.is_array_free});
    logs[static_cast<std::size_t>(run.seed)] += std::log(ratio) / std::size(kNetworks);
  }
  double mean = 0.0;
  for (double value : logs) mean += value / seeds;
  double squares = 0.0;
  for (double value : logs) squares += (value - mean) * (value - mean);
  if (seeds < 2) return fmt::format("{:.4f}", std::exp(mean));
  const double error = std::sqrt(squares / (seeds - 1) / seeds);
  return fmt::format("{:.4f} ± {:.4f}", std::exp(mean), std::exp(mean) * error);
}

// Means over networks, arrays and seeds: thousands of evaluations, and seconds.
std::vector<std::string> effort(const std::vector<Run>& runs,
                                const std::string& variant,
                                bool has_budget) {
  double evaluations = 0.0;
  double seconds = 0.0;
  double count = 0.0;
  for (const Run& run : runs) {
    if (run.variant != variant || run.setting.has_budget != has_budget) continue;
    evaluations += static_cast<double>(run.evaluations);
    seconds += run.seconds;
    count += 1.0;
  }
  return {fmt::format("{:.0f}", evaluations / count / 1000.0),
          fmt::format("{:.2f}", seconds / count)};
}

void print_row(const std::vector<std::string>& fields) {
  for (const std::string& field : fields) fmt::print("| {} ", field);
  fmt::print("|\n");
}

void print_table(const std::vector<Run>& runs,
                 const std::vector<Variant>& variants,
                 bool has_budget,
                 int seeds,
                 const Reference& reference) {
  const std::string end = has_budget ? fmt::format("{} samples", kBudgetSamples) : "own end";
  const std::vector<std::string> titles = {end, "array 16", "array free", "1,000 evaluations", "s"};
  print_row(titles);
  print_row(std::vector<std::string>(titles.size(), "---"));
  for (const Variant& variant : variants) {
    std::vector<std::string> row = {variant.name};
    for (bool is_array_free : {false, true})
      row.push_back(ratio_text(runs, variant.name, {is_array_free, has_budget}, seeds, reference));
    for (std::string& field : effort(runs, variant.name, has_budget)) row.push_back(field);
    print_row(row);
  }
  fmt::print("\n");
  std::fflush(stdout);
}

std::string to_csv(const std::vector<Run>& runs) {
  io::CsvTable table;
  table.columns = {
      "variant", "network", "array", "samples", "seed", "evaluations", "seconds", "edp_uj_cycles"};
  for (const Run& run : runs) {
    table.rows.push_back({run.variant,
                          run.network,
                          run.setting.is_array_free ? "free" : "16",
                          run.setting.has_budget ? std::to_string(kBudgetSamples) : "",
                          std::to_string(run.seed),
                          std::to_string(run.evaluations),
                          fmt::format("{:.4f}", run.seconds),
                          fmt::format("{:.6e}", run.edp_uj_cycles)});
  }
  return io::to_csv(table);
}

Request parse(int argc, char** argv) {
  cxxopts::Options flags("gradient_ablation",
                         "What each ingredient of the gradient method is worth");
  Request request;
  flags.add_options()("directory", "folder for ablation.csv", cxxopts::value(request.directory))(
      "seeds", "searches per case (5)", cxxopts::value(request.seeds))(
      "own-seeds", "of those without a budget (as --seeds)", cxxopts::value(request.own_seeds))(
      "threads", "of a search (1)", cxxopts::value(request.threads))(
      "optimum", "divide by the certified optimum", cxxopts::value(request.wants_optimum));
  flags.parse_positional({"directory"});
  const cxxopts::ParseResult given = flags.parse(argc, argv);
  if (given.count("own-seeds") == 0) request.own_seeds = request.seeds;
  if (request.directory.empty() || request.seeds < 1 || request.own_seeds < 1 ||
      request.threads < 1) {
    throw std::invalid_argument(
        "expected OUTPUT_DIRECTORY [--seeds N] [--own-seeds N] [--threads N] [--optimum]");
  }
  return request;
}

}  // namespace

int main(int argc, char** argv) {
  Request request;
  try {
    request = parse(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "gradient_ablation: {}\n", error.what());
    return 2;
  }
  at::set_num_threads(1);  // as the command line does
  const std::vector<Variant> variants = all_variants();
  Reference optima;
  if (request.wants_optimum) optima = certified_optima(request.threads);
  std::filesystem::create_directories(request.directory);
  std::vector<Run> runs;
  for (bool has_budget : {true, false}) {
    for (const Variant& variant : variants) {
      add_runs(variant, has_budget, request, runs);
      io::write_file_atomically(request.directory + "/ablation.csv", to_csv(runs));
      fmt::print(stderr, "{} done\n", variant.name);
    }
    const int seeds = request.seeds_of(has_budget);
    print_table(runs,
                variants,
                has_budget,
                seeds,
                request.wants_optimum ? optima : whole_method(runs, has_budget, seeds));
  }
  return 0;
}
