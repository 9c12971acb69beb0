// Measured rows made ready for training: artefacts dropped by rule, repeats merged, noise known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/accelerator.h"
#include "model/layer.h"
#include "model/mapping.h"
#include "model/monitor.h"
#include "simulator/cache_state.h"
#include "simulator/driver_program.h"

namespace masala::learned {

struct MeasuredRow {
  std::size_t line = 0;  // in its file
  model::Layer layer;
  model::Mapping mapping;
  model::Hardware hardware;
  double cycles = 0.0;
};

// Every reason why a row cannot have been measured with the program: a tile that does not fit the
// memories, more rows or columns than the array has, an array or a layer that the driver does not
// know. Empty for accelerators without a driver.
std::vector<std::string> row_problems(const MeasuredRow& row,
                                      const model::Accelerator& accelerator,
                                      simulator::ProgramKind program);

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
  simulator::ProgramKind program = simulator::ProgramKind::clean;
  simulator::CacheState cache = simulator::CacheState::warm;  // when the cycles began to count
  std::vector<MeasuredRow> rows;    // repeats merged: geometric mean, line of the first
  std::vector<std::string> layers;  // key of each row's layer: R..N, strides, dilations
  std::vector<DroppedRow> dropped;
  Noise noise;
  std::size_t rows_read = 0;
  std::size_t below_compute = 0;  // rows faster than their array can compute
  std::vector<std::size_t> below_compute_lines;  // of the first few of them
};

// `rows` must be without row_problems(). Throws model::Interrupted when stopped.
TrainingSet make_training_set(const std::vector<MeasuredRow>& rows,
                              const model::Accelerator& accelerator,
                              simulator::ProgramKind program,
                              const model::Monitor& monitor = {});

// Why a set is not fit to train on: more than one row in a hundred is faster than its array can
// compute, as of times in milliseconds. Empty where such rows are allowed.
std::vector<std::string> training_problems(const TrainingSet& set, bool allow_impossible);

// "3 3 56 56 64 64 1 /1,1 ~1,1"
std::string layer_key(const model::Layer& layer);

// Edge of the array that a row ran on.
std::int64_t array_dim(const MeasuredRow& row,
                       const model::Accelerator& accelerator,
                       simulator::ProgramKind program);
// The machine that a row ran on, for the roofline.
model::Machine machine_of(const MeasuredRow& row,
                          const model::Accelerator& accelerator,
                          simulator::ProgramKind program);

// Whether latency models of the accelerator count the instructions of Gemmini's driver.
bool has_gemmini_driver(const model::Accelerator& accelerator);

}  // namespace masala::learned
