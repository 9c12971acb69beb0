// Where the accelerators, workloads and models that come with Masala lie.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace masala::io {

struct DataFile {
  std::string name;  // as the user writes it: "resnet50"
  std::string path;
};

// Folders that may hold data, in the order of precedence: MASALA_DATA_DIR, share/masala next to the
// executable's folder, the source tree.
std::vector<std::string> data_directories();

// The YAML files of a kind ("accelerators", "workloads") in these folders, sorted by name.
std::vector<DataFile> builtin_files(std::string_view kind);
std::vector<std::string> builtin_names(std::string_view kind);

// The path of a file below the data folders ("web/chart.umd.min.js").
std::string find_data_file(const std::string& relative_path);

// The path of a built-in name; anything with a '/' or a .yaml or .yml suffix is a path already.
std::string resolve_data_path(std::string_view kind, const std::string& name_or_path);

}  // namespace masala::io
