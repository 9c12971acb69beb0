// Designs as files: `masala.design/1` (docs/formats.md), as JSON.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "masala/io/field_description.h"
#include "masala/model/accelerator.h"
#include "masala/model/cost.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

namespace masala::io {

inline constexpr std::string_view kDesignSchema = "masala.design/1";

// How far a latency model's cycles can be trusted.
struct Confidence {
  double cycles_log_std = 0.0;  // standard deviation of ln cycles
  bool in_range = true;         // false where the model extrapolates
};

// Of one execution of one layer (one group).
struct LayerResult {
  double cycles = 0.0;
  double energy_uj = 0.0;
  std::string bottleneck;                // of the roofline: a level's name, or "compute"
  std::optional<Confidence> confidence;  // where a latency model predicted the cycles
};

// Of the whole workload, every execution counted.
struct DesignTotals {
  double cycles = 0.0;
  double energy_uj = 0.0;
  double edp_uj_cycles = 0.0;
  std::optional<double> area_mm2;  // where the accelerator has an area model
};

// The file that a design's trained latency model was read from.
struct LatencyFile {
  std::string path;
  std::string sha256;
};

struct SearchRecord {
  std::string method;
  std::uint64_t seed = 0;
  int starts = 0;
  std::int64_t evaluations = 0;
  double seconds = 0.0;
  std::vector<std::pair<std::int64_t, double>> history;  // evaluations, best objective so far
  bool interrupted = false;                              // ended early, by a signal
};

// The certified optimum of the objective, and how far above it the design is.
struct DesignBound {
  double value = 0.0;  // in the unit of the design's objective
  double gap_percent = 0.0;
};

struct Provenance {
  std::string version;
  std::string torch;
  std::string command;
  std::map<std::string, std::string> inputs;  // path -> SHA-256
};

struct DesignFile {
  model::Workload workload;
  std::string accelerator_name;
  std::string accelerator_sha256;
  model::Hardware hardware;
  std::string latency_model;
  std::optional<LatencyFile> latency_file;  // where the model was read from a file
  std::string objective;
  DesignTotals totals;
  std::vector<model::Mapping> mappings;  // one per layer of the workload
  std::vector<LayerResult> results;      // one per layer of the workload
  SearchRecord search;
  std::optional<DesignBound> bound;
  Provenance provenance;
};

// Numbers are written so that reading gives the same double; integral ones without a fraction.
nlohmann::ordered_json to_json(const DesignFile& design, const model::Accelerator& accelerator);

// How the machine that a design is read for may differ from the one it was made for.
struct DesignTarget {
  // Values in place of the file's, before mappings are checked against the hardware.
  std::vector<model::FixedValue> fixed;
  // Also an accelerator of another name, as long as it has the same hardware keys and levels.
  bool is_any_accelerator = false;
};

// Checks that the hardware and every mapping are of the accelerator and fit; `factors` says which
// of them may multiply to more than a bound. Costs are read, not recomputed.
DesignFile read_design(const std::string& path,
                       const model::Accelerator& accelerator,
                       model::Factors factors = model::Factors::perfect,
                       const DesignTarget& target = {});
DesignFile parse_design(const std::string& text,
                        const std::string& path,
                        const model::Accelerator& accelerator,
                        model::Factors factors = model::Factors::perfect,
                        const DesignTarget& target = {});

// The accelerator that a design file names, to know which one to read it with.
std::string design_accelerator_name(const std::string& path);

std::vector<FieldDescription> describe_designs();

}  // namespace masala::io
