// The batched, differentiable model against the exact one, and its gradients.
#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <random>

#include "masala/model/batched_cost.h"
#include "masala/model/batched_traffic.h"
#include "masala/model/cost.h"
#include "masala/model/traffic.h"
#include "support/accelerators.h"
#include "support/builders.h"
#include "support/gradient_check.h"
#include "support/random_mapping.h"

namespace masala::model {
namespace {

using masala::testing::layer_of;
using masala::testing::mapping_of;

struct Sample {
  Accelerator accelerator;
  std::vector<Layer> layers;
  std::vector<Mapping> mappings;
  std::vector<Hardware> hardware;

  LayerBatch layer_batch() const {
    std::vector<std::int64_t> indices;
    for (std::size_t i = 0; i < layers.size(); ++i) indices.push_back(static_cast<std::int64_t>(i));
    return make_layer_batch(layers, indices);
  }
};

Sample random_sample(const Accelerator& accelerator, int size, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  Sample sample;
  sample.accelerator = accelerator;
  const Hardware hardware = default_hardware(accelerator);
  const Machine machine = resolve(accelerator, hardware);
  constexpr std::int64_t kMaxMacs = 200000;
  for (int i = 0; i < size; ++i) {
    sample.layers.push_back(masala::testing::random_layer(rng, kMaxMacs));
    sample.mappings.push_back(
        masala::testing::random_factorisation(sample.layers.back(), machine, rng));
    sample.hardware.push_back(hardware);
  }
  return sample;
}

void expect_counts_equal(const Tensor& batched,
                         std::int64_t exact,
                         std::int64_t b,
                         const std::string& what) {
  if (!batched.defined()) {
    EXPECT_EQ(exact, 0) << what;
    return;
  }
  EXPECT_EQ(batched[b].item<double>(), static_cast<double>(exact)) << what;
}

class BatchedModel : public ::testing::TestWithParam<const char*> {
 protected:
  Accelerator accelerator() const {
    const std::string which = GetParam();
    if (which == "gemmini") return masala::testing::gemmini();
    if (which == "eyeriss_like") return masala::testing::eyeriss_like();
    return masala::testing::five_level_toy();
  }
};

TEST_P(BatchedModel, EqualsTheExactModelAtIntegerPoints) {
  constexpr int kSize = 400;
  const Sample sample = random_sample(accelerator(), kSize, 1);
  const LayerBatch layers = sample.layer_batch();
  const HardwareBatch hardware = make_hardware_batch(sample.accelerator, sample.hardware);
  const TrafficBatch traffic =
      count_traffic(make_mapping_batch(sample.mappings), layers, sample.accelerator);
  const CostBatch cost = cost_of(traffic, layers, hardware, sample.accelerator);
  const Tensor words = words_needed(traffic, sample.accelerator);
  for (std::size_t i = 0; i < sample.mappings.size(); ++i) {
    const auto b = static_cast<std::int64_t>(i);
    const Machine machine = resolve(sample.accelerator, sample.hardware[i]);
    const Traffic exact = count_traffic(sample.mappings[i], sample.layers[i], machine);
    const LayerCost exact_cost = cost_of(exact, sample.mappings[i], sample.layers[i], machine);
    const std::string text = to_text(sample.mappings[i], sample.accelerator);
    for (std::size_t l = 0; l < sample.accelerator.levels.size(); ++l) {
      for (Operand operand : kAllOperands) {
        const std::string what =
            text + " " + sample.accelerator.levels[l].name + " " + std::string(name(operand));
        expect_counts_equal(traffic.reads[l][operand], exact.reads[l][operand], b, what + " reads");
        expect_counts_equal(traffic.fills[l][operand], exact.fills[l][operand], b, what + " fills");
        expect_counts_equal(
            traffic.updates[l][operand], exact.updates[l][operand], b, what + " updates");
      }
    }
    const PerLevel<std::int64_t> exact_words =
        words_needed(sample.mappings[i], sample.layers[i], sample.accelerator);
    for (std::size_t l = 0; l + 1 < sample.accelerator.levels.size(); ++l) {
      EXPECT_EQ(words[static_cast<std::int64_t>(l)][b].item<double>(),
                static_cast<double>(exact_words[l]))
          << text;
    }
    EXPECT_EQ(cost.cycles[b].item<double>(), exact_cost.cycles) << text;
    EXPECT_NEAR(cost.energy_pj[b].item<double>() / exact_cost.energy_pj, 1.0, 1e-14) << text;
  }
}

TEST_P(BatchedModel, OneBatchEqualsManyCalls) {
  const Sample sample = random_sample(accelerator(), 7, 2);
  const LayerBatch layers = sample.layer_batch();
  const MappingBatch mappings = make_mapping_batch(sample.mappings);
  const TrafficBatch all = count_traffic(mappings, layers, sample.accelerator);
  for (std::size_t i = 0; i < sample.mappings.size(); ++i) {
    const LayerBatch layer = make_layer_batch(sample.layers, {static_cast<std::int64_t>(i)});
    const TrafficBatch one =
        count_traffic(make_mapping_batch({sample.mappings[i]}), layer, sample.accelerator);
    const std::size_t dram = sample.accelerator.levels.size() - 1;
    for (Operand operand : kAllOperands) {
      EXPECT_EQ(one.reads[dram][operand][0].item<double>(),
                all.reads[dram][operand][static_cast<std::int64_t>(i)].item<double>());
    }
  }
}

// Relaxed factors, drawn away from the kinks at 1 and 2; ceilings are replaced by large numbers of
// blocks only in the exact count, so the energy uses the straight-through gradient and is checked
// through its parts: traffic, cycles without ceiling noise, words and area.
TEST_P(BatchedModel, TrafficGradientsAgreeWithFiniteDifferences) {
  const Sample sample = random_sample(accelerator(), 6, 4);
  const LayerBatch layers = sample.layer_batch();
  const MappingBatch integer = make_mapping_batch(sample.mappings);
  torch::manual_seed(5);
  const Tensor jitter = torch::rand_like(integer.temporal) * 1.7 + 0.13;
  const Tensor logs = torch::where(
      integer.temporal > 1.5, integer.temporal.log() + 0.1, jitter.clamp_min(1.05).log());
  const auto total_traffic = [&](const Tensor& x) {
    MappingBatch mapping = integer;
    mapping.temporal = x.exp();
    const TrafficBatch traffic = count_traffic(mapping, layers, sample.accelerator);
    Tensor sum = words_needed(traffic, sample.accelerator).clamp_min(1.0).log().sum();
    for (const auto* counts : {&traffic.reads, &traffic.fills}) {
      for (const auto& level : *counts) {
        for (const Tensor& words : level.values) {
          // Outputs' reads (updates less first reads) can be negative between integers.
          if (words.defined()) sum = sum + (words.square() + 1.0).log().sum();
        }
      }
    }
    return sum;
  };
  const int checked = masala::testing::expect_gradient_matches(total_traffic, logs);
  EXPECT_GT(checked, logs.numel() * 3 / 4);
}

TEST(BatchedCost, CyclesAndEnergyGradientsAgreeWithFiniteDifferencesOfLargeLayers) {
  // Large counts make the steps of the ceilings negligible next to the finite difference.
  const Accelerator gemmini = masala::testing::gemmini();
  const std::vector<Layer> large = {layer_of("R3 S3 P56 Q56 C256 K512"),
                                    layer_of("P4096 C4096 K4096")};
  const std::vector<Mapping> mappings = {
      mapping_of("L3[WIO] K8 Q7 C4 - L2[WI] K16X - L1[O] K4 S3 R3 C4 Q8 P56 C16X - L0[W] N1",
                 gemmini),
      mapping_of("L3[WIO] P64 K16 C32 - L2[WI] K16X - L1[O] K16 C8 P64 C16X - L0[W] N1", gemmini)};
  const LayerBatch layers = make_layer_batch(large, {0, 1});
  const MappingBatch integer = make_mapping_batch(mappings);
  const auto log_edp = [&](const Tensor& x) {
    MappingBatch mapping = integer;
    mapping.temporal = x.exp();
    const TrafficBatch traffic = count_traffic(mapping, layers, gemmini);
    const Tensor parameters = torch::full({1, 2}, 16.0, real_options());
    const Tensor kib = kib_for(words_needed(traffic, gemmini), parameters, gemmini);
    const HardwareBatch hardware{parameters, kib};
    const CostBatch cost = cost_of(traffic, layers, hardware, gemmini);
    return (cost.energy_pj.log() + cost.cycles.log() + area_mm2(hardware, gemmini).log()).sum();
  };
  const Tensor logs = integer.temporal.log() + 0.07;
  const int checked = masala::testing::expect_gradient_matches(log_edp, logs, 1e-3, 5e-3);
  EXPECT_GT(checked, logs.numel() * 3 / 4);
}

TEST(BatchedTraffic, IsContinuousWhereALoopAppears) {
  // K is irrelevant to inputs; a relevant C loop inside it with a bound of 1 + 1e-9 must not change
  // the fills by more than its own share, though at 2 it forces a refetch for every K.
  const Accelerator gemmini = masala::testing::gemmini();
  const Layer layer = layer_of("P4 C8 K8");
  const Mapping mapping = mapping_of("L3[WIO] K8 - L2[WI] N1 - L1[O] C8 P4 - L0[W] N1", gemmini);
  const LayerBatch layers = make_layer_batch({layer}, {0});
  MappingBatch batch = make_mapping_batch({mapping});
  const auto fills = [&](double c_bound) {
    MappingBatch changed = batch;
    changed.temporal = batch.temporal.clone();
    changed.temporal[3][static_cast<int>(Dim::C)] = c_bound;
    for (int position = 0; position < kNumDims; ++position) {
      const Dim order[] = {Dim::R, Dim::S, Dim::P, Dim::Q, Dim::N, Dim::K, Dim::C};
      changed.order[3][position] = static_cast<std::int64_t>(order[position]);
    }
    return count_traffic(changed, layers, gemmini).fills[2][Operand::inputs].item<double>();
  };
  EXPECT_DOUBLE_EQ(fills(1.0), 32.0);          // 4 x 8 words, once
  EXPECT_NEAR(fills(1.0 + 1e-9), 32.0, 1e-5);  // no jump
  EXPECT_DOUBLE_EQ(fills(2.0), 32.0 * 2 * 8);  // two C steps, again for each of 8 K steps
}

TEST(BatchedCost, CeilingPassesTheGradientStraightThrough) {
  const Tensor x = torch::tensor({1.2, 3.0}, real_options()).requires_grad_();
  const Tensor y = ceil_straight_through(x);
  EXPECT_EQ(y[0].item<double>(), 2.0);
  EXPECT_EQ(y[1].item<double>(), 3.0);
  (y * torch::tensor({5.0, 7.0}, real_options())).sum().backward();
  EXPECT_EQ(x.grad()[0].item<double>(), 5.0);
  EXPECT_EQ(x.grad()[1].item<double>(), 7.0);
}

TEST(BatchedCost, AreaEqualsTheExactArea) {
  const Accelerator gemmini = masala::testing::gemmini();
  const Hardware hardware = masala::testing::hardware_of(
      gemmini, {{"pe_dim", 32}, {"scratchpad_kib", 300}, {"accumulator_kib", 77}});
  const Tensor area = area_mm2(make_hardware_batch(gemmini, {hardware}), gemmini);
  EXPECT_NEAR(area[0].item<double>(), area_mm2(gemmini, hardware), 1e-12);
}

// Every tensor of the batched model, with inputs made as `options` say.
std::vector<Tensor> all_results(const Sample& sample, const torch::TensorOptions& options) {
  std::vector<std::int64_t> indices;
  for (std::size_t i = 0; i < sample.layers.size(); ++i)
    indices.push_back(static_cast<std::int64_t>(i));
  const LayerBatch layers = make_layer_batch(sample.layers, indices, options);
  const HardwareBatch hardware = make_hardware_batch(sample.accelerator, sample.hardware, options);
  const TrafficBatch traffic =
      count_traffic(make_mapping_batch(sample.mappings, options), layers, sample.accelerator);
  const CostBatch cost = cost_of(traffic, layers, hardware, sample.accelerator);
  const Tensor words = words_needed(traffic, sample.accelerator);
  std::vector<Tensor> results = {traffic.compute_cycles,
                                 cost.cycles,
                                 cost.energy_pj,
                                 words,
                                 kib_for(words, hardware.parameters, sample.accelerator),
                                 area_mm2(hardware, sample.accelerator)};
  for (const auto* counts : {&traffic.reads, &traffic.fills, &traffic.updates}) {
    for (const auto& level : *counts) {
      for (const Tensor& total : level.values) {
        if (total.defined()) results.push_back(total);
      }
    }
  }
  for (int l = 0; l < sample.accelerator.num_levels(); ++l) {
    results.push_back(traffic.instances[l]);
    if (cost.level_cycles[l].defined()) results.push_back(cost.level_cycles[l]);
  }
  return results;
}

TEST_P(BatchedModel, ResultsHaveTheTypeAndDeviceOfTheInputs) {
  const Sample sample = random_sample(accelerator(), 50, 6);
  const std::vector<Tensor> exact = all_results(sample, real_options());
  std::vector<torch::TensorOptions> choices = {torch::kFloat32};
  if (torch::cuda::is_available()) {
    choices.push_back(torch::TensorOptions(torch::kFloat32).device(torch::kCUDA));
  }
  for (const torch::TensorOptions& options : choices) {
    const std::vector<Tensor> single = all_results(sample, options);
    ASSERT_EQ(single.size(), exact.size());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      EXPECT_EQ(single[i].scalar_type(), torch::kFloat32);
      EXPECT_EQ(single[i].device().type(), options.device().type());
      const Tensor back = single[i].to(torch::kCPU, torch::kFloat64);
      // A ceiling may round the other way.
      EXPECT_TRUE(torch::allclose(back, exact[i], 1e-4, 1.0)) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Accelerators,
                         BatchedModel,
                         ::testing::Values("gemmini", "eyeriss_like", "five_level_toy"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(Batch, WrongShapesAreNamed) {
  const Accelerator gemmini = masala::testing::gemmini();
  const LayerBatch layers = make_layer_batch({layer_of("P4")}, {0, 0});
  MappingBatch batch =
      make_mapping_batch({mapping_of("L3[WIO] P4 - L2[WI] N1 - L1[O] N1 - L0[W] N1", gemmini)});
  try {
    count_traffic(batch, layers, gemmini);
    FAIL() << "expected an exception";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "temporal: expected [4,7,2], got [4,7,1]");
  }
}

}  // namespace
}  // namespace masala::model
