// Evaluations per second: one layer's mapping with one loop order, costed on one hardware
// (traffic, buffer sizes, cycles, energy). items_per_second is the rate.
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include "bench_problem.h"
#include "masala/model/batched_cost.h"
#include "masala/model/batched_traffic.h"
#include "masala/model/cost.h"
#include "search/space/mapspace.h"

namespace {

using namespace masala;  // NOLINT: a benchmark, not a header
using torch::Tensor;

// Everything a batched evaluation needs, with factors given by their logarithms.
struct Batch {
  search::Problem problem = bench::make_problem("resnet50");
  model::LayerBatch layers;
  model::MappingBatch mappings;
  Tensor log_temporal;
  Tensor log_spatial;
  Tensor parameters;  // [H,B]

  explicit Batch(std::int64_t size) {
    const bench::Sample sample = bench::random_sample(problem, size);
    std::vector<std::int64_t> indices;
    for (std::int64_t b = 0; b < size; ++b) indices.push_back(b);
    layers = model::make_layer_batch(sample.layers, indices);
    mappings = model::make_mapping_batch(sample.mappings);
    mappings.loop_levels = search::make_mapspace(problem.accelerator).loop_levels;
    log_temporal = mappings.temporal.log();
    log_spatial = mappings.spatial.log();
    parameters = model::make_hardware_batch(problem.accelerator, sample.hardware).parameters;
  }

  // Sum of log EDP, each mapping on the smallest hardware that it fits.
  Tensor log_edp(const Tensor& temporal_logs, const Tensor& spatial_logs) const {
    model::MappingBatch relaxed = mappings;
    relaxed.temporal = temporal_logs.exp();
    relaxed.spatial = spatial_logs.exp();
    const model::TrafficBatch traffic = model::count_traffic(relaxed, layers, problem.accelerator);
    const Tensor words = model::words_needed(traffic, problem.accelerator);
    const model::HardwareBatch hardware{parameters,
                                        model::kib_for(words, parameters, problem.accelerator)};
    const model::CostBatch cost = model::cost_of(traffic, layers, hardware, problem.accelerator);
    return (cost.cycles.log() + cost.energy_pj.log()).sum();
  }
};

void batched_without_gradient(benchmark::State& state) {
  at::set_num_threads(1);
  const torch::NoGradGuard no_grad;
  const Batch batch(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(batch.log_edp(batch.log_temporal, batch.log_spatial));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void batched_with_gradient(benchmark::State& state) {
  at::set_num_threads(1);
  const torch::AutoGradMode with_gradient(true);
  const Batch batch(state.range(0));
  for (auto _ : state) {
    const Tensor temporal = batch.log_temporal.detach().requires_grad_();
    const Tensor spatial = batch.log_spatial.detach().requires_grad_();
    const Tensor loss = batch.log_edp(temporal, spatial);
    benchmark::DoNotOptimize(torch::autograd::grad({loss}, {temporal, spatial}));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void exact(benchmark::State& state) {
  const search::Problem problem = bench::make_problem("resnet50");
  const bench::Sample sample = bench::random_sample(problem, state.range(0));
  const model::Machine machine = model::resolve(problem.accelerator, sample.hardware.front());
  for (auto _ : state) {
    for (std::size_t i = 0; i < sample.mappings.size(); ++i) {
      benchmark::DoNotOptimize(model::cost_of(sample.mappings[i], sample.layers[i], machine));
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(batched_without_gradient)->RangeMultiplier(4)->Range(64, 16384)->UseRealTime();
BENCHMARK(batched_without_gradient)->Arg(2048)->Threads(2)->UseRealTime();
BENCHMARK(batched_with_gradient)->RangeMultiplier(4)->Range(64, 16384)->UseRealTime();
BENCHMARK(batched_with_gradient)->Arg(2048)->Threads(2)->UseRealTime();
BENCHMARK(exact)->Arg(1024)->UseRealTime();
BENCHMARK(exact)->Arg(1024)->Threads(2)->UseRealTime();

}  // namespace
