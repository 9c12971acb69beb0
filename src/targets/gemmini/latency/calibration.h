// The calibrated latency model of Gemmini: cycles from counters and some constants.
#pragma once

#include <vector>

#include "masala/model/fitted_constant.h"
#include "targets/gemmini/latency/counters.h"

namespace masala::gemmini {

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

// In cycles per counted thing; "sharpness" is the exponent of the norm that overlaps the units.
const std::vector<model::FittedConstant>& calibration_constants();

// `c` in the order of calibration_constants(), broadcast over the batch.
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

}  // namespace masala::gemmini
