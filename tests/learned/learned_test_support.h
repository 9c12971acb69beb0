// Small problems for the tests of the learned latency models, which stand on Gemmini's latency.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "learned/ensemble.h"
#include "masala/learned/training_set.h"
#include "masala/model/accelerator.h"
#include "masala/model/latency_model.h"
#include "targets/gemmini/gemmini_target.h"
#include "targets/gemmini/gemmini_test_support.h"

namespace masala::learned {

using gemmini::CountedRow;
using gemmini::driven_gemmini;
using gemmini::make_batch;
using gemmini::random_rows;
using gemmini::RowBatch;
using gemmini::shifted_constants;
using model::MeasuredRow;

// Of synthetic rows.
inline model::RunConditions clean_and_warm() {
  return {"clean", "warm"};
}

// An estimate of a whole batch, through the traffic and the roofline as a search computes them.
model::LatencyBatch estimate_batch(const model::LatencyModel& latency,
                                   const RowBatch& batch,
                                   const model::Accelerator& accelerator);
// The same one row at a time.
std::vector<model::LatencyEstimate> estimate_rows(const model::LatencyModel& latency,
                                                  const std::vector<MeasuredRow>& rows,
                                                  const model::Accelerator& accelerator);

// A training set of `layers` layers with `per_layer` random mappings each; cycles are those of
// shifted_constants(), times a smooth function of the tile.
TrainingSet synthetic_set(std::size_t layers, std::size_t per_layer, std::uint64_t seed);

// An ensemble with random weights; its range is that of `features` [B,F].
std::shared_ptr<const Ensemble> random_ensemble(const Tensor& features,
                                                std::uint64_t seed,
                                                double target_mean = 0.0,
                                                double target_scale = 0.1);

}  // namespace masala::learned
