#include "masala/app/inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/data_dir.h"
#include "io/file.h"
#include "masala/io/accelerator_yaml.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"
#include "masala/io/workload_yaml.h"
#include "masala/targets/targets.h"

namespace masala::app {

LoadedAccelerator load_accelerator(const std::string& name_or_path) {
  const std::string path = io::resolve_data_path("accelerators", name_or_path);
  LoadedAccelerator loaded{io::read_accelerator(path), path, nullptr};
  loaded.target = &targets::target_of(loaded.accelerator);
  return loaded;
}

LoadedWorkload load_workload(const std::string& name_or_path, const model::Monitor& monitor) {
  const std::string path = io::resolve_data_path("workloads", name_or_path);
  io::Warnings warnings;
  LoadedWorkload loaded{io::read_workload(path, &warnings), path};
  monitor.warn_of(warnings);
  return loaded;
}

void check_fixed(const std::vector<model::FixedValue>& fixed,
                 const model::Accelerator& accelerator) {
  for (const model::FixedValue& value : fixed) {
    if (model::hardware_range(accelerator, value.key) == nullptr) {
      const std::vector<std::string> keys = model::hardware_keys(accelerator);
      throw io::InputError(fmt::format("--fix {}: unknown hardware key; expected one of {}{}",
                                       value.key,
                                       fmt::join(keys, ", "),
                                       io::did_you_mean(value.key, keys)));
    }
    if (value.value < 1.0 || value.value > static_cast<double>(model::kMaxBound)) {
      throw io::InputError(fmt::format("--fix {}: got {:.0f}; expected an integer from 1 to {}",
                                       value.key,
                                       value.value,
                                       model::kMaxBound));
    }
  }
}

std::vector<std::string> program_names() {
  return targets::program_names();
}

std::vector<std::string> cache_state_names() {
  return targets::cache_state_names();
}

std::string plot_library() {
  return io::read_file(io::find_data_file("web/chart.umd.min.js"));
}

}  // namespace masala::app
