// Timing constants of the simulated machine, in cycles at the array's clock.
#pragma once

#include <string>
#include <vector>

#include "masala/model/accelerator.h"

namespace masala::gemmini {

struct SimulatorConstants {
  // Fitted to measured rows (docs/simulator.md); the accelerator's file may change them.
  double l2_hit_latency = 10;         // from a request to its first beat
  double llc_hit_extra = 5;           // on top, when the last-level cache serves it
  double llc_read_occupancy = 10;     // of the memory server, per 64-byte line
  double dram_refill_occupancy = 20;  // of the memory server, per 128-byte block
  double dram_latency = 30;           // on top, when DRAM serves it
  double l2_dirty_eviction = 22;      // occupancy of writing a victim line back
  double llc_dirty_victim = 18;       // occupancy of writing a victim block back
  double put_latency = 70;            // from a write to its acknowledgement
  double response_gap = 0.75;         // of the read bus, after a response of several beats
  // Of the CPU, for every DRAM loop that begins anew.
  double convolution_loop_cycles = 62;
  double matmul_loop_cycles = 10;
};

// A named view of the fitted constants: for the accelerator's `simulator` section and for fitting.
struct ConstantField {
  const char* name;
  double SimulatorConstants::*value;
  double low;  // bounds of the fit
  double high;
};
const std::vector<ConstantField>& constant_fields();

// The defaults with the values of the accelerator's `simulator` section. Throws
// std::invalid_argument for a name that is none of constant_fields().
SimulatorConstants constants_from(const model::Accelerator& accelerator);

}  // namespace masala::gemmini
