// Consistency of an accelerator description.
#include "masala/model/accelerator.h"

#include <set>

namespace masala::model {
namespace {

using Problems = std::vector<std::string>;

std::string level_path(int level) {
  return "levels[" + std::to_string(level) + "]";
}

void check_range(const std::string& path, const Range& range, Problems& out) {
  if (range.step < 1)
    out.push_back(path + ".step: got " + std::to_string(range.step) + "; expected >= 1");
  if (range.min < 1)
    out.push_back(path + ".min: got " + std::to_string(range.min) + "; expected >= 1");
  if (range.max < range.min) {
    out.push_back(path + ".max: got " + std::to_string(range.max) + "; expected >= min, " +
                  std::to_string(range.min));
    return;
  }
  if (range.powers_of_two && (range.min & (range.min - 1)) != 0) {
    out.push_back(path + ".min: got " + std::to_string(range.min) +
                  "; expected a power of two, as powers_of_two asks");
  }
  if (!range.contains(range.fallback)) {
    out.push_back(path + ".default: got " + std::to_string(range.fallback) +
                  "; expected a value of the range and its step");
  }
}

void check_level(const Accelerator& accelerator, int l, Problems& out) {
  const Level& level = accelerator.levels[l];
  const std::string path = level_path(l);
  const bool outermost = l + 1 == accelerator.num_levels();
  bool keeps_any = false;
  for (Operand operand : kAllOperands) {
    keeps_any = keeps_any || level.keeps[operand];
    if (outermost && !level.keeps[operand]) {
      out.push_back(path + ".keeps: " + std::string(name(operand)) +
                    " missing; expected all operands at the outermost level");
    }
  }
  if (!keeps_any) out.push_back(path + ".keeps: empty; expected at least one operand");
  if (outermost && (level.is_sized() || level.capacity_words > 0)) {
    out.push_back(path + ".capacity: given; expected none at the outermost level");
  }
  if (!outermost && !level.is_sized() && level.capacity_words == 0) {
    out.push_back(path + ".capacity: missing; expected {words: ...} or {kib: ...}");
  }
  if (level.energy.linear_sram && !level.is_sized()) {
    out.push_back(path + ".energy.linear_sram: needs a capacity in kib; expected per_access_pj");
  }
  if (l == 0 && !level.spatial.empty()) {
    out.push_back(path + ".spatial: the innermost level has no level below; expected no fan-out");
  }
  if (level.word_bits < 1) out.push_back(path + ".word_bits: expected >= 1");
  if (!(level.instances.factor > 0.0)) out.push_back(path + ".instances: expected > 0");
  if (!(level.block_words.factor > 0.0)) out.push_back(path + ".block_words: expected > 0");
  if (level.bandwidth_words_per_cycle && !(level.bandwidth_words_per_cycle->factor > 0.0)) {
    out.push_back(path + ".bandwidth_words_per_cycle: expected > 0");
  }
  for (const SpatialDim& spatial : level.spatial) {
    if (!(spatial.limit.factor > 0.0)) {
      out.push_back(path + ".spatial." + std::string(name(spatial.dim)) + ": expected > 0");
    }
  }
  if (level.kib) check_range(path + ".capacity.kib", *level.kib, out);
  std::set<Dim> seen;
  for (const SpatialDim& spatial : level.spatial) {
    if (!seen.insert(spatial.dim).second) {
      out.push_back(path + ".spatial: " + std::string(name(spatial.dim)) + " given twice");
    }
  }
  seen.clear();
  for (Dim dim : level.rules.innermost) {
    if (!seen.insert(dim).second) {
      out.push_back(path + ".mapping.innermost: " + std::string(name(dim)) + " given twice");
    }
    if (!level.rules.temporal[dim]) {
      out.push_back(path + ".mapping.innermost: " + std::string(name(dim)) +
                    " is not among the temporal dimensions of this level");
    }
  }
}

void check_names(const Accelerator& accelerator, Problems& out) {
  std::set<std::string> names;
  for (const std::string& key : hardware_keys(accelerator)) {
    if (!names.insert(key).second) out.push_back("hardware key " + key + " is defined twice");
  }
  names.clear();
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    if (!names.insert(accelerator.levels[l].name).second) {
      out.push_back(level_path(l) + ".name: " + accelerator.levels[l].name +
                    " given twice; expected distinct level names");
    }
  }
  for (std::size_t t = 0; t < accelerator.area.size(); ++t) {
    for (const auto& [key, exponent] : accelerator.area[t].exponents) {
      if (hardware_range(accelerator, key) != nullptr) continue;
      out.push_back("area[" + std::to_string(t) + "]." + key +
                    ": unknown hardware key; expected a parameter or <level>_kib");
    }
  }
}

void check_program(const Accelerator& accelerator, Problems& out) {
  if (!accelerator.program) return;
  std::set<std::string> seen;
  for (const auto& [key, value] : accelerator.program->measured_hardware) {
    const std::string path = "program.measured_hardware." + key;
    if (hardware_range(accelerator, key) == nullptr) {
      out.push_back(path + ": unknown hardware key; expected a parameter or <level>_kib");
    }
    if (!(value > 0.0)) out.push_back(path + ": expected > 0");
    if (!seen.insert(key).second) out.push_back(path + ": given twice");
  }
}

}  // namespace

std::vector<std::string> problems(const Accelerator& accelerator) {
  Problems out;
  if (accelerator.num_levels() < 2 || accelerator.num_levels() > kMaxLevels) {
    out.push_back("levels: got " + std::to_string(accelerator.num_levels()) + "; expected 2 to " +
                  std::to_string(kMaxLevels) + " levels, inner to outer");
    return out;
  }
  for (const Parameter& parameter : accelerator.parameters) {
    check_range("parameters." + parameter.name, parameter.range, out);
  }
  for (int l = 0; l < accelerator.num_levels(); ++l) check_level(accelerator, l, out);
  check_names(accelerator, out);
  check_program(accelerator, out);
  return out;
}

}  // namespace masala::model
