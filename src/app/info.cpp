#include "masala/app/info.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "io/data_dir.h"
#include "io/file.h"
#include "io/model_file.h"
#include "masala/app/inputs.h"
#include "masala/io/accelerator_yaml.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"
#include "masala/io/workload_yaml.h"

namespace masala::app {
namespace {

bool ends_with(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

bool is_builtin(std::string_view kind, const std::string& name) {
  const std::vector<std::string> names = io::builtin_names(kind);
  return std::find(names.begin(), names.end(), name) != names.end();
}

[[noreturn]] void fail_unknown(const std::string& name) {
  std::vector<std::string> names = io::builtin_names("accelerators");
  for (std::string& other : io::builtin_names("workloads")) names.push_back(std::move(other));
  throw io::InputError(fmt::format(
      "{}: neither built in nor a file; expected a name that `masala info accelerators` or "
      "`masala info workloads` lists, or a path{}",
      io::shown(name),
      io::did_you_mean(name, names)));
}

DesignInfo describe_design(const std::string& path) {
  DesignInfo info;
  info.accelerator = load_accelerator(io::design_accelerator_name(path)).accelerator;
  info.design = io::read_design(path, info.accelerator);
  return info;
}

}  // namespace

std::vector<NamedAccelerator> builtin_accelerators() {
  std::vector<NamedAccelerator> accelerators;
  for (const io::DataFile& file : io::builtin_files("accelerators"))
    accelerators.push_back({file.name, io::read_accelerator(file.path)});
  return accelerators;
}

std::vector<NamedWorkload> builtin_workloads() {
  std::vector<NamedWorkload> workloads;
  for (const io::DataFile& file : io::builtin_files("workloads"))
    workloads.push_back({file.name, io::read_workload(file.path)});
  return workloads;
}

Description describe(const std::string& name_or_path, const model::Monitor& monitor) {
  if (is_builtin("accelerators", name_or_path)) return load_accelerator(name_or_path).accelerator;
  if (is_builtin("workloads", name_or_path)) return load_workload(name_or_path, monitor).workload;
  if (ends_with(name_or_path, ".csv")) return TableInfo{io::read_csv(name_or_path)};
  std::error_code ignored;
  const bool looks_like_a_path = name_or_path.find_first_of("/.") != std::string::npos;
  if (!looks_like_a_path && !std::filesystem::exists(name_or_path, ignored))
    fail_unknown(name_or_path);
  const std::string text = io::read_file(name_or_path);
  if (io::is_model_text(text)) return ModelInfo{io::model_about(text, name_or_path)};
  if (text.find("masala.design/") != std::string::npos) return describe_design(name_or_path);
  // Of the two kinds of YAML, only an accelerator has levels.
  if (text.find("levels:") != std::string::npos) return io::read_accelerator(name_or_path);
  io::Warnings warnings;
  model::Workload workload = io::read_workload(name_or_path, &warnings);
  monitor.warn_of(warnings);
  return workload;
}

}  // namespace masala::app
