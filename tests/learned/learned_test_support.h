// Small problems for the tests of the learned latency models.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "learned/calibration.h"
#include "learned/ensemble.h"
#include "learned/training_set.h"
#include "model/accelerator.h"
#include "model/batch.h"
#include "model/latency_model.h"

namespace masala::learned {

// testing::gemmini() with the program that runs it.
model::Accelerator driven_gemmini();

// Rows without cycles: convolutions and matrix multiplies with random perfect factors, for the
// clean program on arrays of 4 to 32. All bounds are powers of two, kernels 1 or 3 wide: tiles are
// multiples of the array and of a cache line, or at most it.
std::vector<MeasuredRow> random_rows(std::size_t count, std::uint64_t seed);

// What the clean program of a row counts.
CountedRow count_row(const MeasuredRow& row,
                     simulator::CacheState cache = simulator::CacheState::warm);

struct RowBatch {
  model::LayerBatch layers;
  model::MappingBatch mapping;
  model::HardwareBatch hardware;
};
RowBatch make_batch(const std::vector<MeasuredRow>& rows, const model::Accelerator& accelerator);

// An estimate of a whole batch, through the traffic and the roofline as a search computes them.
model::LatencyBatch estimate_batch(const model::LatencyModel& latency,
                                   const RowBatch& batch,
                                   const model::Accelerator& accelerator);
// The same one row at a time.
std::vector<model::LatencyEstimate> estimate_rows(const model::LatencyModel& latency,
                                                  const std::vector<MeasuredRow>& rows,
                                                  const model::Accelerator& accelerator);

// Constants away from their starts, within their bounds.
CalibrationConstants shifted_constants();

// A training set of `layers` layers with `per_layer` random mappings each; cycles are those of
// shifted_constants(), times a smooth function of the tile.
TrainingSet synthetic_set(std::size_t layers, std::size_t per_layer, std::uint64_t seed);

// An ensemble with random weights; its range is that of `features` [B,F].
std::shared_ptr<const Ensemble> random_ensemble(const Tensor& features,
                                                std::uint64_t seed,
                                                double target_mean = 0.0,
                                                double target_scale = 0.1);

}  // namespace masala::learned
