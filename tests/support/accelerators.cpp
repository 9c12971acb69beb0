#include "support/accelerators.h"

#include <string>
#include <utility>

namespace masala::testing {
namespace {

using model::Accelerator;
using model::Dim;
using model::Level;
using model::Operand;
using model::Range;
using model::Scaled;

constexpr double kSramSlopePerKib = 0.05025125628140704;  // 5 / 99.5

Level level(std::string name, const std::string& keeps, int word_bits) {
  Level result;
  result.name = std::move(name);
  for (Operand operand : model::kAllOperands) {
    result.keeps[operand] = keeps.find(model::letter(operand)) != std::string::npos;
  }
  result.word_bits = word_bits;
  return result;
}

Level word_buffer(std::string name, const std::string& keeps, std::int64_t words) {
  Level result = level(std::move(name), keeps, 8);
  result.capacity_words = words;
  result.energy.per_access_pj = 0.5;
  return result;
}

Level dram() {
  Level result = level("dram", "WIO", 8);
  result.bandwidth_words_per_cycle = Scaled{8.0};
  result.block_words = Scaled{64.0};
  result.energy.per_access_pj = 6400.0;
  return result;
}

Range kib_range(std::int64_t max, std::int64_t fallback) {
  Range range;
  range.max = max;
  range.fallback = fallback;
  return range;
}

}  // namespace

Accelerator gemmini() {
  constexpr int kPeDim = 0;
  Accelerator result;
  result.name = "gemmini";
  result.mac_energy_pj = 0.5608;
  Range pe_dim;
  pe_dim.min = 2;
  pe_dim.max = 128;
  pe_dim.fallback = 16;
  result.parameters.push_back({"pe_dim", pe_dim});

  Level registers = level("registers", "W", 8);
  registers.capacity_words = 1;
  registers.energy.per_access_pj = 0.487461722;
  registers.rules.temporal = model::filled(false);
  for (Dim dim : {Dim::N, Dim::Q, Dim::P}) registers.rules.temporal[dim] = true;

  Level accumulator = level("accumulator", "O", 32);
  accumulator.instances = Scaled{1.0, kPeDim};
  accumulator.spatial.push_back({Dim::C, Scaled{1.0, kPeDim}});
  accumulator.kib = kib_range(2048, 64);
  accumulator.bandwidth_words_per_cycle = Scaled{2.0};
  accumulator.energy.linear_sram = true;
  accumulator.energy.slope_per_kib = kSramSlopePerKib;
  accumulator.rules.innermost = {Dim::N, Dim::Q, Dim::P};

  Level scratchpad = level("scratchpad", "WI", 8);
  scratchpad.spatial.push_back({Dim::K, Scaled{1.0, kPeDim}});
  scratchpad.kib = kib_range(4096, 256);
  scratchpad.bandwidth_words_per_cycle = Scaled{2.0, kPeDim};
  scratchpad.block_words = Scaled{1.0, kPeDim};
  scratchpad.energy = accumulator.energy;
  scratchpad.rules.temporal = model::filled(false);

  result.levels = {registers, accumulator, scratchpad, dram()};
  result.area = {{3.869e-4, {{"pe_dim", 2.0}}},
                 {2.454e-3, {{"scratchpad_kib", 1.0}}},
                 {5.115e-3, {{"accumulator_kib", 1.0}}},
                 {1.505e-3, {{"scratchpad_kib", 0.5}, {"pe_dim", 0.5}}},
                 {3.52e-3, {{"accumulator_kib", 0.5}, {"pe_dim", 0.5}}}};
  return result;
}

Accelerator gemmini_rtl() {
  Accelerator result = gemmini();
  result.name = "gemmini-rtl";
  Range& pe_dim = result.parameters[0].range;
  pe_dim.min = pe_dim.max = pe_dim.fallback;
  for (Level& buffer : result.levels) {
    if (!buffer.is_sized()) continue;
    buffer.double_buffered = true;
    buffer.kib->min = 16;
    buffer.kib->powers_of_two = true;
  }
  result.program = model::Program{"gemmini", {{"scratchpad_kib", 4096}, {"accumulator_kib", 4096}}};
  return result;
}

Accelerator eyeriss_like() {
  Accelerator result;
  result.name = "eyeriss-like";
  result.mac_energy_pj = 1.0;
  Level pe = word_buffer("pe", "WIO", 512);
  Level glb = level("glb", "IO", 16);
  glb.spatial = {{Dim::S, Scaled{4.0}}, {Dim::Q, Scaled{6.0}}};
  glb.kib = kib_range(256, 108);
  glb.bandwidth_words_per_cycle = Scaled{4.0};
  glb.block_words = Scaled{4.0};
  glb.energy.linear_sram = true;
  glb.energy.slope_per_kib = kSramSlopePerKib;
  result.levels = {pe, glb, dram()};
  return result;
}

Accelerator five_level_toy() {
  Accelerator result;
  result.name = "five-level-toy";
  result.mac_energy_pj = 1.0;
  Level lane = word_buffer("lane", "I", 4096);
  Level cell = word_buffer("cell", "WO", 4096);
  cell.spatial = {{Dim::R, Scaled{3.0}}, {Dim::K, Scaled{4.0}}};
  Level row = word_buffer("row", "I", 4096);
  row.spatial = {{Dim::P, Scaled{3.0}}};
  Level shared = word_buffer("shared", "WO", 4096);
  shared.spatial = {{Dim::P, Scaled{2.0}}, {Dim::C, Scaled{4.0}}};
  shared.bandwidth_words_per_cycle = Scaled{2.0};
  result.levels = {lane, cell, row, shared, dram()};
  return result;
}

Accelerator accelerator_named(std::string_view function) {
  if (function == "eyeriss_like") return eyeriss_like();
  if (function == "five_level_toy") return five_level_toy();
  return gemmini();
}

}  // namespace masala::testing
