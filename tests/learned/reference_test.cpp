// On measured cycles, which are not part of the source tree. Bounds are above what was measured
// when the model was made: they catch a model that got worse.
#include <gtest/gtest.h>

#include "learned/cross_validation.h"
#include "learned/learned_test_support.h"
#include "masala/learned/metrics.h"
#include "masala/learned/trained_model.h"
#include "targets/gemmini/measured_rows.h"

namespace masala::learned {
namespace {

constexpr const char* kMappings = "firesim/mappings.csv";
constexpr const char* kDesigns = "firesim/searched_designs.csv";

// With warm caches.
TrainingSet set_of(const std::vector<testing::ReferenceRow>& table, const char* program) {
  std::vector<MeasuredRow> rows;
  for (const testing::ReferenceRow& row : table) {
    MeasuredRow measured;
    measured.line = rows.size() + 2;
    measured.layer = testing::layer_of_row(row);
    measured.mapping = testing::mapping_of_row(row);
    measured.hardware =
        testing::hardware_of(driven_gemmini(), {{"pe_dim", std::stod(row.at("arch.meshX"))}});
    measured.cycles = std::stod(row.at("target.gemmini_cycle"));
    rows.push_back(std::move(measured));
  }
  return make_training_set(rows, driven_gemmini(), gemmini::target(), {program, "warm"});
}

std::optional<TrainingSet> measured_set(const char* table) {
  const auto reference = testing::reference_rows(table);
  if (!reference) return std::nullopt;
  return set_of(*reference, "measured");
}

TrainingSet embedded_set() {
  return set_of(testing::rows_of_csv(MASALA_DATA "/traces/gemmini_sim.csv").value(), "clean");
}

ValidationOptions validation_options() {
  ValidationOptions options;
  options.seeds = 1;
  options.threads = 2;
  return options;
}

TEST(Reference, MeasuredRowsAreCleaned) {
  const auto set = measured_set(kMappings);
  if (!set) GTEST_SKIP() << kMappings << " is not there";
  EXPECT_EQ(set->dropped.size(), 12U);
  EXPECT_GT(set->rows.size(), 1200U);
}

TEST(Reference, PredictsLayersItHasNotSeen) {
  const auto set = measured_set(kMappings);
  if (!set) GTEST_SKIP() << kMappings << " is not there";
  const TrainingTask task(*set, driven_gemmini(), gemmini::target());
  const FoldMetrics division =
      cross_validate(task, make_plan(0), nullptr, validation_options()).divisions.front();
  const Metrics& calibrated = division.tiers.at("calibrated");
  EXPECT_LE(calibrated.median_ape_percent, 9.0);
  EXPECT_GE(calibrated.within_layer_spearman, 0.95);
  EXPECT_LE(division.worst_calibrated_mape_percent, 25.0);
  const Metrics& hybrid = division.tiers.at("hybrid");
  EXPECT_GE(hybrid.spearman, 0.992);
  EXPECT_LE(hybrid.median_ape_percent, 7.0);
  EXPECT_LE(hybrid.mape_percent, 14.0);
  EXPECT_GE(hybrid.within_layer_spearman, 0.95);
  EXPECT_LE(hybrid.median_ape_percent, calibrated.median_ape_percent);
  EXPECT_LE(hybrid.mape_percent, calibrated.mape_percent);
}

Metrics designs_by(const TrainedModel& model, const char* tier, const TrainingSet& designs) {
  const model::Accelerator accelerator = driven_gemmini();
  const auto latency = make_latency(model, tier, accelerator, model.conditions);
  std::vector<double> cycles;
  std::vector<double> measured;
  for (const model::LatencyEstimate& estimate : estimate_rows(*latency, designs.rows, accelerator))
    cycles.push_back(estimate.cycles);
  for (const MeasuredRow& row : designs.rows) measured.push_back(row.cycles);
  return compute_metrics(cycles, measured, designs.layers);
}

// Trained on measured and embedded rows, as docs/learning.md advises.
TEST(Reference, PredictsDesignsThatSearchesFound) {
  const auto set = measured_set(kMappings);
  const auto designs = measured_set(kDesigns);
  if (!set || !designs) GTEST_SKIP() << kMappings << " and " << kDesigns << " are not there";
  const TrainingSet embedded = embedded_set();
  const TrainingResult result = train(
      *set, &embedded, driven_gemmini(), gemmini::target(), make_plan(0), validation_options());
  EXPECT_TRUE(result.report.pretrained);
  const Metrics calibrated = designs_by(result.model, "calibrated", *designs);
  const Metrics hybrid = designs_by(result.model, "hybrid", *designs);
  EXPECT_LE(calibrated.median_ape_percent, 4.5);
  EXPECT_LE(hybrid.median_ape_percent, calibrated.median_ape_percent);
  EXPECT_LE(hybrid.mape_percent, calibrated.mape_percent);
}

}  // namespace
}  // namespace masala::learned
