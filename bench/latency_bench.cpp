// Estimates of cycles per second by the built-in latency models: one mapping at a time, and batched
// with gradients (traffic and roofline included). items_per_second is the rate.
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include "bench_problem.h"
#include "io/data_dir.h"
#include "io/model_file.h"
#include "masala/model/batched_cost.h"
#include "masala/model/batched_traffic.h"
#include "search/space/mapspace.h"

namespace {

using namespace masala;  // NOLINT: a benchmark, not a header
using torch::Tensor;

std::shared_ptr<const model::LatencyModel> built_in(const char* tier,
                                                    const model::Accelerator& accelerator) {
  const auto file = io::read_model(io::find_data_file("models/gemmini.masala"), accelerator);
  return learned::make_latency(file.trained, tier, accelerator, file.trained.conditions);
}

void one_at_a_time(benchmark::State& state, const char* tier) {
  const search::Problem problem = bench::make_problem("resnet50");
  const bench::Sample sample = bench::random_sample(problem, state.range(0));
  const model::Machine machine = model::resolve(problem.accelerator, sample.hardware.front());
  const auto latency = built_in(tier, problem.accelerator);
  for (auto _ : state) {
    for (std::size_t i = 0; i < sample.mappings.size(); ++i) {
      const model::LayerCost roofline =
          model::cost_of(sample.mappings[i], sample.layers[i], machine);
      benchmark::DoNotOptimize(
          latency->estimate(sample.mappings[i], sample.layers[i], machine, roofline));
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void batched_with_gradient(benchmark::State& state, const char* tier) {
  at::set_num_threads(1);
  const torch::AutoGradMode with_gradient(true);
  const search::Problem problem = bench::make_problem("resnet50");
  const bench::Sample sample = bench::random_sample(problem, state.range(0));
  std::vector<std::int64_t> indices;
  for (std::int64_t b = 0; b < state.range(0); ++b) indices.push_back(b);
  const model::LayerBatch layers = model::make_layer_batch(sample.layers, indices);
  const model::HardwareBatch hardware =
      model::make_hardware_batch(problem.accelerator, sample.hardware);
  model::MappingBatch mappings = model::make_mapping_batch(sample.mappings);
  mappings.loop_levels = search::make_mapspace(problem.accelerator).loop_levels;
  const Tensor log_temporal = mappings.temporal.log();
  const Tensor log_spatial = mappings.spatial.log();
  const auto latency = built_in(tier, problem.accelerator);
  for (auto _ : state) {
    const Tensor temporal = log_temporal.detach().requires_grad_();
    const Tensor spatial = log_spatial.detach().requires_grad_();
    mappings.temporal = temporal.exp();
    mappings.spatial = spatial.exp();
    const auto traffic = model::count_traffic(mappings, layers, problem.accelerator);
    const auto roofline = model::cost_of(traffic, layers, hardware, problem.accelerator);
    const auto found = latency->estimate(mappings, layers, hardware, traffic, roofline);
    const Tensor loss = (found.cycles.log() + roofline.energy_pj.log()).sum();
    benchmark::DoNotOptimize(torch::autograd::grad({loss}, {temporal, spatial}));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK_CAPTURE(one_at_a_time, calibrated, "calibrated")->Arg(1024)->UseRealTime();
BENCHMARK_CAPTURE(one_at_a_time, hybrid, "hybrid")->Arg(1024)->UseRealTime();
BENCHMARK_CAPTURE(one_at_a_time, dnn, "dnn")->Arg(1024)->UseRealTime();
BENCHMARK_CAPTURE(batched_with_gradient, calibrated, "calibrated")
    ->Arg(512)
    ->Arg(4096)
    ->UseRealTime();
BENCHMARK_CAPTURE(batched_with_gradient, hybrid, "hybrid")->Arg(512)->Arg(4096)->UseRealTime();

}  // namespace
