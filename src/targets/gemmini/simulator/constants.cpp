#include "targets/gemmini/simulator/constants.h"

#include <stdexcept>

namespace masala::gemmini {

const std::vector<ConstantField>& constant_fields() {
  static const std::vector<ConstantField> kFields = {
      {"l2_hit_latency", &SimulatorConstants::l2_hit_latency, 5, 20},
      {"llc_hit_extra", &SimulatorConstants::llc_hit_extra, 2.5, 10},
      {"llc_read_occupancy", &SimulatorConstants::llc_read_occupancy, 5, 20},
      {"dram_refill_occupancy", &SimulatorConstants::dram_refill_occupancy, 10, 40},
      {"dram_latency", &SimulatorConstants::dram_latency, 15, 60},
      {"l2_dirty_eviction", &SimulatorConstants::l2_dirty_eviction, 11, 44},
      {"llc_dirty_victim", &SimulatorConstants::llc_dirty_victim, 9, 36},
      {"put_latency", &SimulatorConstants::put_latency, 35, 140},
      {"response_gap", &SimulatorConstants::response_gap, 0.25, 1.5},
      {"convolution_loop_cycles", &SimulatorConstants::convolution_loop_cycles, 31, 124},
      {"matmul_loop_cycles", &SimulatorConstants::matmul_loop_cycles, 5, 20},
  };
  return kFields;
}

SimulatorConstants constants_from(const model::Accelerator& accelerator) {
  SimulatorConstants constants;
  for (const auto& [name, value] : accelerator.simulator) {
    bool is_known = false;
    for (const ConstantField& field : constant_fields()) {
      if (name != field.name) continue;
      constants.*field.value = value;
      is_known = true;
    }
    if (!is_known) throw std::invalid_argument("unknown simulator constant " + name);
  }
  return constants;
}

}  // namespace masala::gemmini
