#include "masala/app/provenance.h"

#include <nlohmann/json.hpp>

#include "app/version.h"
#include "io/file.h"
#include "io/sha256.h"

namespace masala::app {
namespace {

std::string quoted(const std::string& word) {
  const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./:,@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string version() {
  return kVersion;
}

std::string torch_version() {
  return kTorchVersion;
}

std::string command_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + quoted(word);
  return text;
}

io::Provenance make_provenance(const std::string& command,
                               const std::vector<std::string>& input_paths) {
  io::Provenance provenance;
  provenance.version = kVersion;
  provenance.torch = kTorchVersion;
  provenance.command = command;
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

std::string provenance_text(const io::Provenance& provenance,
                            std::uint64_t seed,
                            const io::Origin& origin) {
  nlohmann::ordered_json json;
  json["schema"] = "masala.provenance/1";
  json["seed"] = seed;
  json.update(provenance_json(provenance));
  if (!origin.empty()) json["origin"] = origin;
  return json.dump(2) + "\n";
}

}  // namespace masala::app
