// Rows and constants for the tests of Gemmini's latency, and of what is learned over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/batch.h"
#include "masala/model/measured_row.h"
#include "targets/gemmini/latency/calibration.h"

namespace masala::gemmini {

// testing::gemmini() with the program that runs it.
model::Accelerator driven_gemmini();

// A row as a table gives it, on 64 KiB of scratchpad and of accumulator.
model::MeasuredRow row_of(const char* bounds,
                          const char* mapping,
                          double cycles,
                          std::size_t line = 2,
                          double pe_dim = 128);
// The same of a small product, whose mapping takes 4 x 8 elements of the array.
inline constexpr const char* kSmallMapping = "L3[WIO] K2 - L2[WI] K8X - L1[O] P8 C4X - L0[W] N1";
model::MeasuredRow small_row(double cycles, std::size_t line = 2, double pe_dim = 16);

// Convolutions and matrix multiplies. All bounds are powers of two, kernels 1 or 3 wide.
model::Layer random_layer(std::mt19937_64& rng);
// Without cycles: random perfect factors, for the clean program on an array of 4 to 32.
model::MeasuredRow random_row(const model::Layer& layer, std::mt19937_64& rng);
// Of random layers: tiles are multiples of the array and of a cache line, or at most it.
std::vector<model::MeasuredRow> random_rows(std::size_t count, std::uint64_t seed);

// What the clean program of a row counts.
CountedRow count_row(const model::MeasuredRow& row, CacheState cache = CacheState::warm);

struct RowBatch {
  model::LayerBatch layers;
  model::MappingBatch mapping;
  model::HardwareBatch hardware;
};
RowBatch make_batch(const std::vector<model::MeasuredRow>& rows,
                    const model::Accelerator& accelerator);

// The starts of calibration_constants(), with other values for some. Throws std::invalid_argument
// for an unknown name.
std::vector<double> constants_with(const std::vector<std::pair<std::string, double>>& changes = {});

// Constants away from their starts, within their bounds.
std::vector<double> shifted_constants();

}  // namespace masala::gemmini
