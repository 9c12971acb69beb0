#include "cli/provenance.h"

#include <filesystem>

#include <nlohmann/json.hpp>

#include "cli/version.h"
#include "io/accelerator_yaml.h"
#include "io/data_dir.h"
#include "io/file.h"
#include "io/sha256.h"
#include "io/workload_yaml.h"

namespace masala::cli {
namespace {

std::string quoted(const std::string& word) {
  const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./:,@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string command_text(const std::vector<std::string>& words) {
  std::string text = "masala";
  for (const std::string& word : words) text += " " + quoted(word);
  return text;
}

io::Provenance make_provenance(const std::vector<std::string>& words,
                               const std::vector<std::string>& input_paths) {
  io::Provenance provenance;
  provenance.version = kVersion;
  provenance.torch = kTorchVersion;
  provenance.command = command_text(words);
  for (const std::string& path : input_paths)
    provenance.inputs[path] = io::sha256_hex(io::read_file(path));
  return provenance;
}

nlohmann::ordered_json provenance_json(const io::Provenance& provenance) {
  return {{"version", provenance.version},
          {"torch", provenance.torch},
          {"command", provenance.command},
          {"inputs", provenance.inputs}};
}

void write_provenance(const std::string& path,
                      const io::Provenance& provenance,
                      std::uint64_t seed) {
  if (!std::filesystem::is_regular_file(path)) return;
  nlohmann::ordered_json json;
  json["schema"] = "masala.provenance/1";
  json["seed"] = seed;
  json.update(provenance_json(provenance));
  io::write_file_atomically(path + ".provenance.json", json.dump(2) + "\n");
}

LoadedAccelerator load_accelerator(const std::string& name_or_path) {
  const std::string path = io::resolve_data_path("accelerators", name_or_path);
  return {io::read_accelerator(path), path};
}

LoadedWorkload load_workload(const std::string& name_or_path) {
  const std::string path = io::resolve_data_path("workloads", name_or_path);
  return {io::read_workload(path), path};
}

}  // namespace masala::cli
