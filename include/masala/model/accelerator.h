// An accelerator described as data: ordered memory levels, what each keeps, what it costs.
//
// Nothing here knows a particular machine. A description (Accelerator) has free parameters and
// sized levels; a Hardware gives them values; resolve() turns the two into a Machine of plain
// numbers, which is what the model computes with. Formulas of hardware values are templates over
// the number type V: doubles, or tensors with gradients. `one` is a 1 of that type.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "masala/model/dims.h"

namespace masala::model {

inline constexpr int kMaxLevels = 8;
inline constexpr double kBitsPerKib = 8.0 * 1024.0;

template <class T>
using PerLevel = std::array<T, kMaxLevels>;

// A number, a parameter, or number x parameter: `factor * parameters[parameter]`.
struct Scaled {
  double factor = 1.0;
  int parameter = -1;  // -1: the number alone

  // Parameters are indexed by number.
  template <class V, class Parameters>
  V value(const Parameters& parameters, const V& one) const {
    return parameter < 0 ? one * factor : parameters[parameter] * factor;
  }
  double value(const std::vector<std::int64_t>& parameters) const { return value(parameters, 1.0); }
};

// A free integer quantity and its search grid. fixed: min == max == fallback.
struct Range {
  std::int64_t min = 1;
  std::int64_t max = 1;
  std::int64_t step = 1;
  bool powers_of_two = false;
  std::int64_t fallback = 1;  // the `default` key

  bool is_fixed() const { return min == max; }
  bool contains(std::int64_t value) const;
  // Smallest grid value >= `need`, or nullopt when it exceeds max.
  std::optional<std::int64_t> round_up(double need) const;
  // The grid value nearest to `wanted`: by difference, powers of two by ratio.
  std::int64_t nearest(double wanted) const;
  // The grid value after `value`, or before it (`up` false); nullopt at the end of the grid.
  std::optional<std::int64_t> next(std::int64_t value, bool up) const;
};

struct Parameter {
  std::string name;
  Range range;
};

// Energy of one access to a block of `block_words` words, in pJ.
//   per_access_pj, or Timeloop's linear SRAM model
//   (slope * (KiB of one instance - 0.5) + 1) * bits of a row / 16,  row = block_words words.
struct AccessEnergy {
  bool linear_sram = false;
  double per_access_pj = 0.0;
  double slope_per_kib = 0.0;
};

// A dimension that may be unrolled across the children below a level, and over how many.
struct SpatialDim {
  Dim dim = Dim::C;
  Scaled limit;
};

// Constraints on search and sampling only; evaluation accepts any loop at any level.
struct MappingRules {
  PerDim<bool> temporal = filled(true);  // dimensions that may have a temporal factor here
  std::vector<Dim> innermost;            // these loops, outer to inner, stay innermost here
};

struct Level {
  std::string name;
  PerOperand<bool> keeps;
  int word_bits = 8;
  Scaled instances;  // physical instances that share `kib`
  std::vector<SpatialDim> spatial;
  std::int64_t capacity_words = 0;                  // per instance; 0: see kib
  std::optional<Range> kib;                         // all instances together; neither: unlimited
  bool double_buffered = false;                     // a tile may use half
  std::optional<Scaled> bandwidth_words_per_cycle;  // per instance; nullopt: unlimited
  Scaled block_words;                               // words moved by one access
  AccessEnergy energy;
  MappingRules rules;

  bool is_sized() const { return kib.has_value(); }

  // KiB of all instances together that hold `words` in each, not rounded to the grid.
  template <class V>
  V kib_for(const V& words, const V& number_of_instances) const {
    return words * word_bits * number_of_instances / kBitsPerKib;
  }

  template <class V>
  V block_energy_pj(const V& words_per_block, const V& kib_per_instance, const V& one) const {
    if (!energy.linear_sram) return one * energy.per_access_pj;
    const V row_bits = words_per_block * word_bits;
    return (energy.slope_per_kib * (kib_per_instance - 0.5) + 1.0) * row_bits / 16.0;
  }
};

// coefficient * product of (hardware value ^ exponent): one summand of the area.
struct AreaTerm {
  double coefficient_mm2 = 0.0;
  std::vector<std::pair<std::string, double>> exponents;  // hardware key -> exponent
};

// The software that runs layers on the machine, for counting and simulating cycles.
struct Program {
  std::string driver;  // the name of a Target
  // Sizes of the machine on which the driver was measured, where they are not what a table of
  // measurements says: hardware key -> value.
  std::vector<std::pair<std::string, double>> measured_hardware;
};

struct Accelerator {
  std::string name;
  std::string description;
  double mac_energy_pj = 0.0;
  std::vector<Parameter> parameters;
  std::vector<Level> levels;  // inner to outer; the last one keeps every operand
  std::vector<AreaTerm> area;
  std::optional<Program> program;
  std::vector<std::pair<std::string, double>> simulator;  // timing constant -> value

  int num_levels() const { return static_cast<int>(levels.size()); }
  std::optional<int> find_parameter(std::string_view parameter_name) const;
  std::optional<int> find_level(std::string_view level_name) const;
  // The innermost level that keeps the operand, and the next one outside `level` that does.
  int innermost_keeping(Operand operand) const;
  std::optional<int> parent(int level, Operand operand) const;
};

// Values of the parameters and the KiB of every sized level (0 elsewhere). KiB may be fractional
// where a trace row gives words.
struct Hardware {
  std::vector<std::int64_t> parameters;
  PerLevel<double> kib{};
};

Hardware default_hardware(const Accelerator& accelerator);

// "pes", "buffer_kib", ...: the name of every value of a Hardware, in file order.
std::vector<std::string> hardware_keys(const Accelerator& accelerator);
// Reads or writes one value by key; false / nullopt for an unknown key.
std::optional<double> hardware_value(const Accelerator& accelerator,
                                     const Hardware& hardware,
                                     std::string_view key);
bool set_hardware_value(const Accelerator& accelerator,
                        Hardware& hardware,
                        std::string_view key,
                        double value);
// The range of a key, or nullptr for an unknown key.
const Range* hardware_range(const Accelerator& accelerator, std::string_view key);

// Sum of the terms, with value_of(key) the hardware value of a key and power(value, exponent).
template <class V, class ValueOf, class Power>
V area_mm2(const std::vector<AreaTerm>& terms,
           const ValueOf& value_of,
           const Power& power,
           const V& one) {
  V area = one * 0.0;
  for (const AreaTerm& term : terms) {
    V product = one * term.coefficient_mm2;
    for (const auto& [key, exponent] : term.exponents) {
      product = product * power(value_of(key), exponent);
    }
    area = area + product;
  }
  return area;
}
double area_mm2(const Accelerator& accelerator, const Hardware& hardware);

// An accelerator with every quantity resolved to a number for one Hardware.
struct Machine {
  int num_levels = 0;
  double mac_energy_pj = 0.0;
  PerLevel<PerOperand<bool>> keeps{};
  PerLevel<PerDim<std::int64_t>> spatial_limit{};  // 1 where a dimension may not be unrolled
  PerLevel<std::int64_t> capacity_words{};         // per instance; 0: unlimited
  PerLevel<double> bandwidth_words_per_cycle{};    // per instance; 0: unlimited
  PerLevel<double> block_words{};
  PerLevel<double> block_energy_pj{};
  PerLevel<PerOperand<int>> parent{};  // next outer keeping level; -1: none or not kept
  PerOperand<int> innermost{};
};

Machine resolve(const Accelerator& accelerator, const Hardware& hardware);

// Every reason why the description is contradictory (no level keeping an operand, ranges upside
// down, unknown names in the area, ...), with the key path first: "levels[1].keeps: ...".
std::vector<std::string> problems(const Accelerator& accelerator);

}  // namespace masala::model
