// The calibrated latency model: cycles from counters and some constants fitted to measurements.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "learned/counters.h"
#include "model/monitor.h"

namespace masala::learned {

// Cycles of the units of Gemmini, each as if it worked alone, and what they share.
template <class V>
struct UnitCycles {
  V compute;
  V load;
  V store;
  V issue;   // of the CPU
  V memory;  // behind L2, for loads and stores
  V tiles;
  V stores;  // tiles that store
  // Parts of `load` and of `store`, for the features.
  V weight_load;
  V waiting_load;  // for the latency of commands
  V l2_load;       // for lines that miss L2, and the last-level cache
  V llc_load;
  V missing_store;
};

// Constants in cycles per counted thing. Every one is bounded within a factor of its start: a fit
// without bounds lets one run off in an unlucky selection of rows.
struct CalibrationConstants {
  double input_cycle = 1.0;
  double weight_cycle = 1.0;
  double load_command = 25.0;  // latency of one
  double output_cycle = 1.0;
  double reload_cycle = 1.0;
  double load_l2_miss = 10.0;
  double load_llc_miss = 10.0;
  double store_l2_miss = 20.0;
  double store_llc_miss = 40.0;
  double memory_l2_miss = 10.0;
  double memory_llc_miss = 5.0;
  double memory_eviction = 22.0;
  double convolution_tile = 253.0;
  double matmul_tile = 126.0;
  double exposed = 0.7;
  double sharpness = 3.0;  // exponent of the norm that overlaps the units
  double start = 600.0;
};

struct CalibrationField {
  const char* name;
  double CalibrationConstants::*value;
  double bound;  // the fit stays within a factor of this
};
const std::vector<CalibrationField>& calibration_fields();

// A constant that a fit left at the end of its range: the data ask for more than it may give.
struct ConstantAtBound {
  std::string name;
  double value = 0.0;
  double bound = 0.0;  // the end of the range that it is at, within 1 %
};
std::vector<ConstantAtBound> constants_at_bounds(const CalibrationConstants& constants);

// Constants as numbers of type V, in the order of calibration_fields().
template <class V>
using ConstantVector = std::vector<V>;
std::vector<double> values_of(const CalibrationConstants& constants);
CalibrationConstants constants_of(const std::vector<double>& values);

// `c` in the order of calibration_fields(), broadcast over the batch.
template <class V, class C>
UnitCycles<V> unit_cycles(const Counters<V>& counters,
                          const V& dim,
                          const V& is_matmul,
                          const std::vector<C>& c);
template <class V, class C>
V calibrated_cycles(const UnitCycles<V>& units, const std::vector<C>& c);

// Counters of many rows, [B] each.
struct CounterTable {
  Counters<Tensor> counters;
  Tensor dim;
  Tensor is_matmul;
};
struct CountedRow {
  Counters<double> counters;
  double dim = 0.0;
  bool is_matmul = false;
};
CounterTable make_table(const std::vector<CountedRow>& rows);
CounterTable select(const CounterTable& table, const Tensor& chosen);

struct CalibrationFit {
  CalibrationConstants constants;
  double loss = 0.0;  // mean soft-L1 of ln(predicted / measured)
};

// Least squares on the log ratio with a robust loss, from several starts; the best one.
// measured_cycles [B]. Throws model::Interrupted when stopped.
CalibrationFit fit_calibration(const CounterTable& table,
                               const Tensor& measured_cycles,
                               const model::Monitor& monitor = {});

}  // namespace masala::learned
