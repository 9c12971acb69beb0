// Measured rows made ready for training: artefacts dropped by rule, repeats merged, noise known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "masala/model/measured_row.h"
#include "masala/model/monitor.h"
#include "masala/model/target.h"

namespace masala::learned {

struct DroppedRow {
  std::size_t line = 0;
  std::string reason;
};

// How far repeated measurements of the same mapping lie from their geometric mean.
struct Noise {
  std::size_t mappings = 0;  // measured more than once
  std::size_t rows = 0;      // of these
  double median_percent = 0.0;
  double p90_percent = 0.0;
};

struct TrainingSet {
  model::RunConditions conditions;
  std::vector<model::MeasuredRow> rows;  // repeats merged: geometric mean, line of the first
  std::vector<std::string> layers;       // key of each row's layer: R..N, strides, dilations
  std::vector<DroppedRow> dropped;
  Noise noise;
  std::size_t rows_read = 0;
  std::size_t below_compute = 0;                 // rows faster than their array can compute
  std::vector<std::size_t> below_compute_lines;  // of the first few of them
};

// `rows` must be without row_problems() of the target. Throws model::Interrupted when stopped.
TrainingSet make_training_set(const std::vector<model::MeasuredRow>& rows,
                              const model::Accelerator& accelerator,
                              const model::Target& target,
                              const model::RunConditions& conditions,
                              const model::Monitor& monitor = {});

// Why a set is not fit to train on: more than one row in a hundred is faster than its array can
// compute, as of times in milliseconds. Empty where such rows are allowed.
std::vector<std::string> training_problems(const TrainingSet& set, bool allow_impossible);

// "3 3 56 56 64 64 1 /1,1 ~1,1"
std::string layer_key(const model::Layer& layer);

}  // namespace masala::learned
