// Search time against layers, starts and threads, gradient method.
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include "bench_problem.h"
#include "masala/search/searcher.h"

namespace {

using namespace masala;  // NOLINT: a benchmark, not a header

constexpr int kStarts = 32;
constexpr int kThreads = 2;

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

void by_layers(benchmark::State& state) {
  const auto layers = static_cast<std::size_t>(state.range(0));
  run_search(state, bench::make_problem("resnet50", layers), kStarts, kThreads);
}

void by_starts(benchmark::State& state) {
  const auto starts = static_cast<int>(state.range(0));
  run_search(state, bench::make_problem("resnet50"), starts, kThreads);
}

void by_threads(benchmark::State& state) {
  const auto threads = static_cast<int>(state.range(0));
  run_search(state, bench::make_problem("resnet50"), kStarts, threads);
}

void layers(benchmark::internal::Benchmark* benchmark) {
  benchmark->RangeMultiplier(2)->Range(3, 96)->Iterations(1)->MeasureProcessCPUTime();
  benchmark->UseRealTime()->Unit(benchmark::kMillisecond);
}

void starts(benchmark::internal::Benchmark* benchmark) {
  benchmark->RangeMultiplier(2)->Range(1, 128)->Iterations(1)->MeasureProcessCPUTime();
  benchmark->UseRealTime()->Unit(benchmark::kMillisecond);
}

void threads(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(1)->Arg(2)->Iterations(1)->MeasureProcessCPUTime();
  benchmark->UseRealTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK(by_layers)->Apply(layers);
BENCHMARK(by_starts)->Apply(starts);
BENCHMARK(by_threads)->Apply(threads);

}  // namespace
