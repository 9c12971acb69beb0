// What produced a result: the command, versions, hashes of the inputs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "masala/app/run_options.h"
#include "masala/io/design_json.h"
#include "masala/io/growing_table.h"

namespace masala::app {

std::string version();        // of Masala
std::string torch_version();  // of the LibTorch it was built with

// The words of a command line, the program's name first, as a shell would take them back.
std::string command_text(const std::vector<std::string>& words);

io::Provenance make_provenance(const std::string& command,
                               const std::vector<std::string>& input_paths);

// {version, torch, command, inputs: {path: sha256}}
nlohmann::ordered_json provenance_json(const io::Provenance& provenance);

// What stands next to a table: masala.provenance/1. `origin`: what decides the rows of one that can
// be resumed.
std::string provenance_text(const io::Provenance& provenance,
                            std::uint64_t seed,
                            const io::Origin& origin = {});

}  // namespace masala::app
