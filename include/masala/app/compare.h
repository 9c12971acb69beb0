// What a better latency model buys: one search per workload and model, one judge for all designs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "masala/app/comparison.h"
#include "masala/app/output.h"
#include "masala/app/search.h"
#include "masala/io/csv.h"
#include "masala/model/simulator.h"

namespace masala::app {

struct CompareRequest {
  RunOptions run;
  std::vector<std::string> workloads;  // built-in names or paths, of distinct workloads
  SearchSettings settings;
  std::vector<std::string> tiers = {kRoofline, "calibrated", "hybrid"};
  std::optional<std::string> model_path;  // empty: the built-in model, where it fits
  // What the caches hold before a layer, where the simulator judges.
  std::string cache = "carry";
  // A trace table of measured cycles that judges instead, by shape, hardware and mapping text.
  std::optional<std::string> judge_path;
  // Every design goes there as soon as it is found; with `resume`, those that the same search has
  // written before are taken from there.
  const OutputFolder* folder = nullptr;
  bool resume = false;
};

struct CompareResult {
  LoadedAccelerator loaded;
  std::vector<LoadedWorkload> workloads;
  std::vector<LoadedLatency> models;                  // one per tier
  std::shared_ptr<const model::Simulator> simulator;  // that judges; null: a table does
  Comparison comparison;                              // judged
};

// Throws Interrupted when stopped; designs found so far are in the folder. Throws an InputError for
// what cannot be searched or judged; with a folder, the rows that a table of measurements lacks are
// in its layers.csv then.
CompareResult compare(const CompareRequest& request, const Monitor& monitor);

// masala.compare/1
nlohmann::ordered_json compare_json(const CompareRequest& request, const CompareResult& result);

// Every layer of every design in the trace format; cycles that the judge does not know stay empty.
io::CsvTable compare_rows(const model::Accelerator& accelerator, const Comparison& comparison);

// "the simulator (clean program, carry caches)" or the measured table.
std::string judge_name(const CompareRequest& request, const CompareResult& result);

}  // namespace masala::app
