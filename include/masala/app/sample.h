// Drawing mappings worth measuring or simulating.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "masala/app/inputs.h"
#include "masala/app/latency.h"
#include "masala/app/run_options.h"
#include "masala/io/csv.h"
#include "masala/io/design_json.h"

namespace masala::app {

struct SampleRequest {
  RunOptions run;
  std::string accelerator;             // built-in name or path
  std::vector<std::string> workloads;  // the same; layers of one shape are taken once
  std::vector<model::FixedValue> fixed;
  std::optional<std::string> program;  // empty: the usual one, where there is a driver
  model::Factors factors = model::Factors::perfect;
  std::int64_t count = 100;          // rows
  std::optional<std::int64_t> best;  // draw among so many best mappings of each layer,
  LatencyChoice latency;             // as this model tells
  bool tile_headers = false;         // C headers, too: needs a driver
};

struct SampleResult {
  io::CsvTable rows;
  std::size_t layers = 0;                      // of distinct shapes
  std::size_t repeated = 0;                    // rows that repeat a mapping
  std::map<std::string, std::string> headers;  // file name -> content, one per workload
  io::Provenance provenance;
};

// Throws an InputError where nothing can be drawn; Interrupted when stopped.
SampleResult sample(const SampleRequest& request, const Monitor& monitor);

}  // namespace masala::app
