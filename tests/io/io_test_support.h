// Temporary folders, errors as text, and where data lies.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

#include "masala/io/input_error.h"

namespace masala::io {

// A new folder, removed with its content.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "masala-io-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }

  std::string path() const { return path_; }
  std::string file(const std::string& name) const { return path_ / name; }
  std::size_t num_entries() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) count += entry.exists();
    return count;
  }

 private:
  std::filesystem::path path_;
};

inline void put(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

inline std::string get(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

// The text of the InputError that `action` throws.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no InputError";
}

inline std::string data_path(const std::string& name) {
  return std::string(MASALA_SOURCE_DATA_DIR) + "/" + name;
}

// A file of the reference data, which is not part of the source tree; empty where it is absent.
inline std::string reference_path(const std::string& name) {
  const char* folder = std::getenv("MASALA_REFERENCE_DIR");
  const std::string path =
      std::string(folder != nullptr ? folder : MASALA_REFERENCE_DIR) + "/" + name;
  return std::filesystem::exists(path) ? path : "";
}

}  // namespace masala::io
