#include "masala/app/latency.h"

#include <fmt/format.h>

#include "io/data_dir.h"
#include "io/model_file.h"
#include "masala/io/input_error.h"
#include "masala/learned/trained_model.h"

namespace masala::app {
namespace {

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

LoadedModel load_model(const LatencyChoice& choice, const LoadedAccelerator& loaded) {
  const model::Accelerator& accelerator = loaded.accelerator;
  if (choice.model_path) {
    return {io::read_model(*choice.model_path, accelerator).trained, *choice.model_path};
  }
  if (!loaded.target->has_driver()) fail_without_model(choice.tier, accelerator);
  const std::string path =
      io::find_data_file(fmt::format("models/{}.masala", loaded.target->name()));
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
                           const LoadedAccelerator& loaded,
                           const std::optional<std::string>& program,
                           const std::optional<std::string>& cache) {
  if (choice.tier == kRoofline) return {choice.tier, model::roofline(), std::nullopt};
  const LoadedModel file = load_model(choice, loaded);
  const model::RunConditions conditions = {program.value_or(loaded.target->programs().front()),
                                           cache.value_or(file.trained.conditions.cache)};
  return {choice.tier,
          learned::make_latency(file.trained, choice.tier, loaded.accelerator, conditions),
          file.path};
}

}  // namespace masala::app
