#include "cli/latency_flags.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "io/data_dir.h"
#include "io/input_error.h"
#include "io/model_file.h"

namespace masala::cli {
namespace {

constexpr const char* kRoofline = "roofline";
constexpr const char* kBuiltinModel = "models/gemmini.masala";

[[noreturn]] void fail_without_model(const std::string& tier,
                                     const model::Accelerator& accelerator) {
  throw io::InputError(fmt::format(
      "--latency {}: no model for accelerator {} is built in; expected one in --model FILE (masala "
      "train makes it)",
      tier,
      accelerator.name));
}

}  // namespace

const std::vector<std::string>& latency_tiers() {
  static const std::vector<std::string> kTiers = {kRoofline, "calibrated", "hybrid", "dnn"};
  return kTiers;
}

void add_model_flags(Arguments& arguments) {
  arguments.add("Model",
                "model",
                "trained model, for the others than roofline (the built-in one of Gemmini)",
                "FILE");
  arguments.add("Model",
                "caution",
                "minimise with cycles this many standard deviations above the mean (0)",
                "K");
}

LoadedModel load_model(const Arguments& arguments,
                       const model::Accelerator& accelerator,
                       const std::string& tier) {
  if (const auto path = arguments.text("model")) {
    return {io::read_model(*path, accelerator).trained, *path};
  }
  if (!learned::has_gemmini_driver(accelerator)) fail_without_model(tier, accelerator);
  const std::string path = io::find_data_file(kBuiltinModel);
  try {
    return {io::read_model(path, accelerator).trained, path};
  } catch (const io::InputError&) {
    fail_without_model(tier, accelerator);  // the built-in one is of other levels
  }
}

LoadedLatency load_latency(const Arguments& arguments,
                           const model::Accelerator& accelerator,
                           const std::string& tier,
                           simulator::ProgramKind program,
                           std::optional<simulator::CacheState> cache) {
  if (tier == kRoofline) return {tier, nullptr, std::nullopt};
  const LoadedModel loaded = load_model(arguments, accelerator, tier);
  return {tier,
          learned::make_latency(
              loaded.trained, tier, accelerator, program, cache.value_or(loaded.trained.cache)),
          loaded.path};
}

std::string evaluate_tier(const Arguments& arguments) {
  const auto tier = arguments.choice("latency", latency_tiers());
  if (tier == kRoofline && arguments.has("model")) {
    arguments.fail(
        "--model goes with a latency model that was trained; expected another --latency");
  }
  return tier.value_or(arguments.has("model") ? "hybrid" : kRoofline);
}

double caution_flag(const Arguments& arguments, bool uses_model) {
  const auto caution = arguments.non_negative("caution");
  if (caution && !uses_model) {
    arguments.fail("--caution goes with a latency model that was trained; expected --latency too");
  }
  return caution.value_or(0.0);
}

}  // namespace masala::cli
