// The latency model that a command was asked to use.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "model/accelerator.h"
#include "model/latency_model.h"

namespace masala::cli {

// roofline, calibrated, hybrid, dnn.
const std::vector<std::string>& latency_tiers();

struct LoadedLatency {
  std::string tier;
  std::shared_ptr<const model::LatencyModel> model;  // null: the roofline
  std::optional<std::string> path;                   // of the file it was read from, for provenance
};

// The model of a tier for the accelerator, from the file of --model. Throws an InputError where a
// tier needs a file and none is given, or where the file's model is not for the accelerator.
LoadedLatency load_latency(const Arguments& arguments,
                           const model::Accelerator& accelerator,
                           const std::string& tier);

// --caution; refused where no model tells how sure it is.
double caution_flag(const Arguments& arguments, bool uses_model);

}  // namespace masala::cli
