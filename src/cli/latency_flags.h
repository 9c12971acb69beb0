// The latency model that a command was asked to use.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "learned/trained_model.h"
#include "model/accelerator.h"
#include "model/latency_model.h"

namespace masala::cli {

// roofline, calibrated, hybrid, dnn.
const std::vector<std::string>& latency_tiers();

// --model and --caution, for commands that search.
void add_model_flags(Arguments& arguments);

struct LoadedLatency {
  std::string tier;
  std::shared_ptr<const model::LatencyModel> model;  // null: the roofline
  std::optional<std::string> path;                   // of the file it was read from, for provenance
};

// The file of --model; without the flag the built-in model, where it fits the accelerator. Throws
// an InputError where there is none, or where the file's model is not for the accelerator.
struct LoadedModel {
  learned::TrainedModel trained;
  std::string path;
};
LoadedModel load_model(const Arguments& arguments,
                       const model::Accelerator& accelerator,
                       const std::string& tier);

// A tier of that model for a driver program, searches are for the clean one, and what the caches
// hold at the start: without `cache` as for the rows that the model was trained on.
LoadedLatency load_latency(const Arguments& arguments,
                           const model::Accelerator& accelerator,
                           const std::string& tier,
                           simulator::ProgramKind program = simulator::ProgramKind::clean,
                           std::optional<simulator::CacheState> cache = std::nullopt);

// --latency of evaluate: roofline, or with --model the hybrid, where it is not given.
std::string evaluate_tier(const Arguments& arguments);

// --caution; refused where no model tells how sure it is.
double caution_flag(const Arguments& arguments, bool uses_model);

}  // namespace masala::cli
