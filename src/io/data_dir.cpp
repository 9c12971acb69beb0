#include "io/data_dir.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "masala/io/input_error.h"
#include "masala/io/text.h"

namespace masala::io {
namespace {

namespace fs = std::filesystem;

bool is_yaml(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

}  // namespace

std::vector<std::string> data_directories() {
  std::vector<std::string> folders;
  const char* from_environment = std::getenv("MASALA_DATA_DIR");
  if (from_environment != nullptr && *from_environment != '\0') {
    folders.emplace_back(from_environment);
  }
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (!error) folders.push_back(executable.parent_path().parent_path() / "share" / "masala");
  folders.emplace_back(MASALA_SOURCE_DATA_DIR);
  return folders;
}

std::vector<DataFile> builtin_files(std::string_view kind) {
  std::vector<DataFile> files;
  const auto is_known = [&](const std::string& name) {
    return std::any_of(
        files.begin(), files.end(), [&](const auto& file) { return file.name == name; });
  };
  for (const std::string& folder : data_directories()) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / kind, error)) {
      const std::string name = entry.path().stem();
      if (!is_yaml(entry.path()) || !entry.is_regular_file(error) || is_known(name)) continue;
      files.push_back({name, entry.path()});
    }
  }
  std::sort(
      files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

std::string find_data_file(const std::string& relative_path) {
  for (const std::string& folder : data_directories()) {
    const fs::path path = fs::path(folder) / relative_path;
    std::error_code error;
    if (fs::is_regular_file(path, error)) return path;
  }
  throw InputError(
      fmt::format("{}: not found in the data folders ({}); expected an intact installation",
                  relative_path,
                  fmt::join(data_directories(), ", ")));
}

std::vector<std::string> builtin_names(std::string_view kind) {
  std::vector<std::string> names;
  for (const DataFile& file : builtin_files(kind)) names.push_back(file.name);
  return names;
}

std::string resolve_data_path(std::string_view kind, const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos || is_yaml(name_or_path)) return name_or_path;
  const std::vector<DataFile> files = builtin_files(kind);
  std::vector<std::string> names;
  for (const DataFile& file : files) {
    if (file.name == name_or_path) return file.path;
    names.push_back(file.name);
  }
  if (names.empty()) {
    throw InputError(
        fmt::format("{}: no built-in {} found in {}; expected MASALA_DATA_DIR to name the data "
                    "folder, or the path of a .yaml file",
                    shown(name_or_path),
                    kind,
                    fmt::join(data_directories(), ", ")));
  }
  throw InputError(
      fmt::format("{}: not among the built-in {}; expected {}, or the path of a .yaml file{}",
                  shown(name_or_path),
                  kind,
                  fmt::join(names, ", "),
                  did_you_mean(name_or_path, names)));
}

}  // namespace masala::io
