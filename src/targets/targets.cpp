#include "masala/targets/targets.h"

#include <algorithm>

#include "targets/gemmini/gemmini_target.h"
#include "targets/roofline/roofline_target.h"

namespace masala::targets {
namespace {

std::vector<std::string> names_of(std::vector<std::string> (model::Target::*names)() const) {
  std::vector<std::string> all;
  for (const model::Target* target : all_targets()) {
    if (!target->has_driver()) continue;
    for (std::string& name : (target->*names)()) {
      if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(std::move(name));
    }
  }
  return all;
}

std::string driver_names() {
  std::string names;
  for (const model::Target* target : all_targets()) {
    if (target->has_driver()) names += (names.empty() ? "" : " or ") + std::string(target->name());
  }
  return names;
}

}  // namespace

const std::vector<const model::Target*>& all_targets() {
  static const std::vector<const model::Target*> kTargets = {&gemmini::target(),
                                                             &roofline_target()};
  return kTargets;
}

const model::Target* find_target(std::string_view name) {
  for (const model::Target* target : all_targets()) {
    if (target->name() == name) return target;
  }
  return nullptr;
}

const model::Target& target_of(const model::Accelerator& accelerator) {
  if (!program_problems(accelerator, "").empty()) return roofline_target();
  return *find_target(accelerator.program->driver);
}

std::vector<std::string> program_problems(const model::Accelerator& accelerator,
                                          const std::string& program) {
  if (!accelerator.program) {
    return {"program: missing; expected {driver: " + driver_names() +
            "}: only machines with a known driver can be simulated"};
  }
  const std::string& driver = accelerator.program->driver;
  const model::Target* target = find_target(driver);
  if (target == nullptr || !target->has_driver())
    return {"program.driver: got " + driver + "; expected " + driver_names()};
  return target->problems(accelerator, program.empty() ? target->programs().front() : program);
}

std::vector<std::string> program_names() {
  return names_of(&model::Target::programs);
}

std::vector<std::string> cache_state_names() {
  return names_of(&model::Target::cache_states);
}

std::string trace_column(const std::string& parameter) {
  for (const model::Target* target : all_targets()) {
    if (const auto column = target->trace_column(parameter)) return *column;
  }
  return "arch." + parameter;
}

}  // namespace masala::targets
