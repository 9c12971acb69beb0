// Compares the search methods: best EDP against evaluations and against seconds.
//
//   search_curves OUTPUT_DIRECTORY [SEEDS [METHOD...]]
//
// Every method searches every network on gemmini (array free) once per budget and seed, so that
// each plans for the budget it has. Written: curves.csv, a row per search; curves.html, the curves
// with their spread over seeds. Printed: the geometric mean over networks of a method's EDP over
// that of the first one, per budget.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>

#include <nlohmann/json.hpp>

#include "bench_problem.h"
#include "cli/html_report.h"
#include "io/file.h"
#include "masala/io/csv.h"
#include "masala/model/parallel.h"
#include "masala/search/searcher.h"

namespace {

using namespace masala;  // NOLINT: a program, not a header
using nlohmann::ordered_json;

constexpr const char* kNetworks[] = {"bert", "resnet50", "retinanet", "unet"};
// Evaluations per layer. The published comparisons end at 10,000.
constexpr std::int64_t kSamples[] = {200, 500, 1000, 2000, 5000, 10000};
constexpr std::int64_t kFirstReported = 1000;
constexpr int kDefaultSeeds = 5;
constexpr const char* kColours[] = {
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#9c755f", "#76b7b2", "#edc948"};

struct Run {
  std::string method;
  std::string network;
  std::int64_t samples = 0;
  std::uint64_t seed = 0;
  std::int64_t evaluations = 0;
  double seconds = 0.0;
  double edp_uj_cycles = 0.0;
};

// Over seeds.
struct Summary {
  double mean = 0.0;  // geometric
  double least = 0.0;
  double most = 0.0;
  double evaluations = 0.0;
  double seconds = 0.0;
};

Summary summarise(const std::vector<Run>& runs,
                  const std::string& method,
                  const std::string& network,
                  std::int64_t samples) {
  Summary summary;
  double count = 0.0;
  double logs = 0.0;
  for (const Run& run : runs) {
    if (run.method != method || run.network != network || run.samples != samples) continue;
    summary.least = count == 0.0 ? run.edp_uj_cycles : std::min(summary.least, run.edp_uj_cycles);
    summary.most = std::max(summary.most, run.edp_uj_cycles);
    summary.evaluations += static_cast<double>(run.evaluations);
    summary.seconds += run.seconds;
    logs += std::log(run.edp_uj_cycles);
    count += 1.0;
  }
  summary.mean = std::exp(logs / count);
  summary.evaluations /= count;
  summary.seconds /= count;
  return summary;
}

std::vector<Run> all_runs(const std::vector<std::string>& methods, int seeds) {
  std::vector<Run> runs;
  for (const char* network : kNetworks) {
    search::Problem problem = bench::make_problem(network);
    problem.fixed.clear();
    const auto layers = static_cast<std::int64_t>(problem.workload.layers.size());
    for (const std::string& method : methods) {
      for (std::int64_t samples : kSamples) {
        for (int seed = 0; seed < seeds; ++seed) {
          search::SearchOptions options;
          options.budget = samples * layers;
          options.seed = static_cast<std::uint64_t>(seed);
          const search::SearchSummary summary =
              search::find_method(method)->run(problem, options, {});
          runs.push_back({method,
                          network,
                          samples,
                          options.seed,
                          summary.evaluations,
                          summary.seconds,
                          summary.best->objective});
        }
      }
    }
    fmt::print(stderr, "{} done\n", network);
  }
  return runs;
}

std::string to_csv(const std::vector<Run>& runs) {
  io::CsvTable table;
  table.columns = {
      "method", "network", "samples", "seed", "evaluations", "seconds", "edp_uj_cycles"};
  for (const Run& run : runs) {
    table.rows.push_back({run.method,
                          run.network,
                          std::to_string(run.samples),
                          std::to_string(run.seed),
                          std::to_string(run.evaluations),
                          fmt::format("{:.4f}", run.seconds),
                          fmt::format("{:.6e}", run.edp_uj_cycles)});
  }
  return io::to_csv(table);
}

enum class Against { evaluations, seconds };

// A line per method; against evaluations, with a band from the best to the worst seed.
ordered_json chart(const std::vector<Run>& runs,
                   const std::vector<std::string>& methods,
                   const std::string& network,
                   Against against) {
  const auto series = [&](const std::string& method, double Summary::*value) {
    ordered_json points = ordered_json::array();
    for (std::int64_t samples : kSamples) {
      const Summary summary = summarise(runs, method, network, samples);
      const double x = against == Against::seconds ? summary.seconds : summary.evaluations;
      points.push_back({{"x", x}, {"y", summary.*value}});
    }
    return points;
  };
  ordered_json datasets = ordered_json::array();
  for (std::size_t m = 0; m < methods.size(); ++m) {
    const std::string colour = kColours[m % std::size(kColours)];
    datasets.push_back({{"label", methods[m]},
                        {"data", series(methods[m], &Summary::mean)},
                        {"borderColor", colour},
                        {"pointRadius", 2}});
    if (against == Against::seconds) continue;
    ordered_json least = {{"label", methods[m] + ", best seed"},
                          {"data", series(methods[m], &Summary::least)},
                          {"borderWidth", 0},
                          {"pointRadius", 0}};
    ordered_json most = least;
    most["label"] = methods[m] + ", worst seed";
    most["data"] = series(methods[m], &Summary::most);
    most["fill"] = "-1";
    most["backgroundColor"] = colour + "30";
    datasets.push_back(least);
    datasets.push_back(most);
  }
  const auto axis = [](const char* title) -> ordered_json {
    return {{"type", "logarithmic"}, {"title", {{"display", true}, {"text", title}}}};
  };
  const char* x_title = against == Against::seconds ? "seconds" : "evaluations";
  return {{"type", "line"},
          {"data", {{"datasets", datasets}}},
          {"options", {{"scales", {{"x", axis(x_title)}, {"y", axis("EDP, uJ.cycles")}}}}}};
}

// Per method, the ratios to the first one: a column per budget.
std::vector<std::vector<std::string>> ratio_rows(const std::vector<Run>& runs,
                                                 const std::vector<std::string>& methods) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& method : methods) {
    std::vector<std::string> row = {method};
    for (std::int64_t samples : kSamples) {
      if (samples < kFirstReported) continue;
      double logs = 0.0;
      for (const char* network : kNetworks) {
        logs += std::log(summarise(runs, method, network, samples).mean /
                         summarise(runs, methods.front(), network, samples).mean);
      }
      row.push_back(fmt::format("{:.3f}", std::exp(logs / std::size(kNetworks))));
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<std::vector<std::string>> edp_rows(const std::vector<Run>& runs,
                                               const std::vector<std::string>& methods) {
  std::vector<std::vector<std::string>> rows;
  for (const char* network : kNetworks) {
    for (const std::string& method : methods) {
      std::vector<std::string> row = {network, method};
      for (std::int64_t samples : kSamples) {
        if (samples < kFirstReported) continue;
        const Summary summary = summarise(runs, method, network, samples);
        row.push_back(fmt::format("{:.3e}", summary.mean));
      }
      row.push_back(
          fmt::format("{:.2f}", summarise(runs, method, network, *std::rbegin(kSamples)).seconds));
      rows.push_back(row);
    }
  }
  return rows;
}

void print(const std::vector<std::string>& titles,
           const std::vector<std::vector<std::string>>& rows) {
  const auto line = [](const std::vector<std::string>& fields) {
    for (const std::string& field : fields) fmt::print("| {} ", field);
    fmt::print("|\n");
  };
  line(titles);
  line(std::vector<std::string>(titles.size(), "---"));
  for (const auto& row : rows) line(row);
  fmt::print("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "search_curves OUTPUT_DIRECTORY [SEEDS [METHOD...]]\n");
    return 2;
  }
  at::set_num_threads(1);  // as the command line does
  const std::string directory = argv[1];
  const int seeds = argc > 2 ? std::max(1, std::atoi(argv[2])) : kDefaultSeeds;
  std::vector<std::string> methods(argv + std::min(argc, 3), argv + argc);
  if (methods.empty()) {
    for (const search::Method& method : search::methods()) methods.emplace_back(method.name);
  }
  for (const std::string& method : methods) {
    if (search::find_method(method) != nullptr) continue;
    fmt::print(stderr, "search_curves: unknown method {}\n", method);
    return 2;
  }
  const std::vector<Run> runs = all_runs(methods, seeds);

  std::vector<std::string> budgets;
  for (std::int64_t samples : kSamples) {
    if (samples >= kFirstReported) budgets.push_back(std::to_string(samples));
  }
  std::vector<std::string> ratio_titles = {"EDP over that of " + methods.front()};
  ratio_titles.insert(ratio_titles.end(), budgets.begin(), budgets.end());
  std::vector<std::string> edp_titles = {"network", "method"};
  edp_titles.insert(edp_titles.end(), budgets.begin(), budgets.end());
  edp_titles.emplace_back("s");
  print(ratio_titles, ratio_rows(runs, methods));
  print(edp_titles, edp_rows(runs, methods));

  cli::HtmlReport page("Search methods",
                       fmt::format("gemmini, array free, objective EDP, {} seeds", seeds));
  page.add_heading("Geometric mean over networks of the EDP ratio, by samples per layer");
  page.add_table(cli::table_of(ratio_titles, ratio_rows(runs, methods)));
  for (const char* network : kNetworks) {
    page.add_heading(network);
    page.add_chart(chart(runs, methods, network, Against::evaluations));
    page.add_chart(chart(runs, methods, network, Against::seconds));
  }
  page.add_heading(
      "EDP in uJ.cycles (mean over seeds) by samples per layer, seconds of the largest");
  page.add_table(cli::table_of(edp_titles, edp_rows(runs, methods)));
  std::filesystem::create_directories(directory);
  io::write_file_atomically(directory + "/curves.csv", to_csv(runs));
  io::write_file_atomically(directory + "/curves.html", page.str());
  return 0;
}
