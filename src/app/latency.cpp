#include "app/latency.h"

#include <fmt/format.h>

#include "io/data_dir.h"
#include "io/input_error.h"
#include "io/model_file.h"

namespace masala::app {
namespace {

constexpr const char* kBuiltinModel = "models/gemmini.masala";

[[noreturn]] void fail_without_model(const std::string& tier,
                                     const model::Accelerator& accelerator) {
  throw io::InputError(fmt::format(
      "--latency {}: no model for accelerator {} is built in; expected one in --model FILE (masala "
      "train makes it)",
      tier,
      accelerator.name));
}

struct LoadedModel {
  learned::TrainedModel trained;
  std::string path;
};

LoadedModel load_model(const LatencyChoice& choice, const model::Accelerator& accelerator) {
  if (choice.model_path) {
    return {io::read_model(*choice.model_path, accelerator).trained, *choice.model_path};
  }
  if (!learned::has_gemmini_driver(accelerator)) fail_without_model(choice.tier, accelerator);
  const std::string path = io::find_data_file(kBuiltinModel);
  try {
    return {io::read_model(path, accelerator).trained, path};
  } catch (const io::InputError&) {
    fail_without_model(choice.tier, accelerator);  // the built-in one is of other levels
  }
}

}  // namespace

const std::vector<std::string>& latency_tiers() {
  static const std::vector<std::string> kTiers = {kRoofline, "calibrated", "hybrid", "dnn"};
  return kTiers;
}

LoadedLatency load_latency(const LatencyChoice& choice,
                           const model::Accelerator& accelerator,
                           simulator::ProgramKind program,
                           std::optional<simulator::CacheState> cache) {
  if (choice.tier == kRoofline) return {choice.tier, model::roofline(), std::nullopt};
  const LoadedModel loaded = load_model(choice, accelerator);
  return {
      choice.tier,
      learned::make_latency(
          loaded.trained, choice.tier, accelerator, program, cache.value_or(loaded.trained.cache)),
      loaded.path};
}

}  // namespace masala::app
