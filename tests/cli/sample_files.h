// Small valid inputs, to be broken one by one.
#pragma once

#include <stdexcept>
#include <string>

namespace masala::test {

inline const std::string kAccelerator = R"(name: toy
mac_energy_pj: 0.5
parameters:
  pe_dim: {min: 2, max: 64, default: 16}
levels:
  - name: registers
    keeps: [weights]
    word_bits: 8
    capacity: {words: 1}
    energy: {per_access_pj: 0.5}
    mapping: {temporal: [P, Q, N]}
  - name: buffer
    keeps: [weights, inputs, outputs]
    word_bits: 8
    spatial: {K: pe_dim}
    capacity: {kib: {min: 1, max: 1024, default: 64}}
    bandwidth_words_per_cycle: 2 * pe_dim
    energy: {linear_sram: {slope_per_kib: 0.05}}
  - name: dram
    keeps: [weights, inputs, outputs]
    word_bits: 8
    block_words: 64
    energy: {per_access_pj: 6400}
area:
  - {mm2: 4e-4, pe_dim: 2}
)";

inline const std::string kWorkload = R"(name: net
layers:
  - {name: conv, R: 3, S: 3, P: 8, Q: 8, C: 16, K: 32, N: 1, stride: [2, 2]}
  - {name: fc, R: 1, S: 1, P: 1, Q: 1, C: 64, K: 10, N: 1, count: 2}
)";

// Of gemmini; an unknown column first.
inline const std::string kTraces =
    R"(id,mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N
a,L3[WIO] K2 - L2[WI] K4X - L1[O] C4X - L0[W] P8,1,1,8,1,4,8,1
b,L3[WIO] N1 - L2[WI] K8X - L1[O] C4X - L0[W] P8,1,1,8,1,4,8,1
)";

// Of gemmini.
inline const std::string kDesign = R"({
  "schema": "masala.design/1",
  "workload": "net",
  "accelerator": {"name": "gemmini", "sha256": ""},
  "hardware": {"pe_dim": 8, "scratchpad_kib": 1, "accumulator_kib": 1},
  "latency_model": "roofline",
  "latency_file": null,
  "objective": "edp",
  "totals": {"cycles": 16, "energy_uj": 0.0198, "edp_uj_cycles": 0.3168, "area_mm2": 0.0465},
  "layers": [
    {
      "name": "conv",
      "count": 1,
      "shape": {
        "R": 1, "S": 1, "P": 8, "Q": 1, "C": 4, "K": 8, "N": 1,
        "stride": [1, 1], "dilation": [1, 1], "groups": 1
      },
      "mapping": "L3[WIO] N1 - L2[WI] N1 K8X - L1[O] P8 C4X - L0[W] N1",
      "cycles": 16,
      "energy_uj": 0.0198,
      "bottleneck": "dram"
    }
  ],
  "search": {
    "method": "gradient", "seed": 0, "starts": 1, "evaluations": 293, "seconds": 0.5,
    "interrupted": false,
    "history": [[108, 0.3168]]
  },
  "bound": null,
  "provenance": {"version": "0.1.0", "torch": "1.13.0", "command": "masala search", "inputs": {}}
}
)";

// `text` with the first `from` replaced.
inline std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::invalid_argument("not in the sample: " + from);
  return text.replace(at, from.size(), to);
}

// Every occurrence of it.
inline std::string with_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace masala::test
