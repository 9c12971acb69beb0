#include "cli/latency_flags.h"

#include <fmt/format.h>

#include "io/input_error.h"

namespace masala::cli {
namespace {

constexpr const char* kRoofline = "roofline";

}  // namespace

const std::vector<std::string>& latency_tiers() {
  static const std::vector<std::string> kTiers = {kRoofline, "calibrated", "hybrid", "dnn"};
  return kTiers;
}

LoadedLatency load_latency(const Arguments& /*arguments*/,
                           const model::Accelerator& accelerator,
                           const std::string& tier) {
  if (tier == kRoofline) return {tier, nullptr, std::nullopt};
  throw io::InputError(
      fmt::format("--latency {}: no trained model for accelerator {}; expected one in --model FILE",
                  tier,
                  accelerator.name));
}

double caution_flag(const Arguments& arguments, bool uses_model) {
  const auto caution = arguments.non_negative("caution");
  if (caution && !uses_model) {
    arguments.fail("--caution goes with a latency model that was trained; expected --latency too");
  }
  return caution.value_or(0.0);
}

}  // namespace masala::cli
