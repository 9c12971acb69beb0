#include "learned/learned_latency.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

#include "learned/learned_test_support.h"
#include "masala/learned/trained_model.h"
#include "masala/model/batched_cost.h"
#include "masala/model/batched_traffic.h"
#include "masala/model/cost.h"
#include "support/accelerators.h"
#include "support/gradient_check.h"
#include "targets/roofline/roofline_target.h"

namespace masala::learned {
namespace {

using LatencyPointer = std::shared_ptr<const model::LatencyModel>;
using BasePointer = std::shared_ptr<const model::LatencyBase>;

constexpr int kDram = 3;

BasePointer shifted_base(const model::Accelerator& accelerator) {
  return gemmini::target().latency_base(accelerator, shifted_constants(), clean_and_warm());
}

BasePointer roofline_base(const model::Accelerator& accelerator) {
  return targets::roofline_target().latency_base(accelerator, {}, clean_and_warm());
}

Tensor features_of(const model::LatencyBase& base,
                   const std::vector<MeasuredRow>& rows,
                   const model::Accelerator& accelerator) {
  std::vector<Tensor> features;
  for (const MeasuredRow& row : rows) {
    const model::Machine machine = model::resolve(accelerator, row.hardware);
    const model::LayerCost roofline = model::cost_of(row.mapping, row.layer, machine);
    features.push_back(torch::tensor(base.at(row.mapping, row.layer, machine, roofline).features,
                                     model::real_options()));
  }
  return torch::stack(features, 0);
}

void expect_forms_agree(const model::LatencyModel& latency,
                        const std::vector<MeasuredRow>& rows,
                        const model::Accelerator& accelerator,
                        double tolerance) {
  const model::LatencyBatch batch =
      estimate_batch(latency, make_batch(rows, accelerator), accelerator);
  const auto single = estimate_rows(latency, rows, accelerator);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto b = static_cast<std::int64_t>(i);
    EXPECT_NEAR(std::log(batch.cycles[b].item<double>() / single[i].cycles), 0.0, tolerance)
        << latency.tier() << " " << layer_key(rows[i].layer) << " "
        << model::to_text(rows[i].mapping, accelerator);
    EXPECT_NEAR(batch.log_std[b].item<double>(), single[i].log_std, tolerance);
  }
}

// Rows whose relaxed counters are exact (counters_test.cpp): kernels one column wide.
std::vector<MeasuredRow> exactly_relaxed_rows(std::size_t count, std::uint64_t seed) {
  std::vector<MeasuredRow> rows;
  for (MeasuredRow& row : random_rows(4 * count, seed)) {
    const auto& layer = row.layer;
    const bool is_exact =
        layer.is_matmul() || (layer.bounds[model::Dim::R] == 1 && layer.stride_w == 1);
    if (is_exact && rows.size() < count) rows.push_back(std::move(row));
  }
  return rows;
}

TEST(LearnedLatency, ScalarEqualsBatchedOnGemmini) {
  const model::Accelerator accelerator = driven_gemmini();
  const std::vector<MeasuredRow> rows = exactly_relaxed_rows(80, 21);
  const BasePointer base = shifted_base(accelerator);
  const Tensor features = features_of(*base, rows, accelerator);
  expect_forms_agree(*calibrated_latency(base, fit_scale(features)), rows, accelerator, 1e-9);
  const auto residual = random_ensemble(features, 22);
  expect_forms_agree(*hybrid_latency(base, residual, {}), rows, accelerator, 1e-9);
  const BasePointer mapping = mapping_base(accelerator);
  const auto network = random_ensemble(features_of(*mapping, rows, accelerator), 23, 12.0, 2.0);
  expect_forms_agree(*dnn_latency(mapping, network), rows, accelerator, 1e-9);
}

TEST(LearnedLatency, ScalarEqualsBatchedOnTheRoofline) {
  const model::Accelerator accelerator = driven_gemmini();
  const std::vector<MeasuredRow> rows = random_rows(80, 24);
  const BasePointer base = roofline_base(accelerator);
  const auto residual = random_ensemble(features_of(*base, rows, accelerator), 25);
  expect_forms_agree(*hybrid_latency(base, residual, {}), rows, accelerator, 1e-9);
}

TEST(LearnedLatency, BatchedFeaturesEqualScalarOnes) {
  const model::Accelerator accelerator = driven_gemmini();
  const std::vector<MeasuredRow> rows = exactly_relaxed_rows(80, 26);
  const RowBatch batch = make_batch(rows, accelerator);
  const model::TrafficBatch traffic =
      model::count_traffic(batch.mapping, batch.layers, accelerator);
  const model::CostBatch roofline =
      model::cost_of(traffic, batch.layers, batch.hardware, accelerator);
  for (const BasePointer& base :
       {shifted_base(accelerator), roofline_base(accelerator), mapping_base(accelerator)}) {
    const Tensor scalar = features_of(*base, rows, accelerator);
    const Tensor batched =
        base->at(batch.mapping, batch.layers, batch.hardware, traffic, roofline).features;
    const std::vector<std::string> names = base->feature_names();
    ASSERT_EQ(scalar.size(1), static_cast<std::int64_t>(names.size()));
    ASSERT_EQ(batched.sizes(), scalar.sizes());
    const Tensor worst = std::get<0>((batched - scalar).abs().max(0));
    for (std::size_t f = 0; f < names.size(); ++f)
      EXPECT_LT(worst[static_cast<std::int64_t>(f)].item<double>(), 1e-9) << names[f];
  }
}

// ln cycles of relaxed mappings against the logs of all factors inside DRAM; its own follow.
class LogCycles {
 public:
  LogCycles(LatencyPointer latency, std::vector<MeasuredRow> rows)
      : accelerator_(driven_gemmini()),
        latency_(std::move(latency)),
        batch_(make_batch(rows, accelerator_)) {}

  // A point off the integers: factors pulled in, so that every DRAM loop runs.
  Tensor start() const {
    const Tensor inner = batch_.mapping.temporal.narrow(0, 0, kDram);
    at::Generator generator = at::detail::createCPUGenerator(31);
    const Tensor jitter = torch::rand(inner.sizes(), generator, model::real_options());
    return torch::where(inner > 1.5, inner.log() - 0.2, torch::zeros_like(inner)) + 0.03 * jitter;
  }

  Tensor operator()(const Tensor& logs) const {
    RowBatch batch = batch_;
    const Tensor inner = logs.exp();
    const Tensor tile = inner.prod(0) * batch_.mapping.spatial.prod(0);
    batch.mapping.temporal = torch::cat({inner, (batch_.layers.bounds / tile).unsqueeze(0)}, 0);
    return estimate_batch(*latency_, batch, accelerator_).cycles.log().sum();
  }

 private:
  model::Accelerator accelerator_;
  LatencyPointer latency_;
  RowBatch batch_;
};

// Large enough for all counts to be far from where their forms change.
std::vector<MeasuredRow> rows_for_gradients() {
  std::vector<MeasuredRow> rows;
  for (MeasuredRow& row : random_rows(60, 41)) {
    if (row.layer.macs() > 1000000 && rows.size() < 8) rows.push_back(std::move(row));
  }
  return rows;
}

TEST(LearnedLatency, GradientOfCalibratedCyclesAgreesWithFiniteDifferences) {
  const std::vector<MeasuredRow> rows = rows_for_gradients();
  const BasePointer base = shifted_base(driven_gemmini());
  const Tensor features = features_of(*base, rows, driven_gemmini());
  const LogCycles f(calibrated_latency(base, fit_scale(features)), rows);
  const Tensor start = f.start();
  const int checked = testing::expect_gradient_matches(std::cref(f), start, 1e-6, 1e-4);
  EXPECT_GT(checked, start.numel() * 3 / 4);
}

TEST(LearnedLatency, GradientOfHybridCyclesAgreesWithFiniteDifferences) {
  const std::vector<MeasuredRow> rows = rows_for_gradients();
  const BasePointer base = shifted_base(driven_gemmini());
  const Tensor features = features_of(*base, random_rows(200, 42), driven_gemmini());
  const auto residual = random_ensemble(features, 43, 0.1, 0.5);
  const LogCycles f(hybrid_latency(base, residual, {}), rows);
  const Tensor start = f.start();
  const int checked = testing::expect_gradient_matches(std::cref(f), start, 1e-6, 1e-4);
  EXPECT_GT(checked, start.numel() * 3 / 4);
}

TEST(Shrunk, WorkedByHand) {
  ScalarEstimate estimate;
  estimate.mean = 0.3;
  estimate.std = 0.1;
  // 0.09 / (0.09 + 4 * 0.01) of 0.3
  EXPECT_NEAR(shrunk(estimate, {1.0, 4.0}), 0.3 * 9.0 / 13.0, 1e-9);
  estimate.distance = 2.0;
  EXPECT_NEAR(shrunk(estimate, {0.5, 4.0}), 0.3 * 9.0 / 13.0 * std::exp(-1.0), 1e-9);
  estimate.distance = 60.0;
  EXPECT_NEAR(shrunk(estimate, {1.0, 4.0}), 0.0, 1e-12);
}

TEST(HybridLatency, FarFromWhatItKnowsItIsTheBase) {
  const model::Accelerator accelerator = driven_gemmini();
  const std::vector<MeasuredRow> rows = random_rows(40, 51);
  const BasePointer base = shifted_base(accelerator);
  const Tensor features = features_of(*base, rows, accelerator);
  // A network that knows a range a hundred deviations away.
  const auto residual = random_ensemble(features + 100.0, 52, 1.0, 1.0);
  const auto hybrid = estimate_rows(*hybrid_latency(base, residual, {}), rows, accelerator);
  const auto calibrated =
      estimate_rows(*calibrated_latency(base, fit_scale(features)), rows, accelerator);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_FALSE(hybrid[i].in_range);
    EXPECT_NEAR(hybrid[i].cycles / calibrated[i].cycles, 1.0, 1e-9);
  }
}

TEST(HybridLatency, NeverFallsBelowTheArraysOwnCycles) {
  const model::Accelerator accelerator = driven_gemmini();
  const std::vector<MeasuredRow> rows = exactly_relaxed_rows(40, 61);
  const BasePointer base = shifted_base(accelerator);
  // exp(-20) of the base.
  const auto residual = random_ensemble(features_of(*base, rows, accelerator), 62, -20.0, 1e-3);
  const LatencyPointer hybrid = hybrid_latency(base, residual, {0.0, 0.0});
  const auto estimates = estimate_rows(*hybrid, rows, accelerator);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const CountedRow counted = gemmini::count_row(rows[i]);
    EXPECT_DOUBLE_EQ(estimates[i].cycles, counted.counters.compute_cycles);
    const model::Machine machine = model::resolve(accelerator, rows[i].hardware);
    EXPECT_LE(hybrid->lower_bound_cycles(rows[i].layer, machine, 0.0, 0.0), estimates[i].cycles);
  }
  expect_forms_agree(*hybrid, rows, accelerator, 1e-9);
}

TEST(LearnedLatency, RowsOfItsTrainingAreInRange) {
  const model::Accelerator accelerator = driven_gemmini();
  const std::vector<MeasuredRow> rows = random_rows(200, 71);
  const BasePointer base = shifted_base(accelerator);
  const FeatureScale scale = fit_scale(features_of(*base, rows, accelerator));
  int in_range = 0;
  for (const auto& estimate : estimate_rows(*calibrated_latency(base, scale), rows, accelerator)) {
    EXPECT_EQ(estimate.log_std, 0.0);
    in_range += estimate.in_range ? 1 : 0;
  }
  EXPECT_GT(in_range, 180);
}

TEST(FeatureNames, AreAsManyAsFeaturesAndDistinct) {
  const model::Accelerator accelerator = testing::eyeriss_like();
  const std::vector<std::string> names =
      feature_names(targets::roofline_target(), accelerator).residual;
  EXPECT_EQ(names.front(), "compute_share");
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST(MakeLatency, RefusesAnUnknownTier) {
  const model::Accelerator accelerator = driven_gemmini();
  TrainedModel trained;
  trained.target = &targets::roofline_target();
  EXPECT_THROW(make_latency(trained, "oracle", accelerator, clean_and_warm()),
               std::invalid_argument);
}

}  // namespace
}  // namespace masala::learned
