// What produced a result: command line, versions, hashes of the inputs.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "io/design_json.h"
#include "model/accelerator.h"
#include "model/layer.h"

namespace masala::cli {

// Command-line words as a shell would take them back.
std::string command_text(const std::vector<std::string>& words);

io::Provenance make_provenance(const std::vector<std::string>& words,
                               const std::vector<std::string>& input_paths);

// {version, torch, command, inputs: {path: sha256}}
nlohmann::ordered_json provenance_json(const io::Provenance& provenance);

// Next to a CSV result: `<path>.provenance.json`, with the seed. Not for pipes and devices.
void write_provenance(const std::string& path,
                      const io::Provenance& provenance,
                      std::uint64_t seed);

struct LoadedAccelerator {
  model::Accelerator accelerator;
  std::string path;
};
LoadedAccelerator load_accelerator(const std::string& name_or_path);

struct LoadedWorkload {
  model::Workload workload;
  std::string path;
};
LoadedWorkload load_workload(const std::string& name_or_path);

}  // namespace masala::cli
