// A mapping of one layer: per level the temporal and spatial factors and the temporal loop order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/dims.h"
#include "masala/model/layer.h"

namespace masala::model {

struct LevelMapping {
  PerDim<std::int64_t> temporal = filled<std::int64_t>(1);
  PerDim<std::int64_t> spatial = filled<std::int64_t>(1);
  std::array<Dim, kNumDims> order = kAllDims;  // temporal loops, outer to inner; a permutation
};

// Level 0 is innermost. A spatial factor stands at the level above its fan-out and belongs to
// that level's tile.
struct Mapping {
  int num_levels = 0;
  PerLevel<LevelMapping> levels{};
};

// Product of all factors of `dim`.
std::int64_t factor_product(const Mapping& mapping, Dim dim);

// The compact text form, outer level first, loops outer to inner, X = spatial, factors of 1
// omitted, "N1" alone for a level without loops:
//   L3[WIO] K16 Q7 C8 - L2[WI] K16X - L1[O] K2 S7 R7 Q4 P7 C16X - L0[W] P16
std::string to_text(const Mapping& mapping, const Accelerator& accelerator);

struct ParsedMapping {
  Mapping mapping;
  std::vector<std::string> problems;  // empty: parsed; otherwise what is wrong, with column
};
// Reads the text form. Words of a level may come in any order (it is the loop order); the level
// labels must be the accelerator's, outer to inner, with the operands it keeps there.
ParsedMapping parse_mapping(std::string_view text, const Accelerator& accelerator);

// Whether the factors of every dimension multiply to its bound.
bool is_perfect(const Mapping& mapping, const Layer& layer);

// Which factors problems() accepts.
enum class Factors {
  perfect,    // those that multiply to the bound
  imperfect,  // also those that multiply to more (ceil tiling), if no iteration is without work
};

// Every reason why the machine cannot run the mapping: factors that do not fit the bounds, spatial
// factor over the limit, tile over the capacity. Mapping rules are not checked: see
// rule_violations().
std::vector<std::string> problems(const Mapping& mapping,
                                  const Layer& layer,
                                  const Accelerator& accelerator,
                                  const Machine& machine,
                                  Factors factors = Factors::perfect);

// The search rules of the accelerator that the mapping breaks (empty for any searched mapping).
std::vector<std::string> rule_violations(const Mapping& mapping, const Accelerator& accelerator);

}  // namespace masala::model
