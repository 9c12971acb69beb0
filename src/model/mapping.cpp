#include "masala/model/mapping.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "masala/model/cost.h"
#include "masala/model/traffic.h"
#include "model/imperfect_nest.h"

namespace masala::model {
namespace {

std::string keeps_text(const Level& level) {
  std::string text;
  for (Operand operand : kAllOperands) {
    if (level.keeps[operand]) text += letter(operand);
  }
  return text;
}

std::string level_label(const Accelerator& accelerator, int level) {
  return "L" + std::to_string(level) + "[" + keeps_text(accelerator.levels[level]) + "]";
}

// Reads the text form with one token of look-ahead: tokens are blank-separated words.
class MappingParser {
 public:
  MappingParser(std::string_view text, const Accelerator& accelerator)
      : text_(text), accelerator_(accelerator) {}

  ParsedMapping parse() {
    result_.mapping.num_levels = accelerator_.num_levels();
    for (int level = accelerator_.num_levels() - 1; level >= 0 && result_.problems.empty();
         --level) {
      parse_level(level);
    }
    return std::move(result_);
  }

 private:
  void parse_level(int level) {
    next_word();
    const std::string label = level_label(accelerator_, level);
    if (word_ != label) return fail("expected " + label);
    std::vector<Dim> loops;     // temporal, outer to inner
    std::vector<Dim> unrolled;  // spatial
    while (result_.problems.empty()) {
      next_word();
      if (word_.empty() || word_ == "-") break;
      parse_word(result_.mapping.levels[level], loops, unrolled);
    }
    if (!result_.problems.empty()) return;
    if (word_.empty() && level > 0)
      return fail("expected \" - \" and " + level_label(accelerator_, level - 1));
    if (word_ == "-" && level == 0) return fail("expected the end of the mapping");
    complete_order(result_.mapping.levels[level], loops);
  }

  void parse_word(LevelMapping& level, std::vector<Dim>& loops, std::vector<Dim>& unrolled) {
    const auto dim = dim_from_letter(word_[0]);
    std::string_view digits = word_.substr(1);
    const bool spatial = !digits.empty() && digits.back() == 'X';
    if (spatial) digits.remove_suffix(1);
    std::int64_t factor = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), factor);
    const bool is_number = error == std::errc() && end == digits.data() + digits.size();
    if (!dim || !is_number || factor < 1 || factor > kMaxBound) {
      return fail("expected a dimension R S P Q C K N and a factor from 1 to " +
                  std::to_string(kMaxBound) + ", X for spatial, as K16 or C16X");
    }
    std::vector<Dim>& seen = spatial ? unrolled : loops;
    if (std::find(seen.begin(), seen.end(), *dim) != seen.end()) {
      return fail("expected each dimension once per level");
    }
    seen.push_back(*dim);
    (spatial ? level.spatial : level.temporal)[*dim] = factor;
  }

  // Loops of bound 1 go outermost in the canonical order, so that equal mappings compare equal.
  static void complete_order(LevelMapping& level, const std::vector<Dim>& loops) {
    auto next = level.order.begin();
    for (Dim dim : kAllDims) {
      if (level.temporal[dim] == 1) *next++ = dim;
    }
    for (Dim dim : loops) {
      if (level.temporal[dim] > 1) *next++ = dim;
    }
  }

  void next_word() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    start_ = at_;
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) == 0) ++at_;
    word_ = text_.substr(start_, at_ - start_);
  }

  void fail(const std::string& expected) {
    constexpr std::size_t kMaxQuoted = 40;
    std::string quoted;
    for (char c : word_.substr(0, kMaxQuoted)) {
      quoted += std::isprint(static_cast<unsigned char>(c)) != 0 ? c : '?';
    }
    const std::string got = word_.empty() ? "the text ends" : "got \"" + quoted + "\"";
    result_.problems.push_back("mapping, character " + std::to_string(start_ + 1) + ": " + got +
                               "; " + expected);
  }

  std::string_view text_;
  const Accelerator& accelerator_;
  ParsedMapping result_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  std::string_view word_;
};

// "dram 6, scratchpad 8 (spatial 16), accumulator 1"
std::string factors_text(const Mapping& mapping, const Accelerator& accelerator, Dim dim) {
  std::string text;
  for (int l = accelerator.num_levels() - 1; l >= 0; --l) {
    const LevelMapping& level = mapping.levels[l];
    if (!text.empty()) text += ", ";
    text += accelerator.levels[l].name + " " + std::to_string(level.temporal[dim]);
    if (level.spatial[dim] != 1) text += " (spatial " + std::to_string(level.spatial[dim]) + ")";
  }
  return text;
}

std::optional<std::string> product_problem(const Mapping& mapping,
                                           const Layer& layer,
                                           const Accelerator& accelerator,
                                           Dim dim,
                                           bool may_exceed) {
  const std::int64_t product = factor_product(mapping, dim);
  const std::int64_t bound = layer.bounds[dim];
  if (product == bound || (may_exceed && product > bound)) return std::nullopt;
  return std::string(name(dim)) + " factors multiply to " +
         (product < 0 ? "more than 2^63" : std::to_string(product)) + " (" +
         factors_text(mapping, accelerator, dim) + "); expected " +
         (may_exceed ? "at least " : "") + "the layer's " + std::string(name(dim)) + " = " +
         std::to_string(bound);
}

// A factor over a block of what lies inside it runs at most ceil(bound / block) times.
std::optional<std::string> ceil_tiling_problem(const Mapping& mapping,
                                               const Layer& layer,
                                               const Accelerator& accelerator,
                                               Dim dim) {
  if (factor_product(mapping, dim) < 0) {
    return product_problem(mapping, layer, accelerator, dim, false);
  }
  const FactorSlots slots = factor_slots(mapping, dim);
  const std::int64_t bound = layer.bounds[dim];
  for (int i = 0; i < slots.size; ++i) {
    const FactorSlot& slot = slots[i];
    const std::int64_t most = (bound - 1) / slot.stride + 1;
    if (slot.factor <= most) continue;
    return std::string(name(dim)) + std::to_string(slot.factor) + (slot.is_spatial ? "X" : "") +
           " at " + accelerator.levels[slot.level].name + ": iterations without work, with " +
           std::to_string(slot.stride) + " inside it (" + factors_text(mapping, accelerator, dim) +
           "); expected at most ceil(" + std::to_string(bound) + " / " +
           std::to_string(slot.stride) + ") = " + std::to_string(most);
  }
  return product_problem(mapping, layer, accelerator, dim, true);
}

}  // namespace

bool is_perfect(const Mapping& mapping, const Layer& layer) {
  return tile(mapping, mapping.num_levels - 1) == layer.bounds;
}

std::int64_t factor_product(const Mapping& mapping, Dim dim) {
  std::int64_t product = 1;
  for (int l = 0; l < mapping.num_levels; ++l) {
    const LevelMapping& level = mapping.levels[l];
    if (__builtin_mul_overflow(product, level.temporal[dim], &product) ||
        __builtin_mul_overflow(product, level.spatial[dim], &product)) {
      return -1;
    }
  }
  return product;
}

std::string to_text(const Mapping& mapping, const Accelerator& accelerator) {
  std::string text;
  for (int l = accelerator.num_levels() - 1; l >= 0; --l) {
    const LevelMapping& level = mapping.levels[l];
    if (!text.empty()) text += " - ";
    text += level_label(accelerator, l);
    const std::size_t label_end = text.size();
    for (Dim dim : level.order) {
      if (level.temporal[dim] == 1) continue;
      text += " " + std::string(name(dim)) + std::to_string(level.temporal[dim]);
    }
    if (text.size() == label_end) text += " N1";
    for (Dim dim : kAllDims) {
      if (level.spatial[dim] == 1) continue;
      text += " " + std::string(name(dim)) + std::to_string(level.spatial[dim]) + "X";
    }
  }
  return text;
}

ParsedMapping parse_mapping(std::string_view text, const Accelerator& accelerator) {
  return MappingParser(text, accelerator).parse();
}

std::vector<std::string> problems(const Mapping& mapping,
                                  const Layer& layer,
                                  const Accelerator& accelerator,
                                  const Machine& machine,
                                  Factors factors) {
  std::vector<std::string> out;
  for (Dim dim : kAllDims) {
    const auto problem = factors == Factors::perfect
                             ? product_problem(mapping, layer, accelerator, dim, false)
                             : ceil_tiling_problem(mapping, layer, accelerator, dim);
    if (problem) out.push_back(*problem);
  }
  if (!out.empty()) return out;
  for (int l = 0; l < machine.num_levels; ++l) {
    for (Dim dim : kAllDims) {
      const std::int64_t factor = mapping.levels[l].spatial[dim];
      const std::int64_t limit = machine.spatial_limit[l][dim];
      if (factor <= limit) continue;
      out.push_back(std::string(name(dim)) + std::to_string(factor) + "X at " +
                    accelerator.levels[l].name + ": spatial factor " + std::to_string(factor) +
                    "; expected at most " + std::to_string(limit));
    }
  }
  const PerLevel<std::int64_t> needed = words_needed(mapping, layer, accelerator);
  for (int l = 0; l < machine.num_levels; ++l) {
    const std::int64_t capacity = machine.capacity_words[l];
    const bool limited =
        accelerator.levels[l].is_sized() || accelerator.levels[l].capacity_words > 0;
    if (!limited || needed[l] <= capacity) continue;
    out.push_back("tile of " + accelerator.levels[l].name + " needs " + std::to_string(needed[l]) +
                  " words" + (accelerator.levels[l].double_buffered ? " (double-buffered)" : "") +
                  "; expected at most " + std::to_string(capacity) + " per instance");
  }
  return out;
}

std::vector<std::string> rule_violations(const Mapping& mapping, const Accelerator& accelerator) {
  std::vector<std::string> out;
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const MappingRules& rules = accelerator.levels[l].rules;
    const LevelMapping& level = mapping.levels[l];
    const std::string where = " at " + accelerator.levels[l].name;
    for (Dim dim : kAllDims) {
      if (level.temporal[dim] == 1 || rules.temporal[dim]) continue;
      out.push_back(std::string(name(dim)) + " loop" + where +
                    ": not allowed by its mapping rules");
    }
    // Loops of bound above 1 must end with the `innermost` loops, in their order.
    std::vector<Dim> loops;
    for (Dim dim : level.order) {
      if (level.temporal[dim] > 1) loops.push_back(dim);
    }
    std::vector<Dim> tail;
    for (Dim dim : rules.innermost) {
      if (level.temporal[dim] > 1) tail.push_back(dim);
    }
    if (!std::equal(tail.rbegin(), tail.rend(), loops.rbegin())) {
      out.push_back("loop order" + where + ": breaks its innermost rule");
    }
  }
  return out;
}

}  // namespace masala::model
