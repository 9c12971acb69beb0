// The latency model that a use case was asked to use.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "masala/app/inputs.h"
#include "masala/model/latency_model.h"
#include "masala/model/roofline.h"

namespace masala::app {

inline constexpr const char* kRoofline = "roofline";
inline constexpr const char* kCyclesColumn = "target.gemmini_cycle";

// roofline, calibrated, hybrid, dnn.
const std::vector<std::string>& latency_tiers();

struct LatencyChoice {
  std::string tier = kRoofline;
  std::optional<std::string> model_path;  // empty: the built-in model, where it fits
};

struct LoadedLatency {
  std::string tier = kRoofline;
  std::shared_ptr<const model::LatencyModel> model = model::roofline();
  std::optional<std::string> path;  // of the file it was read from, for provenance

  // Whether it was trained, and says how sure it is.
  bool is_trained() const { return !model::is_roofline(*model); }
};

// For a driver program, by default the usual one, which searches are for, and what the caches hold
// at the start: by default as for the rows that the model was trained on. Throws an InputError
// where there is no model, or where the file's is not for the accelerator.
LoadedLatency load_latency(const LatencyChoice& choice,
                           const LoadedAccelerator& loaded,
                           const std::optional<std::string>& program = std::nullopt,
                           const std::optional<std::string>& cache = std::nullopt);

}  // namespace masala::app
