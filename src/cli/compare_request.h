// What `masala compare` was asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/latency_flags.h"
#include "cli/provenance.h"
#include "search/searcher.h"
#include "simulator/simulate.h"

namespace masala::cli {

struct CompareRequest {
  Words command;  // for provenance
  CommonFlags flags;
  std::string accelerator_word;  // as given: a name or a path
  LoadedAccelerator loaded;
  std::vector<std::string> workload_words;
  std::vector<LoadedWorkload> workloads;
  std::vector<LoadedLatency> models;  // in the order asked for
  const search::Method* method = nullptr;
  search::SearchOptions options;
  search::Problem problem;  // of every search, but for workload, latency model and caution
  double caution = 0.0;     // where a latency model is used
  simulator::SimulateOptions simulate;
  std::optional<std::string> judge_path;  // measured cycles; otherwise the simulator judges
  bool resume = false;
};

// The search of one workload under one latency model.
search::Problem problem_of(const CompareRequest& request, std::size_t workload, std::size_t model);

// "DIR/bert.roofline.design.json"; nullopt without --output.
std::optional<std::string> design_path(const CompareRequest& request,
                                       const std::string& workload,
                                       const std::string& model);

}  // namespace masala::cli
