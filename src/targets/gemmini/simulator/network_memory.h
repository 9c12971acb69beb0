// The memory of a machine that runs one layer after the other, and where their arrays lie in it.
#pragma once

#include <cstdint>

#include "masala/model/simulator.h"
#include "targets/gemmini/program/driver_program.h"
#include "targets/gemmini/simulator/memory_system.h"

namespace masala::gemmini {

// Byte addresses of a layer's arrays. They alias to set 0 of the caches; the measured convolution
// program's arrays are only 8-byte aligned.
struct ArrayBases {
  std::uint64_t inputs, weights, outputs, partial_sums;
};

// The measured program has its arrays in the same place for every layer, as the static arrays of
// the published harness. With the clean one the layers are a network: the outputs of a layer are
// the inputs of the next, in one of two buffers by turns, and each layer has weights of its own.
class NetworkMemory : public model::MachineMemory {
 public:
  explicit NetworkMemory(const SimulatorConstants& constants);

  MemorySystem& caches() { return caches_; }
  // Where the arrays of the next layer to run lie.
  ArrayBases place(const DriverProgram& program);

 private:
  MemorySystem caches_;
  std::uint64_t layers_ = 0;
  std::uint64_t next_weights_;
};

}  // namespace masala::gemmini
