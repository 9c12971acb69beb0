// Search time against layers, starts and threads: whole searches, gradient method.
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include "bench_problem.h"
#include "search/searcher.h"

namespace {

using namespace masala;  // NOLINT: a benchmark, not a header

void run_search(benchmark::State& state, const search::Problem& problem, int starts, int threads) {
  at::set_num_threads(1);  // as the command line does
  search::SearchOptions options;
  options.starts = starts;
  options.threads = threads;
  std::int64_t evaluations = 0;
  double edp = 0.0;
  for (auto _ : state) {
    const search::SearchSummary summary =
        search::find_method("gradient")->run(problem, options, {});
    evaluations += summary.evaluations;
    edp = summary.best->cost.edp_uj_cycles();
  }
  state.SetItemsProcessed(evaluations);
  state.counters["edp_uj_cycles"] = edp;
}

void search_by_layers(benchmark::State& state) {
  run_search(
      state, bench::make_problem("resnet50", static_cast<std::size_t>(state.range(0))), 32, 2);
}

void search_by_starts(benchmark::State& state) {
  run_search(state, bench::make_problem("resnet50"), static_cast<int>(state.range(0)), 2);
}

void search_by_threads(benchmark::State& state) {
  run_search(state, bench::make_problem("resnet50"), 32, static_cast<int>(state.range(0)));
}

BENCHMARK(search_by_layers)
    ->RangeMultiplier(2)
    ->Range(3, 48)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(search_by_starts)
    ->RangeMultiplier(2)
    ->Range(8, 128)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(search_by_threads)
    ->Arg(1)
    ->Arg(2)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
